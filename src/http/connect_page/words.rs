//! What the pages say. Every name, label and sentence from elsewhere passes through [`Text`] or
//! [`Name`] on its way into HTML.

use super::look::{Name, Page, Text};
use crate::connect::page::{Key, Sheet, Standing};
use crate::service::catalogue;
use base64::{Engine, prelude::BASE64_STANDARD};
use std::fmt::Write;
use url::Url;

/// Why something did not work: a sentence of ours, and what the other side said, if anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// A sentence.
    pub issue: String,
    /// What the other side said.
    pub said: Option<String>,
}

impl Failure {
    /// A sentence of ours.
    pub fn of(issue: impl Into<String>) -> Failure {
        Failure {
            issue: issue.into(),
            said: None,
        }
    }

    /// The word of RFC 6749 (sections 4.1.2.1 and 5.2) that ended a login, and what came with it.
    pub fn of_login(error: &str, description: Option<&str>) -> Failure {
        let issue = match error {
            "access_denied" => "Access was not granted.",
            "temporarily_unavailable" => "The service is busy at the moment. Try again later.",
            "server_error" => "The login was not finished, because a server failed.",
            "login_required" | "interaction_required" | "consent_required" => {
                "The service wanted to ask you something and could not."
            }
            "invalid_scope"
            | "unauthorized_client"
            | "unsupported_response_type"
            | "invalid_client" => "The service does not let this server ask for access.",
            _ => "The login was not finished.",
        };
        // A word that says no more than the sentence is left out.
        let said = description.filter(|said| !said.trim().is_empty());
        Failure {
            issue: issue.to_owned(),
            said: said.map(str::to_owned),
        }
    }

    fn html(&self) -> String {
        let said = self.said.as_deref().map_or_else(String::new, |said| {
            format!("<p>Details: {}</p>", Name(said))
        });
        format!(
            "<div class=\"said bad\" role=\"alert\"><p>{}</p>{said}</div>\n",
            Text(&self.issue)
        )
    }
}

/// What a form is sent with.
pub struct Sending<'a> {
    /// Where to.
    pub action: &'a str,
    /// What shows that it comes from this page.
    pub proof: &'a str,
}

/// A connection that waits to be made.
pub fn open(sheet: &Sheet, sending: &Sending<'_>, failure: Option<&Failure>) -> Page {
    let before = match &sheet.standing {
        Standing::Disconnected(Some(reason)) if failure.is_none() => {
            let said = Some(reason.clone());
            Some(Failure {
                issue: "It is not connected at the moment.".to_owned(),
                said,
            })
        }
        _ => None,
    };
    let failure = failure.or(before.as_ref());
    let again = failure.is_some() || matches!(sheet.standing, Standing::Disconnected(_));
    let mut body = String::new();
    let _ = write!(
        body,
        "{}<h1>Connect {}</h1>\n<p class=\"lead\">{} asks you to give {} access to {}.</p>\n{}{}",
        logo(sheet),
        Name(&sheet.name),
        Name(&sheet.person),
        Name(&sheet.workspace),
        Name(&sheet.name),
        failure.map_or_else(String::new, Failure::html),
        facts(sheet),
    );
    if sheet.key == Key::Needed {
        let _ = write!(body, "{}", key_form(sheet, sending));
    } else {
        let _ = write!(body, "{}", login_form(sheet, sending, again));
    }
    if sheet.key == Key::Possible {
        let _ = write!(
            body,
            "<details><summary>I have a key or token instead</summary>\n{}</details>\n",
            key_form(sheet, sending)
        );
    }
    Page {
        title: format!("Connect {}", sheet.name),
        body,
        ..Page::default()
    }
}

fn login_form(sheet: &Sheet, sending: &Sending<'_>, again: bool) -> String {
    let word = if again { "Try again" } else { "Connect" };
    let note = match &sheet.login_host {
        Some(host) => format!("You are sent to {} to log in,", Name(host)),
        None => format!(
            "If {} asks for a login, you are sent to where it takes place,",
            Name(&sheet.host)
        ),
    };
    format!(
        "<form method=\"post\" action=\"{}\">\n<input type=\"hidden\" name=\"proof\" value=\"{}\">\n\
         <button id=\"connect\" aria-describedby=\"next\">{word}</button>\n\
         <p class=\"note\" id=\"next\">{note} and come back here. Connectory never sees your password.</p>\n</form>\n",
        Text(sending.action),
        Text(sending.proof),
    )
}

fn key_form(sheet: &Sheet, sending: &Sending<'_>) -> String {
    format!(
        "<form class=\"key\" method=\"post\" action=\"{}\">\n<input type=\"hidden\" name=\"proof\" value=\"{}\">\n\
         <label for=\"credential\">Key or token</label>\n\
         <input id=\"credential\" name=\"credential\" type=\"password\" required maxlength=\"8000\" \
         autocomplete=\"off\" spellcheck=\"false\" aria-describedby=\"kept\">\n\
         <p class=\"hint\" id=\"kept\">It is kept encrypted, and sent to {} only.</p>\n\
         <label for=\"kind\">What it is</label>\n\
         <select id=\"kind\" name=\"kind\"><option value=\"token\">An access token (Bearer)</option>\
         <option value=\"key\"{}>An API key</option></select>\n\
         <label for=\"header\">Header of an API key</label>\n\
         <input id=\"header\" name=\"header\" placeholder=\"X-API-Key\" maxlength=\"64\" autocomplete=\"off\" \
         spellcheck=\"false\" aria-describedby=\"usual\">\n\
         <p class=\"hint\" id=\"usual\">Leave it empty for the usual one.</p>\n\
         <button id=\"hand-over\">Connect with it</button>\n</form>\n",
        Text(sending.action),
        Text(sending.proof),
        Name(&sheet.host),
        if sheet.key == Key::Needed {
            " selected"
        } else {
            ""
        },
    )
}

/// A connection that is made. `onward` is where whoever made the link wants the browser.
pub fn connected(sheet: &Sheet, onward: Option<&Url>) -> Page {
    let label = sheet
        .label
        .as_deref()
        .map_or_else(String::new, |label| format!(" as {}", Name(label)));
    let next = match onward {
        Some(url) => back(url, "Continue to"),
        None => "<p>You can close this page.</p>\n".to_owned(),
    };
    let body = format!(
        "{}<div role=\"status\"><h1>Connected</h1>\n<p class=\"lead\">{} now has access to {}{label}.</p></div>\n{}{next}",
        mark(true),
        Name(&sheet.workspace),
        Name(&sheet.name),
        facts(sheet),
    );
    Page {
        title: format!("{} is connected", sheet.name),
        body,
        ..Page::default()
    }
}

/// On the way to where the login takes place.
pub fn leaving(sheet: &Sheet, to: &Url) -> Page {
    departure(&format!("Logging in to {}", sheet.name), to)
}

/// On the way back to whoever made the link.
pub fn returning(to: &Url) -> Page {
    departure("Connected", to)
}

/// Browsers hold a form to its page's policy through every redirect that follows, and nobody knows
/// through which hosts a login leads. So the form ends here, and the browser goes on by itself.
fn departure(title: &str, to: &Url) -> Page {
    let host = crate::connect::page::host(to);
    let body = format!(
        "<div role=\"status\"><h1>{}</h1>\n<p class=\"lead\">You are sent to {}.</p></div>\n\
         <a class=\"button\" id=\"onward\" href=\"{}\">Continue</a>\n",
        Name(title),
        Name(&host),
        Text(to.as_str()),
    );
    Page {
        title: title.to_owned(),
        body,
        onward: Some(to.to_string()),
        closes: false,
    }
}

/// A link that leads nowhere.
pub fn closed(title: &str, issue: &str) -> Page {
    Page {
        title: title.to_owned(),
        body: format!(
            "{}<h1>{}</h1>\n<p class=\"lead\" role=\"status\">{}</p>\n",
            mark(false),
            Text(title),
            Text(issue)
        ),
        ..Page::default()
    }
}

/// The end of a login that was begun elsewhere; the window closes.
pub fn landed(failure: Option<&Failure>) -> Page {
    let (title, what) = match failure {
        None => (
            "Connected",
            "<p class=\"lead\" role=\"status\">The login is finished.</p>\n".to_owned(),
        ),
        Some(failure) => ("Not connected", failure.html()),
    };
    Page {
        title: title.to_owned(),
        body: format!(
            "{}<h1>{title}</h1>\n{what}<p class=\"note\">You can close this window; it may close by itself.</p>\n",
            mark(failure.is_none())
        ),
        closes: true,
        ..Page::default()
    }
}

/// A way out for who does not want to try again.
pub fn leave(to: &Url) -> String {
    let host = crate::connect::page::host(to);
    format!(
        "<p class=\"note\"><a id=\"back\" href=\"{}\">Go back to {}</a> without connecting.</p>\n",
        Text(to.as_str()),
        Name(&host)
    )
}

/// A link back to where a person came from.
fn back(to: &Url, word: &str) -> String {
    let host = crate::connect::page::host(to);
    format!(
        "<a class=\"button\" id=\"back\" href=\"{}\">{word} {}</a>\n",
        Text(to.as_str()),
        Name(&host)
    )
}

fn facts(sheet: &Sheet) -> String {
    let mut rows = vec![("Server", &sheet.host), ("Workspace", &sheet.workspace)];
    rows.extend(sheet.label.as_ref().map(|label| ("Account", label)));
    rows.push(("Asked by", &sheet.person));
    let mut list = String::from("<dl>\n");
    for (term, value) in rows {
        let _ = writeln!(list, "<div><dt>{term}</dt><dd>{}</dd></div>", Name(value));
    }
    list + "</dl>\n"
}

/// The logo; the name stands beside it, so nothing is read out.
fn logo(sheet: &Sheet) -> String {
    let source = match &sheet.logo {
        Some(url) => url.to_string(),
        None => {
            let picture = catalogue::monogram(&sheet.name);
            format!(
                "data:image/svg+xml;base64,{}",
                BASE64_STANDARD.encode(picture)
            )
        }
    };
    format!(
        "<img class=\"logo\" src=\"{}\" alt=\"\" width=\"56\" height=\"56\">\n",
        Text(&source)
    )
}

fn mark(good: bool) -> String {
    let (class, path) = match good {
        true => ("good", "m5 12.5 4.5 4.5L19 7.5"),
        false => ("bad", "M12 6v7m0 4.5v.01"),
    };
    format!(
        "<svg class=\"mark {class}\" viewBox=\"0 0 24 24\" aria-hidden=\"true\"><path d=\"{path}\"/></svg>\n"
    )
}
