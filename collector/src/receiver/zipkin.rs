//! Zipkin's spans: `POST /api/v2/spans`, as its reporters send them.
//!
//! The answer is 202 with an empty body, and a failure is told in plain text; the format has
//! no partial success, so that spans which cannot be stored are counted and not told.

use std::panic::AssertUnwindSafe;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request as HttpRequest, State};
use axum::response::Response;
use axum::routing::post;
use futures_util::FutureExt;
use http::header::{ACCEPT_ENCODING, ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::body;
use super::content::{self, ENCODINGS, Encoding, Format, Signal};
use super::decode::Request;
use super::failure::{Failure, FailureKind};
use super::take::Receiver;
use crate::telemetry::Listener;

/// The one path.
const PATH: &str = "/api/v2/spans";

/// The routes.
pub(super) fn router(receiver: Receiver) -> Router {
    Router::new()
        .route(PATH, post(spans).fallback(wrong_method))
        .fallback(unknown_path)
        .with_state(receiver)
}

async fn spans(State(receiver): State<Receiver>, request: HttpRequest) -> Response {
    let (parts, body) = request.into_parts();
    let outcome = AssertUnwindSafe(take(&receiver, &parts.headers, body))
        .catch_unwind()
        .await
        .unwrap_or_else(|_| Err(Failure::panicked()));
    match outcome {
        Ok(()) => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::ACCEPTED;
            response
        }
        Err(failure) => fail(&receiver, &failure),
    }
}

async fn take(receiver: &Receiver, headers: &HeaderMap, body: Body) -> Result<(), Failure> {
    receiver.authorize(headers)?;
    // Old reporters name no type, and mean JSON.
    let format = if headers.contains_key(CONTENT_TYPE) {
        Format::of(headers)?
    } else {
        Format::Json
    };
    let encoding = Encoding::of(headers)?;
    let mut permit = receiver.admit()?;
    let declared = content::declared_bytes(headers);
    let body = body::read_whole(body, declared, receiver.bytes_max(), &mut permit).await?;
    let request = Request {
        listener: Listener::Zipkin,
        signal: Signal::Traces,
        format,
        encoding,
        body,
        permit,
    };
    receiver.take(request).await.map(|_| ())
}

async fn wrong_method(State(receiver): State<Receiver>) -> Response {
    let failure = Failure::new(FailureKind::Method, "this path takes POST");
    let mut response = fail(&receiver, &failure);
    response
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static("POST"));
    response
}

async fn unknown_path(State(receiver): State<Receiver>) -> Response {
    let failure = Failure::new(
        FailureKind::NotFound,
        format!(
            "nothing is at this path; Zipkin's spans are taken by POST at {PATH}, in version 2"
        ),
    );
    fail(&receiver, &failure)
}

fn fail(receiver: &Receiver, failure: &Failure) -> Response {
    receiver.count_failure(Listener::Zipkin, failure);
    let mut response = Response::new(Body::from(failure.message.clone()));
    *response.status_mut() = failure.http_status();
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    if let Some(seconds) = failure.retry_after_s() {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Some(challenge) = failure.challenge() {
        headers.insert(WWW_AUTHENTICATE, challenge);
    }
    if failure.kind == FailureKind::Unsupported {
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(ENCODINGS));
    }
    response
}
