//! WebP, AVIF and ICO: boxes around pictures. The boxes must fit into each other and into the
//! file, and one of them must say how large the picture is.

use super::raster::{Measured, Walk, count};

/// Deepest nesting of boxes that are looked into; the size of an AVIF stands on the third.
const DEEPEST: usize = 4;

/// WebP: a RIFF file whose length is right, of chunks with a picture among them.
pub fn webp(bytes: &[u8]) -> Measured {
    let mut walk = Walk::new("WebP", bytes);
    walk.take(4)?;
    let stated = count(u32::from_le_bytes(walk.array()?));
    let mut chunks = Walk::new("WebP", walk.take(stated)?);
    walk.end()?;
    chunks.take(4)?;
    let (mut measured, mut has_picture) = (None, false);
    while !chunks.rest().is_empty() {
        let name: [u8; 4] = chunks.array()?;
        let length = count(u32::from_le_bytes(chunks.array()?));
        let mut data = Walk::new("WebP", chunks.take(length)?);
        chunks.take(length % 2)?;
        let found = match &name {
            b"VP8X" => Some(canvas(&mut data)?),
            b"VP8 " => Some(lossy(&mut data)?),
            b"VP8L" => Some(lossless(&mut data)?),
            _ => None,
        };
        has_picture |= matches!(&name, b"VP8 " | b"VP8L" | b"ANMF");
        // The canvas comes first, where there is one.
        measured = measured.or(found);
    }
    match measured {
        Some(measured) if has_picture => Ok(measured),
        _ => walk.broken("it holds no picture"),
    }
}

/// The size in an extended header: three bytes a side, less one.
fn canvas(data: &mut Walk<'_>) -> Measured {
    data.take(4)?;
    let [w0, w1, w2, h0, h1, h2] = data.array()?;
    let side = |a, b, c| u32::from_le_bytes([a, b, c, 0]) + 1;
    Ok((side(w0, w1, w2), side(h0, h1, h2)))
}

/// The size in a key frame of VP8.
fn lossy(data: &mut Walk<'_>) -> Measured {
    data.take(3)?;
    if data.array()? != [0x9d, 0x01, 0x2a] {
        return data.broken("its picture does not begin as one");
    }
    let [w0, w1, h0, h1] = data.array()?;
    let side = |a, b| u32::from(u16::from_le_bytes([a, b]) & 0x3fff);
    Ok((side(w0, w1), side(h0, h1)))
}

/// The size in a lossless picture: fourteen bits a side, less one.
fn lossless(data: &mut Walk<'_>) -> Measured {
    if data.byte()? != 0x2f {
        return data.broken("its picture does not begin as one");
    }
    let bits = u32::from_le_bytes(data.array()?);
    Ok(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
}

/// AVIF: boxes of ISO/IEC 14496-12 to the end of the file, with a size and data among them.
pub fn avif(bytes: &[u8]) -> Measured {
    let mut found = Found::default();
    boxes(bytes, 0, &mut found)?;
    let walk = Walk::new("AVIF", bytes);
    match found {
        Found {
            largest: Some(measured),
            data: true,
        } => Ok(measured),
        _ => walk.broken("it holds no picture"),
    }
}

#[derive(Default)]
struct Found {
    /// The longest sides: thumbnails and tiles have sizes as well.
    largest: Option<(u32, u32)>,
    data: bool,
}

fn boxes(bytes: &[u8], depth: usize, found: &mut Found) -> Result<(), String> {
    let mut walk = Walk::new("AVIF", bytes);
    while !walk.rest().is_empty() {
        let (size, name) = (walk.u32()?, walk.array::<4>()?);
        let length = match size {
            // To the end of the file, which only an outermost box may claim.
            0 if depth == 0 => Some(walk.rest().len()),
            1 => usize::try_from(u64::from_be_bytes(walk.array()?))
                .ok()
                .and_then(|l| l.checked_sub(16)),
            size => count(size).checked_sub(8),
        };
        let Some(length) = length else {
            return walk.broken("a length is wrong");
        };
        let data = walk.take(length)?;
        let inside = match (&name, depth) {
            (b"meta", 0) => data.get(4..),
            (b"iprp" | b"ipco", 1..DEEPEST) => Some(data),
            _ => None,
        };
        if let Some(inside) = inside {
            boxes(inside, depth + 1, found)?;
        }
        match &name {
            b"ispe" if depth > 0 => {
                let mut sizes = Walk::new("AVIF", data);
                sizes.take(4)?;
                let (width, height) = found.largest.unwrap_or_default();
                found.largest = Some((width.max(sizes.u32()?), height.max(sizes.u32()?)));
            }
            b"mdat" | b"idat" => found.data = true,
            _ => {}
        }
    }
    Ok(())
}

/// ICO: a table of pictures that lie inside the file, each a PNG or a bitmap. The size is that
/// of the largest.
pub fn ico(bytes: &[u8]) -> Measured {
    let mut walk = Walk::new("ICO", bytes);
    walk.take(4)?;
    let pictures = u16::from_le_bytes(walk.array()?);
    if pictures == 0 {
        return walk.broken("it holds no picture");
    }
    let (mut largest, mut end) = ((0, 0), 0);
    for _ in 0..pictures {
        let [width, height, ..] = walk.array::<8>()?;
        let length = count(u32::from_le_bytes(walk.array()?));
        let offset = count(u32::from_le_bytes(walk.array()?));
        let data = bytes.get(offset..).and_then(|from| from.get(..length));
        match data {
            Some([0x89, b'P', b'N', b'G', ..] | [40 | 108 | 124, 0, 0, 0, ..]) => {}
            Some(_) => return walk.broken("a picture in it is neither PNG nor bitmap"),
            None => return walk.broken("a picture in it lies outside of it"),
        }
        end = end.max(offset + length);
        // A side of 256 is written as nought.
        let side = |s: u8| if s == 0 { 256 } else { u32::from(s) };
        largest = largest.max((side(width), side(height)));
    }
    Walk::new("ICO", &bytes[end..]).end()?;
    Ok(largest)
}
