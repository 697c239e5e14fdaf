//! PNG, JPEG and GIF, walked from end to end without decoding: a picture must be whole, say how
//! large it is, and end where it ends. Bytes behind the end are how a file is two things at once.

/// Width and height, or what is wrong with the file.
pub type Measured = Result<(u32, u32), String>;

/// A reader over bytes that refuses to read past their end.
pub struct Walk<'a> {
    rest: &'a [u8],
    name: &'static str,
}

impl<'a> Walk<'a> {
    /// Over `bytes`, which `name` is said to be.
    pub fn new(name: &'static str, bytes: &'a [u8]) -> Self {
        Walk { rest: bytes, name }
    }

    /// The next `count` bytes.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let (taken, rest) = self
            .rest
            .split_at_checked(count)
            .ok_or_else(|| format!("is a {} that breaks off; send the whole file", self.name))?;
        self.rest = rest;
        Ok(taken)
    }

    /// The next bytes as an array.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let taken = self.take(N)?;
        Ok(std::array::from_fn(|i| taken[i]))
    }

    /// The next byte.
    pub fn byte(&mut self) -> Result<u8, String> {
        self.array::<1>().map(|[b]| b)
    }

    /// A length or number, big end first.
    pub fn u32(&mut self) -> Result<u32, String> {
        self.array().map(u32::from_be_bytes)
    }

    /// What was not read yet.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Refuses the file.
    pub fn broken<T>(&self, why: &str) -> Result<T, String> {
        Err(format!(
            "is a damaged {} ({why}); send a sound file",
            self.name
        ))
    }

    /// Refuses bytes behind the end.
    pub fn end(&self) -> Result<(), String> {
        if self.rest.is_empty() {
            return Ok(());
        }
        Err(format!(
            "is a {} with {} bytes behind its end; remove them",
            self.name,
            self.rest.len()
        ))
    }
}

/// A length that a file states, as the machine counts.
pub fn count(stated: u32) -> usize {
    usize::try_from(stated).unwrap_or(usize::MAX)
}

/// PNG: the header first, every chunk with a right checksum, some data, the end at the end.
pub fn png(bytes: &[u8]) -> Measured {
    let mut walk = Walk::new("PNG", bytes);
    walk.take(8)?;
    let mut measured = None;
    let mut has_data = false;
    loop {
        let length = count(walk.u32()?);
        let before = walk.rest();
        let name: [u8; 4] = walk.array()?;
        let mut data = Walk::new("PNG", walk.take(length)?);
        let mut crc = flate2::Crc::new();
        crc.update(&before[..4 + length]);
        if walk.u32()? != crc.sum() {
            return walk.broken("a checksum is wrong");
        }
        match (&name, measured) {
            (b"IHDR", None) => measured = Some((data.u32()?, data.u32()?)),
            (b"IHDR", Some(_)) | (_, None) => return walk.broken("its header is not at its place"),
            (b"IDAT", _) => has_data = true,
            (b"IEND", Some(_)) if !has_data => return walk.broken("it holds no picture"),
            (b"IEND", Some(measured)) => return walk.end().map(|()| measured),
            _ => {}
        }
    }
}

/// JPEG: markers up to the picture, the picture up to its end. Cameras put further JPEGs behind
/// the first (multi-picture format) and padding behind all.
pub fn jpeg(bytes: &[u8]) -> Measured {
    let mut walk = Walk::new("JPEG", bytes);
    let measured = one_jpeg(&mut walk)?;
    while walk.rest().starts_with(&[0xff, 0xd8, 0xff]) {
        one_jpeg(&mut walk)?;
    }
    if walk.rest().iter().any(|b| *b != 0) {
        walk.end()?;
    }
    Ok(measured)
}

fn one_jpeg(walk: &mut Walk<'_>) -> Measured {
    walk.take(2)?;
    let (mut measured, mut scanned) = (None, false);
    loop {
        match marker(walk)? {
            0xd9 => {
                return match measured {
                    Some(measured) if scanned => Ok(measured),
                    _ => walk.broken("it holds no picture"),
                };
            }
            0x00 | 0xd8 => return walk.broken("a marker is wrong"),
            // Markers that stand alone.
            0x01 | 0xd0..=0xd7 => {}
            0xda => {
                segment(walk)?;
                skip_scan(walk)?;
                scanned = true;
            }
            // Three numbers among those of frames are tables.
            number @ 0xc0..=0xcf if !matches!(number, 0xc4 | 0xc8 | 0xcc) => {
                measured = Some(frame(segment(walk)?)?);
            }
            _ => {
                segment(walk)?;
            }
        }
    }
}

/// The next marker; any number of filling bytes may stand before it.
fn marker(walk: &mut Walk<'_>) -> Result<u8, String> {
    if walk.byte()? != 0xff {
        return walk.broken("a marker is missing");
    }
    loop {
        let marker = walk.byte()?;
        if marker != 0xff {
            return Ok(marker);
        }
    }
}

/// The data that belong to a marker.
fn segment<'a>(walk: &mut Walk<'a>) -> Result<&'a [u8], String> {
    let length = usize::from(u16::from_be_bytes(walk.array()?));
    match length.checked_sub(2) {
        Some(length) => walk.take(length),
        None => walk.broken("a length is wrong"),
    }
}

/// The size in the start of a frame, of whatever kind.
fn frame(segment: &[u8]) -> Measured {
    let mut frame = Walk::new("JPEG", segment);
    frame.byte()?;
    let height = u16::from_be_bytes(frame.array()?);
    let width = u16::from_be_bytes(frame.array()?);
    Ok((u32::from(width), u32::from(height)))
}

/// Compressed data lasts to the next marker that is neither an escaped byte nor a restart.
fn skip_scan(walk: &mut Walk<'_>) -> Result<(), String> {
    let is_marker = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xd0..=0xd7 | 0xff);
    match walk.rest().windows(2).position(is_marker) {
        Some(at) => walk.take(at).map(|_| ()),
        None => walk.take(walk.rest().len() + 1).map(|_| ()),
    }
}

/// GIF: blocks up to the trailer, with at least one picture among them.
pub fn gif(bytes: &[u8]) -> Measured {
    let mut walk = Walk::new("GIF", bytes);
    walk.take(6)?;
    let width = u16::from_le_bytes(walk.array()?);
    let height = u16::from_le_bytes(walk.array()?);
    let [flags, _, _] = walk.array()?;
    colour_table(&mut walk, flags)?;
    let mut has_picture = false;
    loop {
        match walk.byte()? {
            0x21 => {
                walk.byte()?;
            }
            0x2c => {
                let descriptor: [u8; 9] = walk.array()?;
                colour_table(&mut walk, descriptor[8])?;
                walk.byte()?;
                has_picture = true;
            }
            0x3b if has_picture => {
                return walk.end().map(|()| (u32::from(width), u32::from(height)));
            }
            0x3b => return walk.broken("it holds no picture"),
            _ => return walk.broken("a block is wrong"),
        }
        loop {
            let length = usize::from(walk.byte()?);
            if length == 0 {
                break;
            }
            walk.take(length)?;
        }
    }
}

fn colour_table(walk: &mut Walk<'_>, flags: u8) -> Result<(), String> {
    if flags & 0x80 != 0 {
        walk.take(3 << ((flags & 7) + 1))?;
    }
    Ok(())
}
