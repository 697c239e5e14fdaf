//! The accepted formats, told apart by their first bytes: a name or a declaration may say
//! anything.

/// A picture format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Portable Network Graphics.
    Png,
    /// JPEG.
    Jpeg,
    /// WebP.
    Webp,
    /// GIF.
    Gif,
    /// Scalable Vector Graphics.
    Svg,
    /// Windows icon.
    Ico,
    /// AV1 Image File Format.
    Avif,
}

impl Format {
    /// All of them.
    pub const ALL: [Format; 7] = [
        Format::Png,
        Format::Jpeg,
        Format::Webp,
        Format::Gif,
        Format::Svg,
        Format::Ico,
        Format::Avif,
    ];

    /// The media type (RFC 9110), as files are stored and sent.
    pub const fn content_type(self) -> &'static str {
        match self {
            Format::Png => "image/png",
            Format::Jpeg => "image/jpeg",
            Format::Webp => "image/webp",
            Format::Gif => "image/gif",
            Format::Svg => "image/svg+xml",
            Format::Ico => "image/vnd.microsoft.icon",
            Format::Avif => "image/avif",
        }
    }

    /// The usual extension of a file name.
    pub const fn extension(self) -> &'static str {
        match self {
            Format::Png => "png",
            Format::Jpeg => "jpg",
            Format::Webp => "webp",
            Format::Gif => "gif",
            Format::Svg => "svg",
            Format::Ico => "ico",
            Format::Avif => "avif",
        }
    }

    /// Other names of the media type that clients send.
    const fn aliases(self) -> &'static [&'static str] {
        match self {
            Format::Png => &["image/x-png"],
            Format::Jpeg => &["image/jpg", "image/pjpeg"],
            Format::Ico => &["image/x-icon", "image/ico"],
            _ => &[],
        }
    }

    /// Whether a file name may end so.
    pub fn allows_extension(self, extension: &str) -> bool {
        let jpeg: &[&str] = &["jpeg", "jpe", "jfif"];
        extension.eq_ignore_ascii_case(self.extension())
            || self == Format::Jpeg && jpeg.iter().any(|e| extension.eq_ignore_ascii_case(e))
    }

    /// The format with this usual extension.
    pub fn of_extension(extension: &str) -> Option<Format> {
        Self::ALL.into_iter().find(|f| f.extension() == extension)
    }

    /// The format that a content type names; parameters do not count.
    pub fn of_content_type(declared: &str) -> Option<Format> {
        let essence = essence(declared);
        Self::ALL.into_iter().find(|f| {
            let mut names = f.aliases().iter().copied().chain([f.content_type()]);
            names.any(|name| essence.eq_ignore_ascii_case(name))
        })
    }

    /// The format of bytes by how they begin.
    pub fn sniff(bytes: &[u8]) -> Option<Format> {
        let is_avif = |brand: &[u8]| matches!(brand, b"avif" | b"avis");
        match bytes {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Format::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Format::Jpeg),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Format::Gif),
            [
                b'R',
                b'I',
                b'F',
                b'F',
                _,
                _,
                _,
                _,
                b'W',
                b'E',
                b'B',
                b'P',
                ..,
            ] => Some(Format::Webp),
            [0, 0, 1, 0, ..] => Some(Format::Ico),
            [0, 0, 0, length, b'f', b't', b'y', b'p', rest @ ..] => {
                // The major brand, a version, and the brands it is compatible with.
                let brands = rest.get(..usize::from(*length).saturating_sub(8))?;
                let mut named = brands.chunks_exact(4).enumerate().filter(|(i, _)| *i != 1);
                named.any(|(_, b)| is_avif(b)).then_some(Format::Avif)
            }
            _ => {
                let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
                text.trim_ascii_start()
                    .starts_with(b"<")
                    .then_some(Format::Svg)
            }
        }
    }

    /// The accepted content types, for refusals.
    pub fn accepted() -> String {
        Self::ALL.map(Format::content_type).join(", ")
    }
}

/// A content type without its parameters.
pub(super) fn essence(declared: &str) -> &str {
    declared.split(';').next().unwrap_or_default().trim()
}
