//! REST over HTTP: reads credential, limits and body, asks the face, writes status and headers.

use super::authorize;
use crate::app::App;
use crate::error::Error;
use crate::rest::{Answer, Fault, Request as Question};
use poem::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use poem::{Request, Response, Result};
use std::sync::Arc;

/// The endpoint of everything below `/v1`, all methods.
pub async fn endpoint(mut request: Request) -> Result<Response> {
    let app = request.data::<Arc<App>>().cloned();
    let app = app.ok_or_else(|| super::error::Refused(Error::internal("no application")))?;
    let head = *request.method() == Method::HEAD;
    let answer = answer(&app, &mut request).await;
    Ok(written(answer, head))
}

async fn answer(app: &App, request: &mut Request) -> Answer {
    let mut question = question(request);
    if let Some(answer) = app.rest.answer_to_anyone(&question) {
        return answer;
    }
    let session = match authorize::session(app, request).await {
        Ok(session) => session,
        Err(error) => return app.rest.refuse(&question, &error.into()),
    };
    if super::upload::expected(&question) {
        return match super::upload::read(app, request, &session, &mut question).await {
            Ok(()) => app.rest.answer(&session, question).await,
            Err(fault) => app.rest.refuse(&question, &fault),
        };
    }
    let limit = app.config.body_limit;
    question.body = match request.take_body().into_bytes_limit(limit).await {
        Ok(body) => body.to_vec(),
        Err(fault) => {
            let fault = match fault {
                poem::error::ReadBodyError::PayloadTooLarge => Fault::PayloadTooLarge(limit),
                _ => Error::invalid("body", "cannot be read").into(),
            };
            return app.rest.refuse(&question, &fault);
        }
    };
    app.rest.answer(&session, question).await
}

/// The request without its body.
fn question(request: &Request) -> Question {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = request.headers().iter();
    Question {
        method: request.method().as_str().to_owned(),
        path: request.uri().path().to_owned(),
        query: request.uri().query().unwrap_or_default().to_owned(),
        headers: headers
            .filter(|(name, _)| **name != header::AUTHORIZATION)
            .map(|(name, value)| (name.as_str().to_owned(), text(value)))
            .collect(),
        body: Vec::new(),
        parts: Vec::new(),
        files: Vec::new(),
        trace_id: authorize::trace_id(request),
    }
}

fn written(answer: Answer, head: bool) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let length = answer.body.len();
    let body = if head { Vec::new() } else { answer.body };
    let mut response = Response::builder().status(status).body(body);
    let headers = response.headers_mut();
    for (name, value) in answer.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    if head && status != StatusCode::NOT_MODIFIED {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    // Answers depend on the token, so no shared cache may keep them; a client may, and ask again.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("private, no-cache"));
    headers.insert(
        header::VARY,
        HeaderValue::from_static("Accept, Authorization"),
    );
    response
}
