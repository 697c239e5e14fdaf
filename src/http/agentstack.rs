//! The Agent Stack face over HTTP: reads credential, limits and body, asks the face, writes status
//! and headers; and takes browsers in that come back from a login.

use super::{authorize, connect_page};
use crate::agentstack::{Answer, Fault, METADATA, PREFIX, Request as Question, callback};
use crate::app::App;
use crate::connect::callback::{Landing, Returned};
use crate::error::Error;
use poem::endpoint::make;
use poem::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use poem::{Request, Response, Result, Route, get, handler, web::Data};
use std::sync::Arc;

/// Adds the routes of the face.
pub fn add(route: Route) -> Route {
    route
        .at(PREFIX, make(endpoint))
        .at(format!("{PREFIX}/*rest"), make(endpoint))
        .at(format!("{PREFIX}/oauth/callback"), get(returned))
        .at(METADATA, get(metadata))
}

/// The endpoint of everything below the prefix, all methods.
async fn endpoint(mut request: Request) -> Result<Response> {
    let app = request.data::<Arc<App>>().cloned();
    let app = app.ok_or_else(|| super::error::Refused(Error::internal("no application")))?;
    let head = *request.method() == Method::HEAD;
    let answer = answer(&app, &mut request).await;
    Ok(written(answer, head))
}

async fn answer(app: &App, request: &mut Request) -> Answer {
    let face = &app.agentstack;
    let mut question = question(request);
    let limit = app.config.body_limit;
    question.body = match request.take_body().into_bytes_limit(limit).await {
        Ok(body) => body.to_vec(),
        Err(poem::error::ReadBodyError::PayloadTooLarge) => {
            return face.refuse(&question, &Fault::PayloadTooLarge(limit));
        }
        Err(_) => {
            let fault = Error::invalid("body", "cannot be read").into();
            return face.refuse(&question, &fault);
        }
    };
    if let Some(answer) = face.answer_to_anyone(&question) {
        return answer;
    }
    match authorize::session_or_password(app, request).await {
        Ok(session) => face.answer(&session, &question).await,
        Err(error) => face.refuse(&question, &error.into()),
    }
}

/// The request without its body and its credential.
pub(super) fn question(request: &Request) -> Question {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = request.headers().iter();
    Question {
        method: request.method().as_str().to_owned(),
        path: request.original_uri().path().to_owned(),
        query: request.uri().query().unwrap_or_default().to_owned(),
        headers: headers
            .filter(|(name, _)| **name != header::AUTHORIZATION)
            .map(|(name, value)| (name.as_str().to_owned(), text(value)))
            .collect(),
        body: Vec::new(),
        trace_id: authorize::trace_id(request),
    }
}

pub(super) fn written(answer: Answer, head: bool) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let length = answer.body.len();
    let body = if head { Vec::new() } else { answer.body };
    let mut response = Response::builder().status(status).body(body);
    let headers = response.headers_mut();
    for (name, value) in answer.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.append(HeaderName::from_static(name), value);
        }
    }
    if head {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    // Answers depend on the token and can hold a login, so nothing keeps them.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("Authorization"));
    response
}

/// A browser comes back from an authorization server. Nobody is signed in.
#[handler]
async fn returned(app: Data<&Arc<App>>, request: &Request) -> Response {
    let question = question(request);
    let returned = match callback::read(&question) {
        Ok(returned) => Returned {
            browser: connect_page::browser(&app, request),
            ..returned
        },
        Err(fault) => return written(app.agentstack.refuse(&question, &fault), false),
    };
    let mut response = match app.connect.complete(returned).await {
        Ok(landing) => landed(&landing),
        Err(error) => {
            let cause = error.private().unwrap_or_else(|| error.message());
            tracing::error!(cause, "a login was not finished");
            landed(&Landing::failed())
        }
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // The address holds a code.
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    response
}

/// Where a login ends: elsewhere, or on a page of this server.
fn landed(landing: &Landing) -> Response {
    let wanted = landing.redirect_url.as_deref();
    let Some(location) = wanted.and_then(|address| landing.onto(address)) else {
        return connect_page::landing(landing);
    };
    Response::builder()
        .status(StatusCode::TEMPORARY_REDIRECT)
        .header(header::LOCATION, location.as_str())
        .finish()
}

/// What this server is as a protected resource (RFC 9728).
#[handler]
fn metadata(app: Data<&Arc<App>>) -> Response {
    Response::builder()
        .content_type("application/json")
        .body(app.agentstack.metadata().to_string())
}
