//! OTLP over gRPC: four unary calls, straight on HTTP/2 bodies.
//!
//! The framing is ours because a generated server answers in codes that OTLP gives another
//! meaning (an oversized message as one to be sent again), and because it reads a message
//! before anyone can say that there is no room for it. A unary call is a prefix of five bytes
//! and a message in, the same and two trailers out (gRPC over HTTP2,
//! `doc/PROTOCOL-HTTP2.md` of grpc/grpc).

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request as HttpRequest, State};
use axum::response::Response;
use axum::routing::any;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bytes::Bytes;
use futures_util::{FutureExt, stream};
use http::header::{ALLOW, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use http_body::Frame;
use http_body_util::StreamBody;

use super::body;
use super::content::{Encoding, Format, Signal};
use super::decode::Request;
use super::failure::{Failure, FailureKind};
use super::take::Receiver;
use crate::telemetry::Listener;

const GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");
const GRPC_MESSAGE: HeaderName = HeaderName::from_static("grpc-message");
const GRPC_DETAILS: HeaderName = HeaderName::from_static("grpc-status-details-bin");
const GRPC_ENCODING: HeaderName = HeaderName::from_static("grpc-encoding");
const GRPC_ACCEPT_ENCODING: HeaderName = HeaderName::from_static("grpc-accept-encoding");

/// The encodings that are taken, as gRPC lists them.
const GRPC_ENCODINGS: HeaderValue = HeaderValue::from_static("identity,gzip,zstd");
const GRPC_TYPE: &str = "application/grpc";

/// Bytes of the longest message in a trailer; header lists are limited.
const MESSAGE_BYTES_MAX: usize = 2048;

/// The routes.
pub(super) fn router(receiver: Receiver) -> Router {
    let mut router = Router::new();
    for signal in Signal::ALL {
        router = router.route(
            signal.grpc_path(),
            any(
                move |State(receiver): State<Receiver>, request: HttpRequest| async move {
                    export(&receiver, signal, request).await
                },
            ),
        );
    }
    router.fallback(unknown_method).with_state(receiver)
}

async fn export(receiver: &Receiver, signal: Signal, request: HttpRequest) -> Response {
    if let Some(refusal) = no_grpc(&request) {
        return refusal;
    }
    let (parts, body) = request.into_parts();
    let outcome = AssertUnwindSafe(take(receiver, signal, &parts.headers, body))
        .catch_unwind()
        .await
        .unwrap_or_else(|_| Err(Failure::panicked()));
    match outcome {
        Ok(message) => success(&message),
        Err(failure) => {
            receiver.count_failure(Listener::OtlpGrpc, &failure);
            fail(&failure)
        }
    }
}

async fn take(
    receiver: &Receiver,
    signal: Signal,
    headers: &HeaderMap,
    body: Body,
) -> Result<Vec<u8>, Failure> {
    receiver.authorize(headers)?;
    let encoding = Encoding::named(headers.get(GRPC_ENCODING))?;
    let mut permit = receiver.admit()?;
    let message = body::read_grpc_message(body, receiver.bytes_max(), &mut permit).await?;
    let request = Request {
        listener: Listener::OtlpGrpc,
        signal,
        format: Format::Protobuf,
        encoding: if message.is_compressed {
            encoding
        } else {
            Encoding::Identity
        },
        body: message.bytes,
        permit,
    };
    Ok(receiver.take(request).await?.protobuf())
}

/// What somebody is told who does not speak gRPC here, such as an exporter of OTLP over HTTP.
fn no_grpc(request: &HttpRequest) -> Option<Response> {
    if request.method() != Method::POST {
        let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "gRPC calls are POST");
        response
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static("POST"));
        return Some(response);
    }
    let is_grpc = request
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(GRPC_TYPE.as_bytes()));
    (!is_grpc).then(|| {
        plain(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "this port takes OTLP over gRPC (content type application/grpc); OTLP over HTTP has a port of its own, 4318 by default",
        )
    })
}

async fn unknown_method(State(receiver): State<Receiver>, request: HttpRequest) -> Response {
    let failure = Failure::new(
        FailureKind::NotFound,
        format!("the method {} is not offered here", request.uri().path()),
    );
    receiver.count_failure(Listener::OtlpGrpc, &failure);
    no_grpc(&request).unwrap_or_else(|| fail(&failure))
}

fn success(message: &[u8]) -> Response {
    let mut framed = Vec::with_capacity(message.len() + 5);
    framed.push(0);
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
    framed.extend_from_slice(&length.to_be_bytes());
    framed.extend_from_slice(message);
    let mut trailers = HeaderMap::with_capacity(1);
    trailers.insert(GRPC_STATUS, HeaderValue::from_static("0"));
    let frames = stream::iter([
        Ok::<_, Infallible>(Frame::data(Bytes::from(framed))),
        Ok(Frame::trailers(trailers)),
    ]);
    with_grpc_headers(Response::new(Body::new(StreamBody::new(frames))))
}

/// An answer of trailers only.
fn fail(failure: &Failure) -> Response {
    let mut response = with_grpc_headers(Response::new(Body::empty()));
    let headers = response.headers_mut();
    headers.insert(
        GRPC_STATUS,
        HeaderValue::from(u16::from(failure.grpc_code())),
    );
    if let Some(challenge) = failure.challenge() {
        headers.insert(WWW_AUTHENTICATE, challenge);
    }
    if let Ok(message) = HeaderValue::try_from(percent_encoded(&failure.message)) {
        headers.insert(GRPC_MESSAGE, message);
    }
    if failure.has_details() {
        let details = STANDARD_NO_PAD.encode(failure.status_protobuf());
        if let Ok(details) = HeaderValue::try_from(details) {
            headers.insert(GRPC_DETAILS, details);
        }
    }
    response
}

fn with_grpc_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(GRPC_TYPE));
    headers.insert(GRPC_ACCEPT_ENCODING, GRPC_ENCODINGS);
    response
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    response
}

/// The message as `grpc-message` has it: bytes outside of printable ASCII, and the percent
/// sign, as a percent sign and two hex digits.
fn percent_encoded(message: &str) -> String {
    use std::fmt::Write as _;

    let end = message.floor_char_boundary(MESSAGE_BYTES_MAX);
    let mut encoded = String::with_capacity(end);
    for byte in message.bytes().take(end) {
        if matches!(byte, b' '..=b'~') && byte != b'%' {
            encoded.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::percent_encoded;

    #[test]
    fn messages_are_encoded_as_grpc_asks() {
        assert_eq!(percent_encoded("100 % für\n"), "100 %25 f%C3%BCr%0A");
    }
}
