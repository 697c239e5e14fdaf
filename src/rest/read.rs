//! Reading: lists and single resources.

use super::{Answer, Call, Fault, Rest};
use futures_util::future::BoxFuture;

/// A page of the resource that the route names.
pub fn list<'a>(rest: &'a Rest, call: Call<'a>) -> BoxFuture<'a, Result<Answer, Fault>> {
    one(rest, call)
}

/// One resource of the kind that the route names.
pub fn one<'a>(_: &'a Rest, call: Call<'a>) -> BoxFuture<'a, Result<Answer, Fault>> {
    let fault = Fault::not_found("resource", &call.request.path);
    Box::pin(async move { Err(fault) })
}
