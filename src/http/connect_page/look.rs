//! How the pages look: the frame around all of them, the style, and text made fit for HTML. Nothing
//! is loaded from anywhere.

use base64::{Engine, prelude::BASE64_STANDARD};
use poem::Response;
use poem::http::{StatusCode, header};
use sha2::{Digest, Sha256};
use std::fmt::{self, Display, Write};
use std::sync::LazyLock;

/// The style of every page.
const STYLE: &str = include_str!("style.css");

/// The only script: a window that was opened for a login closes when the login is over.
const SCRIPT: &str = "setTimeout(function () { window.close(); }, 8000);";

/// What a page may load and do, by whether it has the script. What is allowed is named by its hash,
/// so nothing that got into a page by mistake could run.
static POLICIES: LazyLock<[String; 2]> = LazyLock::new(|| {
    [false, true].map(|script| {
        let script = match script {
            true => format!("script-src '{}'; ", hash(SCRIPT)),
            false => String::new(),
        };
        format!(
            "default-src 'none'; {script}style-src '{}'; img-src 'self' data:; form-action 'self'; \
             frame-ancestors 'none'; base-uri 'none'",
            hash(STYLE)
        )
    })
});

fn hash(text: &str) -> String {
    format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(text)))
}

/// Text from elsewhere, written so that it is nothing but text.
pub struct Text<'a>(pub &'a str);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                c if c.is_control() => f.write_char(' ')?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// A name from elsewhere: its direction of writing does not reach what stands around it.
pub struct Name<'a>(pub &'a str);

impl Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<bdi>{}</bdi>", Text(self.0))
    }
}

/// A page to be shown.
#[derive(Debug, Default)]
pub struct Page {
    /// What stands in the title bar; text.
    pub title: String,
    /// What stands on the page; HTML.
    pub body: String,
    /// Where the browser goes at once; text.
    pub onward: Option<String>,
    /// Whether the window closes by itself after a moment.
    pub closes: bool,
}

impl Page {
    /// The answer with this page.
    pub fn answer(self, status: StatusCode) -> Response {
        let policy = &POLICIES[usize::from(self.closes)];
        Response::builder()
            .status(status)
            .content_type("text/html; charset=utf-8")
            .header(header::CACHE_CONTROL, "no-store")
            .header(header::REFERRER_POLICY, "no-referrer")
            .header(header::CONTENT_SECURITY_POLICY, policy)
            .header(header::X_FRAME_OPTIONS, "DENY")
            .body(self.html())
    }

    fn html(&self) -> String {
        let onward = self.onward.as_deref().map_or_else(String::new, |url| {
            format!(
                "<meta http-equiv=\"refresh\" content=\"0;url={}\">",
                Text(url)
            )
        });
        let script = match self.closes {
            true => format!("<script>{SCRIPT}</script>"),
            false => String::new(),
        };
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"robots\" content=\"noindex\">\n\
             {onward}<title>{}</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>{STYLE}</style>\n</head>\n\
             <body>\n<main>\n{}</main>\n<footer><p>Connectory</p></footer>\n{script}</body>\n</html>\n",
            Text(&self.title),
            self.body
        )
    }
}
