// Written by build/pack.mjs; do not edit.

/// The files below `/docs/assets/`: name, media type, and content packed with gzip.
pub static ASSETS: &[(&str, &str, &[u8])] = &[
    (
        "docs-Cfj0dXCg.js",
        "text/javascript; charset=utf-8",
        include_bytes!("assets/docs-Cfj0dXCg.js.gz"),
    ),
    (
        "docs-DIgcqzeL.css",
        "text/css; charset=utf-8",
        include_bytes!("assets/docs-DIgcqzeL.css.gz"),
    ),
];
