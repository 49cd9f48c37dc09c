//! Bodies of answers, and how complete they are.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use spanwalk_api::{Completeness, CutReason, PROTOBUF_CONTENT_TYPE};

use super::problem::ApiError;
use crate::engine::Facts;

/// The media type of JSON bodies.
const JSON_CONTENT_TYPE: &str = "application/json";

/// The value as a JSON body. Meant for threads that may block: it takes as long as it is large.
pub(super) fn json(value: &impl Serialize) -> Result<Response, ApiError> {
    Ok(json_text(serde_json::to_vec(value)?))
}

/// A body that is JSON already.
pub(super) fn json_text(text: impl Into<Body>) -> Response {
    body(text.into(), JSON_CONTENT_TYPE)
}

/// A body of OTLP protobuf.
pub(super) fn protobuf(bytes: Vec<u8>) -> Response {
    body(bytes.into(), PROTOBUF_CONTENT_TYPE)
}

fn body(body: Body, content_type: &'static str) -> Response {
    let content_type = HeaderValue::from_static(content_type);
    ([(header::CONTENT_TYPE, content_type)], body).into_response()
}

/// What the engine says of a page, in the words of the wire.
pub(super) fn completeness(facts: Facts, returned: usize, has_next: bool) -> Completeness {
    let cut = match (facts.timed_out, has_next) {
        (true, _) => Some(CutReason::Timeout),
        (false, true) => Some(CutReason::Limit),
        (false, false) => None,
    };
    Completeness {
        matched: facts.matched,
        estimate: facts.is_lower_bound,
        scanned: facts.scanned,
        returned: returned as u64,
        cut,
        newest_ns: facts.newest_ns,
    }
}
