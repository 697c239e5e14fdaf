//! The page on which a person connects an installation: what it is, a button, and how it ended. The
//! link to it is its permission; who may do what, and what connecting comes to, is for
//! [`connect`](crate::connect) to say. It works without scripts and loads nothing from elsewhere.

mod cookie;
mod look;
mod words;

pub use cookie::held as browser;

use super::{authorize, error};
use crate::app::App;
use crate::connect::callback::Landing;
use crate::connect::clean;
use crate::connect::page::{Closed, Handed, Passage, Sheet, Standing, Visit};
use crate::error::Error;
use crate::secret::Secret;
use look::Page;
use poem::http::{HeaderValue, StatusCode, header};
use poem::web::{Data, Path, Query};
use poem::{Body, Request, Response, handler};
use serde::Deserialize;
use std::sync::Arc;
use url::{Url, form_urlencoded};
use uuid::Uuid;
use words::{Failure, Sending};

/// Most bytes of a form: the longest credential, every character escaped.
const FORM: usize = 100_000;

/// What an address may carry.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    /// The link.
    token: Option<String>,
    /// Why the login from which the browser comes back failed, a word of RFC 6749.
    error: Option<String>,
    /// The same for people.
    error_description: Option<String>,
}

/// A link that works, and the browser that followed it.
struct Guest {
    visit: Visit,
    sheet: Sheet,
    held: Secret,
}

/// What is to be connected, or how that ended.
#[handler]
pub async fn show(
    app: Data<&Arc<App>>,
    request: &Request,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Response {
    let guest = match receive(&app, request, &id, &asked).await {
        Ok(guest) => guest,
        Err(closed) => return turned_away(request, &closed),
    };
    let failure = asked.error.as_deref().map(|error| {
        let said = asked.error_description.as_deref();
        Failure::of_login(error, said.and_then(|said| clean(said, &[])).as_deref())
    });
    guest.page(&app, StatusCode::OK, failure.as_ref())
}

/// Begins.
#[handler]
pub async fn begin(
    app: Data<&Arc<App>>,
    request: &Request,
    body: Body,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Response {
    let guest = match receive(&app, request, &id, &asked).await {
        Ok(guest) => guest,
        Err(closed) => return turned_away(request, &closed),
    };
    let Ok(body) = body.into_bytes_limit(FORM).await else {
        let failure = Failure::of("The form cannot be read. Try again.");
        return guest.page(&app, StatusCode::BAD_REQUEST, Some(&failure));
    };
    let form = Form::read(&body);
    let proven = browser(&app, request).is_some_and(|held| {
        cookie::is_proven(&app.seal, &held, guest.visit.page.reveal(), &form.proof)
    });
    if !proven {
        let failure = Failure::of(
            "The request did not come from this page, or the browser keeps no cookies. Try again.",
        );
        return guest.page(&app, StatusCode::FORBIDDEN, Some(&failure));
    }
    // What is connected is shown, and not replaced by whoever comes late.
    if guest.sheet.standing == Standing::Connected {
        return guest.page(&app, StatusCode::OK, None);
    }
    guest.enter(&app, request, form.handed).await
}

/// Follows the link in an address.
async fn receive(
    app: &App,
    request: &Request,
    id: &str,
    asked: &Asked,
) -> std::result::Result<Guest, Closed> {
    let id = Uuid::parse_str(id).map_err(|_| Closed::Unknown)?;
    let token = asked.token.as_deref().unwrap_or_default();
    let mut visit = app.connect.visit(id, token).await?;
    visit.actor.address = authorize::address(request);
    visit.actor.trace_id = authorize::trace_id(request);
    let sheet = app.connect.sheet(&visit).await?;
    let held = cookie::held_or_new(app, request)?;
    Ok(Guest { visit, sheet, held })
}

impl Guest {
    /// The page as things stand.
    fn page(&self, app: &App, status: StatusCode, failure: Option<&Failure>) -> Response {
        let onward = self.onward();
        if self.sheet.standing == Standing::Connected {
            return self.give(
                app,
                words::connected(&self.sheet, onward.as_ref()),
                StatusCode::OK,
            );
        }
        let page = self.visit.page.reveal();
        let until = self.visit.link.expires_at;
        let sending = Sending {
            action: page,
            proof: &cookie::proof(&app.seal, &self.held, page, until),
        };
        let mut page = words::open(&self.sheet, &sending, failure);
        if let (Some(_), Some(url)) = (failure, onward) {
            page.body += &words::leave(&url);
        }
        self.give(app, page, status)
    }

    /// Begins, and sends the browser on.
    async fn enter(self, app: &App, request: &Request, handed: Option<Handed>) -> Response {
        match app.connect.enter(&self.visit, &self.held, handed).await {
            Ok(Passage::Login(url)) => {
                let page = words::leaving(&self.sheet, &url);
                self.give(app, page, StatusCode::OK)
            }
            Ok(Passage::Connected) => match self.onward() {
                Some(url) => self.give(app, words::returning(&url), StatusCode::OK),
                None => see_other(self.visit.page.reveal()),
            },
            Err(error) => {
                noted(&error, &authorize::trace_id(request));
                let failure = Failure::of(sentence(&error.message()));
                self.page(app, error::status(&error), Some(&failure))
            }
        }
    }

    /// Where whoever made the link wants the browser at last.
    fn onward(&self) -> Option<Url> {
        let url = self.visit.link.redirect_url.as_deref()?;
        Url::parse(url).ok()
    }

    /// The answer with a page, for this browser.
    fn give(&self, app: &App, page: Page, status: StatusCode) -> Response {
        let mut response = page.answer(status);
        if let Ok(mut value) = HeaderValue::from_str(&cookie::set(app, &self.held)) {
            value.set_sensitive(true);
            response.headers_mut().insert(header::SET_COOKIE, value);
        }
        response
    }
}

/// What the browser is shown when a login ended: the page on which it was begun, with how it ended,
/// or where there is none, that alone.
pub fn landing(landing: &Landing) -> Response {
    let failure = landing.error.as_ref();
    let page = landing.page.as_ref();
    if let Some(url) = page.and_then(|page| landing.onto(page.reveal())) {
        return see_other(url.as_str());
    }
    let failure = failure.map(|(error, description)| {
        let said = description.as_deref().and_then(|said| clean(said, &[]));
        let mut failure = Failure::of_login(error, said.as_deref());
        failure.said = failure.said.or_else(|| clean(error, &[]));
        failure
    });
    words::landed(failure.as_ref()).answer(StatusCode::OK)
}

fn see_other(url: &str) -> Response {
    Response::builder()
        .status(StatusCode::SEE_OTHER)
        .header(header::LOCATION, url)
        .header(header::CACHE_CONTROL, "no-store")
        .header(header::REFERRER_POLICY, "no-referrer")
        .finish()
}

/// The page for a link that leads nowhere.
fn turned_away(request: &Request, closed: &Closed) -> Response {
    let again = "Ask whoever sent you the link for a new one.";
    let (status, title, issue) = match closed {
        Closed::Unknown => (
            StatusCode::NOT_FOUND,
            "This link does not work",
            "It is incomplete, or was not made here. Open it again as you got it.".to_owned(),
        ),
        Closed::Expired => (
            StatusCode::GONE,
            "This link has expired",
            format!("Links work for half an hour. {again}"),
        ),
        Closed::Withdrawn => (
            StatusCode::GONE,
            "This link works no longer",
            format!(
                "The connection was removed, or whoever sent you the link may not make it any more. {again}"
            ),
        ),
        Closed::Fault(error) => {
            noted(error, &authorize::trace_id(request));
            let issue = sentence(&error.message());
            (error::status(error), "Something went wrong", issue)
        }
    };
    words::closed(title, &issue).answer(status)
}

fn noted(error: &Error, trace_id: &str) {
    if let Some(cause) = error.private() {
        tracing::error!(trace_id, code = error.code().as_str(), cause, "failed");
    }
}

/// An error's message as a sentence.
fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    let first = letters.next().map(char::to_uppercase);
    let rest = letters.as_str().trim_end_matches('.');
    first.map_or_else(String::new, |first| {
        format!("{}{rest}.", first.collect::<String>())
    })
}

/// What was sent with a form.
#[derive(Default)]
struct Form {
    proof: String,
    handed: Option<Handed>,
}

impl Form {
    fn read(body: &[u8]) -> Form {
        let field = |name: &str| {
            let mut fields = form_urlencoded::parse(body);
            let found = fields.find(|(known, _)| known == name);
            found.map(|(_, value)| value.trim().to_owned())
        };
        let given = |name: &str| field(name).filter(|value| !value.is_empty());
        let handed =
            given("credential")
                .map(Secret::new)
                .map(|credential| match given("kind").as_deref() {
                    Some("key") => Handed::Key(given("header"), credential),
                    _ => Handed::Token(credential),
                });
        Form {
            proof: field("proof").unwrap_or_default(),
            handed,
        }
    }
}
