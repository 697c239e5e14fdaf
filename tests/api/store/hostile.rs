//! Files that are not what they say, not whole, more than one thing, or too much.

use super::{LIMIT, PICTURES, chunk, picture, png_of, problems, sound};
use bytes::Bytes;
use connectory::error::Error;
use connectory::store::{Format, Upload, collect};
use futures_util::stream;

#[test]
fn a_sound_picture_of_every_kind_passes_under_its_own_type() {
    for (name, bytes) in PICTURES {
        let extension = name.rsplit('.').next().unwrap();
        let upload = sound(Bytes::from_static(bytes));
        assert_eq!(
            Some(upload.format()),
            Format::of_extension(extension),
            "{name}"
        );
        let stored = upload.stored();
        assert_eq!(
            (stored.size, stored.path.ends_with(extension)),
            (bytes.len() as u64, true)
        );
        assert_eq!(stored.content_type, upload.format().content_type());
    }
    for format in Format::ALL {
        let tried = PICTURES
            .iter()
            .any(|(_, b)| Format::sniff(b) == Some(format));
        assert!(tried, "no picture is a {format:?}");
    }
}

#[test]
fn a_picture_that_breaks_off_is_refused_wherever_it_does() {
    for (name, bytes) in PICTURES {
        // The line break at the end of a text is no part of the picture.
        for end in 0..bytes.trim_ascii_end().len() {
            let refused = problems(&bytes[..end], None, None);
            assert_eq!(
                (refused.len(), refused[0].path.as_str()),
                (1, "file"),
                "{name} at {end}"
            );
        }
    }
}

#[test]
fn a_picture_with_something_behind_its_end_is_refused() {
    let zip = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    let page = b"<script>alert(1)</script>";
    for (name, bytes) in PICTURES {
        for tail in [&zip[..], &page[..], b"x"] {
            let refused = problems(&[bytes, tail].concat(), None, None);
            assert_eq!(refused[0].path, "file", "{name}");
        }
    }
}

#[test]
fn a_jpeg_may_carry_a_second_picture_and_padding_but_no_more() {
    let plain = picture("plain.jpg");
    sound([plain, plain, &[0; 64][..]].concat());
    problems(&[plain, plain, b"PK\x03\x04"].concat(), None, None);
}

#[test]
fn what_is_no_picture_is_refused_whatever_it_is_called() {
    let files: [(&[u8], &str); 8] = [
        (b"PK\x03\x04\x14\0\0\0\0\0\0\0", "zip"),
        (b"%PDF-1.7\n", "pdf"),
        (b"<!DOCTYPE html><html><body>x</body></html>", "html"),
        (b"<html xmlns=\"http://www.w3.org/1999/xhtml\"/>", "xhtml"),
        (b"#!/bin/sh\nrm -rf /\n", "script"),
        (b"MZ\x90\0", "program"),
        (b"\0\0\0\x18ftypheic\0\0\0\0heicmif1", "heic"),
        (b"BM\x3a\0\0\0", "bmp"),
    ];
    for (bytes, what) in files {
        let refused = problems(bytes, Some("image/png"), Some("logo.png"));
        assert_eq!(refused.len(), 1, "{what}: {refused:?}");
        assert_eq!(refused[0].path, "file", "{what}");
    }
}

#[test]
fn a_picture_that_is_empty_or_too_large_is_refused() {
    assert!(problems(b"", None, None)[0].issue.contains("is empty"));
    sound(png_of(LIMIT, 1));
    for size in [LIMIT + 1, 11 * 1024 * 1024] {
        let refused = problems(&png_of(size, 1), None, None);
        assert!(
            refused[0].issue.contains("larger than 10485760 bytes"),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn a_body_is_read_no_further_than_the_limit() {
    let part = Bytes::from_static(&[7; 1000]);
    let endless = stream::repeat_with(|| Ok(part.clone()));
    match collect(endless, 10_000).await {
        Err(Error::Invalid(p)) => assert!(p[0].issue.contains("larger than 10000"), "{p:?}"),
        other => panic!("{other:?}"),
    }
    let exact = stream::iter((0..10).map(|_| Ok(part.clone())));
    assert_eq!(collect(exact, 10_000).await.expect("it fits").len(), 10_000);
    let broken = stream::iter([Ok(part.clone()), Err(std::io::Error::other("reset"))]);
    assert!(matches!(collect(broken, 10_000).await, Err(Error::Invalid(p)) if p[0].path == "file"));
}

#[test]
fn a_declared_type_must_not_contradict_the_bytes() {
    let gif = picture("plain.gif");
    let check = |declared| Upload::check(Bytes::from_static(gif), Some(declared), None, LIMIT);
    for declared in [
        "image/gif",
        "IMAGE/GIF",
        " image/gif ; q=1",
        "",
        "application/octet-stream",
    ] {
        check(declared).unwrap_or_else(|e| panic!("{declared}: {e}"));
    }
    for (declared, named) in [
        ("image/png", "the file is `image/gif`"),
        ("image/svg+xml", "the file is `image/gif`"),
        ("text/html", "is `text/html`, which is not accepted"),
        ("image/tiff", "is `image/tiff`, which is not accepted"),
        ("gif", "is `gif`, which is not accepted"),
    ] {
        let refused = problems(gif, Some(declared), None);
        assert_eq!(refused.len(), 1, "{declared}");
        assert_eq!(refused[0].path, "content_type");
        assert!(
            refused[0].issue.contains(named),
            "{declared}: {}",
            refused[0].issue
        );
    }
    for (name, alias) in [("plain.jpg", "image/jpg"), ("icon.ico", "image/x-icon")] {
        let bytes = Bytes::from_static(picture(name));
        Upload::check(bytes, Some(alias), None, LIMIT).unwrap_or_else(|e| panic!("{alias}: {e}"));
    }
}

#[test]
fn all_problems_are_said_at_once() {
    let refused = problems(b"PK\x03\x04", Some("application/zip"), Some("../.."));
    let paths: Vec<_> = refused.iter().map(|p| p.path.as_str()).collect();
    assert_eq!(paths, ["file", "content_type", "file_name"]);
}

#[test]
fn a_picture_must_have_a_size_that_can_be_shown() {
    let plain = picture("plain.png");
    let sized = |width: u32, height: u32| {
        let head = [
            &width.to_be_bytes()[..],
            &height.to_be_bytes(),
            &plain[24..29],
        ]
        .concat();
        [&plain[..8], &chunk(b"IHDR", &head), &plain[33..]].concat()
    };
    assert_eq!(sized(8, 6), plain, "this test writes headers rightly");
    sound(sized(16_384, 1));
    for (width, height) in [(0, 6), (8, 0), (16_385, 1), (1, u32::MAX), (16_000, 16_000)] {
        let refused = problems(&sized(width, height), None, None);
        assert!(
            refused[0].issue.contains("pixels"),
            "{width} by {height}: {refused:?}"
        );
    }
}

#[test]
fn damaged_pictures_are_refused_and_none_is_a_panic() {
    let mut wrong_sum = picture("plain.png").to_vec();
    wrong_sum[45] ^= 1;
    assert!(
        problems(&wrong_sum, None, None)[0]
            .issue
            .contains("checksum")
    );
    for (_, bytes) in PICTURES {
        for at in 0..bytes.len() {
            for value in [0x00, 0x7f, 0xff] {
                let mut changed = bytes.to_vec();
                changed[at] = value;
                // Whatever the judgement is, there is one.
                let _ = Upload::check(changed.into(), None, None, LIMIT);
            }
        }
    }
}

#[test]
fn file_names_lose_what_could_mislead() {
    let name = |sent: &str| {
        let bytes = Bytes::from_static(picture("plain.png"));
        let upload = Upload::check(bytes, None, Some(sent), LIMIT);
        upload.map(|u| u.file_name().expect("a name").to_owned())
    };
    for (sent, kept) in [
        ("logo.png", "logo.png"),
        ("Logo.PNG", "Logo.PNG"),
        ("../../etc/passwd", "passwd.png"),
        ("C:\\Users\\me\\logo.png", "logo.png"),
        ("a\r\nSet-Cookie: x.png", "aSet-Cookie: x.png"),
        ("nul\0.png", "nul.png"),
        ("logo\u{202e}gnp.exe", "logognp.exe.png"),
        ("logo.png.html", "logo.png.html.png"),
        ("  .htaccess ", "htaccess.png"),
        ("logo", "logo.png"),
        (".png", "png.png"),
        ("Größe ☃.png", "Größe ☃.png"),
    ] {
        assert_eq!(name(sent).expect(sent), kept, "{sent:?}");
    }
    let long = name(&format!("{}.png", "ü".repeat(400))).expect("it is cut");
    assert!(long.len() <= 255 && long.ends_with("ü.png"), "{long}");
    for sent in ["", "..", "/", "a/", "\u{1}\u{2}", " . "] {
        assert!(name(sent).is_err(), "{sent:?} names nothing");
    }
    let endless = "x".repeat(5000);
    let refused = problems(picture("plain.png"), None, Some(&endless));
    assert_eq!(refused[0].path, "file_name");
}
