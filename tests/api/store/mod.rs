//! The media store: what is taken in, where it lies, and how it is fetched again.

mod bucket;
mod crash;
mod fetch;
mod folder;
mod hostile;
mod peer;
mod seal;
mod svg;

use bytes::Bytes;
use connectory::error::{Error, Problem};
use connectory::store::{Options, Place, Store, Upload};
use std::path::Path;

/// Most bytes of a file in these tests.
const LIMIT: usize = 10 * 1024 * 1024;

/// A small sound picture of each kind, as real programs write them.
const PICTURES: &[(&str, &[u8])] = &[
    ("plain.png", include_bytes!("picture/plain.png")),
    ("moving.png", include_bytes!("picture/moving.png")),
    ("plain.jpg", include_bytes!("picture/plain.jpg")),
    ("progressive.jpg", include_bytes!("picture/progressive.jpg")),
    ("plain.gif", include_bytes!("picture/plain.gif")),
    ("moving.gif", include_bytes!("picture/moving.gif")),
    ("lossy.webp", include_bytes!("picture/lossy.webp")),
    ("lossless.webp", include_bytes!("picture/lossless.webp")),
    ("moving.webp", include_bytes!("picture/moving.webp")),
    ("plain.avif", include_bytes!("picture/plain.avif")),
    ("icon.ico", include_bytes!("picture/icon.ico")),
    ("bitmap.ico", include_bytes!("picture/bitmap.ico")),
    ("plain.svg", include_bytes!("picture/plain.svg")),
];

/// One of [`PICTURES`].
fn picture(name: &str) -> &'static [u8] {
    let found = PICTURES.iter().find(|(known, _)| *known == name);
    found.unwrap_or_else(|| panic!("no picture {name}")).1
}

/// A PNG of exactly `size` bytes; other for each `seed`.
fn png_of(size: usize, seed: u64) -> Vec<u8> {
    let plain = picture("plain.png");
    let end = plain.len() - 12;
    let mut filler = size - plain.len() - 12;
    let mut data = Vec::with_capacity(filler);
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    while filler > 0 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let some = &state.to_le_bytes()[..filler.min(8)];
        data.extend_from_slice(some);
        filler -= some.len();
    }
    [&plain[..end], &chunk(b"teSt", &data), &plain[end..]].concat()
}

/// A chunk of a PNG.
fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut crc = flate2::Crc::new();
    crc.update(name);
    crc.update(data);
    let length = u32::try_from(data.len()).expect("a short chunk");
    let parts: [&[u8]; 4] = [&length.to_be_bytes(), name, data, &crc.sum().to_be_bytes()];
    parts.concat()
}

/// Bytes that pass.
fn sound(bytes: impl Into<Bytes>) -> Upload {
    Upload::check(bytes.into(), None, None, LIMIT).unwrap_or_else(|e| panic!("{e}"))
}

/// The problems of an upload that does not pass.
fn problems(bytes: &[u8], content_type: Option<&str>, file_name: Option<&str>) -> Vec<Problem> {
    let bytes = Bytes::copy_from_slice(bytes);
    match Upload::check(bytes, content_type, file_name, LIMIT) {
        Err(Error::Invalid(problems)) => problems,
        other => panic!("it passed or failed otherwise: {other:?}"),
    }
}

/// A store in a folder.
fn store_in(folder: &Path) -> Store {
    let place = Place::Folder {
        path: folder.to_owned(),
        make: true,
    };
    let options = Options {
        place,
        limit: LIMIT,
    };
    Store::open(&options).expect("the folder can be used")
}

/// All bytes of a file, or the part of it.
async fn read(store: &Store, upload: &Upload, range: Option<std::ops::Range<u64>>) -> Vec<u8> {
    use futures_util::TryStreamExt;
    let content = store
        .get(upload.key(), range)
        .await
        .expect("it can be read");
    let parts: Vec<Bytes> = content
        .expect("it is there")
        .stream
        .try_collect()
        .await
        .expect("it arrives");
    parts.concat()
}
