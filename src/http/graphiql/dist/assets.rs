// Written by build/pack.mjs; do not edit.

/// The files below `/graphiql/assets/`: name, media type, and content packed with gzip.
pub static ASSETS: &[(&str, &str, &[u8])] = &[
    (
        "graphiql-DPMlXbM5.js",
        "text/javascript; charset=utf-8",
        include_bytes!("assets/graphiql-DPMlXbM5.js.gz"),
    ),
    (
        "graphiql-v8dkXAWo.css",
        "text/css; charset=utf-8",
        include_bytes!("assets/graphiql-v8dkXAWo.css.gz"),
    ),
    (
        "worker-C42UI8oi.js",
        "text/javascript; charset=utf-8",
        include_bytes!("assets/worker-C42UI8oi.js.gz"),
    ),
];
