//! OTLP over HTTP: protobuf and JSON on one port, told apart by their content type.

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

/// The routes.
pub(super) fn router(receiver: Receiver) -> Router {
    let mut router = Router::new();
    for signal in Signal::ALL {
        router = router.route(
            signal.http_path(),
            post(
                move |State(receiver): State<Receiver>, request: HttpRequest| async move {
                    export(&receiver, signal, request).await
                },
            )
            .fallback(wrong_method),
        );
    }
    router.fallback(unknown_path).with_state(receiver)
}

async fn export(receiver: &Receiver, signal: Signal, request: HttpRequest) -> Response {
    let (parts, body) = request.into_parts();
    let format = Format::of(&parts.headers);
    // Where the request's format is not known, the failure is told in JSON.
    let answered_in = format.as_ref().map_or(Format::Json, |format| *format);
    let outcome = AssertUnwindSafe(take(receiver, signal, format, &parts.headers, body))
        .catch_unwind()
        .await
        .unwrap_or_else(|_| Err(Failure::panicked()));
    match outcome {
        Ok(body) => response(StatusCode::OK, answered_in, body),
        Err(failure) => {
            receiver.count_failure(Listener::OtlpHttp, &failure);
            fail(&failure, answered_in)
        }
    }
}

/// Takes the request; the body of the answer.
async fn take(
    receiver: &Receiver,
    signal: Signal,
    format: Result<Format, Failure>,
    headers: &HeaderMap,
    body: Body,
) -> Result<Vec<u8>, Failure> {
    let format = format?;
    receiver.authorize(headers)?;
    let encoding = Encoding::of(headers)?;
    let mut permit = receiver.admit()?;
    let declared = content::declared_bytes(headers);
    let body = body::read_whole(body, declared, receiver.bytes_max(), &mut permit).await?;
    let request = Request {
        listener: Listener::OtlpHttp,
        signal,
        format,
        encoding,
        body,
        permit,
    };
    let taken = receiver.take(request).await?;
    Ok(match format {
        Format::Protobuf => taken.protobuf(),
        Format::Json => taken.json(signal.rejected_field()),
    })
}

async fn wrong_method(State(receiver): State<Receiver>, headers: HeaderMap) -> Response {
    let failure = Failure::new(FailureKind::Method, "this path takes POST");
    receiver.count_failure(Listener::OtlpHttp, &failure);
    let mut response = fail(&failure, Format::of(&headers).unwrap_or(Format::Json));
    response
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static("POST"));
    response
}

async fn unknown_path(State(receiver): State<Receiver>, headers: HeaderMap) -> Response {
    let paths = Signal::ALL.map(Signal::http_path).join(", ");
    let failure = Failure::new(
        FailureKind::NotFound,
        format!("nothing is at this path; OTLP over HTTP takes POST at {paths}"),
    );
    receiver.count_failure(Listener::OtlpHttp, &failure);
    fail(&failure, Format::of(&headers).unwrap_or(Format::Json))
}

fn fail(failure: &Failure, format: Format) -> Response {
    let body = match format {
        Format::Protobuf => failure.status_protobuf(),
        Format::Json => failure.status_json(),
    };
    let mut response = response(failure.http_status(), format, body);
    if let Some(seconds) = failure.retry_after_s() {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Some(challenge) = failure.challenge() {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    if failure.kind == FailureKind::Unsupported {
        response
            .headers_mut()
            .insert(ACCEPT_ENCODING, HeaderValue::from_static(ENCODINGS));
    }
    response
}

fn response(status: StatusCode, format: Format, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(format.media_type()));
    response
}
