//! What a caller sends: kept whole as long as it is short, so that it can be sent again, and passed
//! on as it comes otherwise. It is bounded either way.

use super::refusal::Refused;
use crate::connect::proxy::{Limits, Payload, Refusal};
use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, Stream, StreamExt};
use poem::Request;
use poem::http::{Method, header};
use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::time::timeout;

/// Most bytes that are kept to be sent again: nearly every message is far shorter.
const KEPT: usize = 1024 * 1024;

/// How long a caller may pause while they send.
const PAUSE: Duration = Duration::from_secs(30);

/// What was wrong with the rest of a body that was passed on as it came.
#[derive(Clone, Default)]
pub(super) struct Spoilt(Arc<OnceLock<Fault>>);

/// What can be wrong with a body.
#[derive(Debug, Clone, Copy)]
enum Fault {
    TooLarge(usize),
    TooSlow,
    Broken,
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::TooLarge(limit) => Refused::too_large(limit),
            Fault::TooSlow => Refused::too_slow(),
            Fault::Broken => Refused::broken(),
        }
    }
}

impl Spoilt {
    /// What was wrong here, or what was refused for other reasons.
    pub fn or(&self, refusal: Refusal) -> Refused {
        match self.0.get() {
            Some(fault) => (*fault).into(),
            None => refusal.into(),
        }
    }

    fn note(&self, fault: Fault) -> io::Error {
        // The first one is the cause of all others.
        let _ = self.0.set(fault);
        io::Error::other("the caller did not send all of it")
    }
}

/// The body of a request.
pub(super) async fn read(
    request: &mut Request,
    limits: Limits,
    spoilt: &Spoilt,
) -> Result<Payload, Refused> {
    if *request.method() != Method::POST {
        return Ok(Payload::Whole(Bytes::new()));
    }
    let length = request.header(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.parse::<u64>().ok());
    if length.is_some_and(|length| length > limits.size as u64) {
        return Err(Refused::too_large(limits.size));
    }
    let mut pieces = Box::pin(bounded(
        request.take_body().into_bytes_stream(),
        limits.size,
    ));
    let mut kept = BytesMut::new();
    while kept.len() <= KEPT {
        match pieces.next().await {
            Some(piece) => kept.extend_from_slice(&piece?),
            None => return Ok(Payload::Whole(kept.freeze())),
        }
    }
    let (spoilt, begun) = (spoilt.clone(), stream::iter([Ok(kept.freeze())]));
    let rest = pieces.map(move |piece| piece.map_err(|fault| spoilt.note(fault)));
    let body = reqwest::Body::wrap_stream(begun.chain(rest));
    Ok(Payload::Streamed(body, length))
}

/// A body as it comes, up to its limits.
fn bounded(
    body: impl Stream<Item = io::Result<Bytes>> + Send,
    size: usize,
) -> impl Stream<Item = Result<Bytes, Fault>> + Send {
    let body = Box::pin(body);
    stream::unfold(Some((body, size)), move |state| async move {
        let (mut body, left) = state?;
        let piece = match timeout(PAUSE, body.next()).await {
            Ok(None) => return None,
            Ok(Some(Ok(piece))) if piece.len() <= left => Ok(piece),
            Ok(Some(Ok(_))) => Err(Fault::TooLarge(size)),
            Ok(Some(Err(_))) => Err(Fault::Broken),
            Err(_) => Err(Fault::TooSlow),
        };
        let left = left - piece.as_ref().map_or(0, Bytes::len);
        let next = piece.is_ok().then_some((body, left));
        Some((piece, next))
    })
}
