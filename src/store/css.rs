//! Style rules inside a picture: whether they fetch something or run something.

/// Words that fetch or run, in style rules of some browser of some time.
const FORBIDDEN: [&str; 5] = ["@import", "image-set(", "image(", "src(", "expression("];

/// What a text of style rules, or an attribute that may hold a `url(…)`, refers to outside of
/// its picture; `None` if nothing.
pub fn reaches_out(css: &str) -> Option<&'static str> {
    let lower = css.to_ascii_lowercase();
    // An escape can spell every other word; a picture has no need of one.
    if lower.contains('\\') {
        return Some("an escape in a style");
    }
    if lower.contains("javascript:") {
        return Some("a `javascript:` address");
    }
    if let Some(word) = FORBIDDEN.iter().find(|w| lower.contains(**w)) {
        return Some(word);
    }
    let outside = |address: &str| {
        let address = address.trim_start().trim_start_matches(['"', '\'']);
        !is_inside(address.trim_start())
    };
    let mut addresses = lower.split("url(").skip(1);
    addresses
        .any(outside)
        .then_some("a `url(…)` that points outside")
}

/// Whether an address stays inside the picture: a part of it, or pixels spelled out. SVG is not
/// among the pixels, because nobody checked what is in it.
pub fn is_inside(address: &str) -> bool {
    let address = address.trim_ascii();
    let pixels = ["png", "jpeg", "jpg", "gif", "webp", "avif"];
    let spelled = address
        .get(..11)
        .is_some_and(|start| start.eq_ignore_ascii_case("data:image/"));
    address.starts_with('#')
        || spelled
            && pixels.iter().any(|p| {
                let rest = &address[11..];
                rest.get(..p.len())
                    .is_some_and(|name| name.eq_ignore_ascii_case(p))
                    && rest[p.len()..].starts_with([';', ','])
            })
}
