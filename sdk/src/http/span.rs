//! Spans of requests by the semantic conventions, and the context on their headers.

use ::axum::extract::MatchedPath;
use ::http::uri::Authority;
use ::http::{HeaderMap, Request, StatusCode};
use opentelemetry::trace::TraceContextExt;
use tracing::Span;
use tracing::field::Empty;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::Side;
use super::headers::{Received, Sent};

/// Reads the caller's context. One that cannot be read is none: the span then begins a trace.
pub(super) fn continue_trace(span: &Span, headers: &HeaderMap) {
    let parent =
        opentelemetry::global::get_text_map_propagator(|it| it.extract(&Received(headers)));
    let known = parent.span().span_context().is_valid();
    let carries = opentelemetry::baggage::BaggageExt::baggage(&parent);
    if (known || !carries.is_empty()) && span.set_parent(parent).is_err() {
        tracing::debug!("the caller's context came too late for this span");
    }
}

/// Writes the context of `span`, for the next service to continue.
pub(crate) fn carry_on(span: &Span, headers: &mut HeaderMap) {
    let context = span.context();
    opentelemetry::global::get_text_map_propagator(|it| {
        it.inject_context(&context, &mut Sent(headers));
    });
}

fn header<'a, B>(request: &'a Request<B>, name: &str) -> Option<&'a str> {
    let value = request.headers().get(name)?;
    value.to_str().ok()
}

/// Where the request goes: the address it names, else its host.
fn authority<B>(request: &Request<B>) -> Option<Authority> {
    let own = request.uri().authority().cloned();
    own.or_else(|| header(request, "host").and_then(|host| host.parse().ok()))
}

/// Methods nobody knows would be names without number.
fn method(method: &http::Method) -> &str {
    match method.as_str() {
        known @ ("GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "CONNECT" | "OPTIONS" | "TRACE"
        | "PATCH") => known,
        _ => "_OTHER",
    }
}

pub(super) fn http_server<B>(request: &Request<B>) -> Span {
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map(MatchedPath::as_str);
    let method = method(request.method());
    let shown = if method == "_OTHER" { "HTTP" } else { method };
    let name = route.map_or_else(|| shown.to_owned(), |route| format!("{shown} {route}"));
    let host = authority(request);
    let span = tracing::info_span!(
        target: "spanwalk_sdk::http",
        "answer",
        otel.name = name,
        otel.kind = "server",
        otel.status_code = Empty,
        otel.status_description = Empty,
        http.request.method = method,
        http.route = route,
        url.path = request.uri().path(),
        url.scheme = request.uri().scheme_str().unwrap_or("http"),
        url.query = request.uri().query(),
        server.address = host.as_ref().map(Authority::host),
        server.port = host.as_ref().and_then(Authority::port_u16).map(i64::from),
        user_agent.original = header(request, "user-agent"),
        http.response.status_code = Empty,
        error.r#type = Empty,
    );
    continue_trace(&span, request.headers());
    span
}

pub(super) fn http_client<B>(request: &Request<B>) -> Span {
    let method = method(request.method());
    let host = authority(request);
    let (address, port) = (
        host.as_ref().map_or("", Authority::host),
        host.as_ref().and_then(Authority::port_u16),
    );
    let scheme = request.uri().scheme_str().unwrap_or("http");
    let port = port.unwrap_or(if scheme == "https" { 443 } else { 80 });
    // Put together without what may stand before the host: credentials have no place in telemetry.
    let path = request.uri().path_and_query().map_or("/", |it| it.as_str());
    tracing::info_span!(
        target: "spanwalk_sdk::http",
        "request",
        otel.name = if method == "_OTHER" { "HTTP" } else { method },
        otel.kind = "client",
        otel.status_code = Empty,
        otel.status_description = Empty,
        http.request.method = method,
        server.address = address,
        server.port = i64::from(port),
        url.full = format!("{scheme}://{address}:{port}{path}"),
        http.response.status_code = Empty,
        error.r#type = Empty,
    )
}

pub(super) fn grpc<B>(request: &Request<B>, side: Side) -> Span {
    let method = request.uri().path().trim_start_matches('/');
    let host = authority(request);
    let span = tracing::info_span!(
        target: "spanwalk_sdk::grpc",
        "call",
        otel.name = method,
        otel.kind = match side {
            Side::Server => "server",
            Side::Client => "client",
        },
        otel.status_code = Empty,
        otel.status_description = Empty,
        rpc.system.name = "grpc",
        rpc.method = method,
        server.address = host.as_ref().map(Authority::host),
        server.port = host.as_ref().and_then(Authority::port_u16).map(i64::from),
        rpc.response.status_code = Empty,
        error.r#type = Empty,
    );
    if side == Side::Server {
        continue_trace(&span, request.headers());
    }
    span
}

/// Marks the span as failed.
pub(super) fn failed(span: &Span, kind: &str, description: Option<&str>) {
    span.record("otel.status_code", "ERROR");
    span.record("error.type", kind);
    if let Some(description) = description {
        span.record("otel.status_description", description);
    }
}

/// A server fails with 5xx; a client's request has failed with 4xx too.
pub(super) fn http_status(span: &Span, status: StatusCode, side: Side) {
    // Unsigned numbers would become text on their way to OpenTelemetry.
    span.record("http.response.status_code", i64::from(status.as_u16()));
    if status.is_server_error() || (side == Side::Client && status.is_client_error()) {
        failed(span, status.as_str(), None);
    }
}

/// The codes of gRPC by number.
const CODES: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

/// The status that stands in trailers, or in the headers of an answer without a body.
pub(super) fn grpc_status(span: &Span, headers: &HeaderMap, side: Side) {
    let text = |name| headers.get(name).and_then(|it| it.to_str().ok());
    let Some(number) = text("grpc-status") else {
        return;
    };
    let known = number.parse::<usize>().ok();
    let code = known
        .and_then(|it| CODES.get(it))
        .copied()
        .unwrap_or("UNKNOWN");
    span.record("rpc.response.status_code", code);
    let servers_fault = matches!(
        code,
        "UNKNOWN"
            | "DEADLINE_EXCEEDED"
            | "UNIMPLEMENTED"
            | "INTERNAL"
            | "UNAVAILABLE"
            | "DATA_LOSS"
    );
    if servers_fault || (side == Side::Client && code != "OK") {
        let message = text("grpc-message").map(crate::propagator::percent::decode_lossy);
        failed(span, code, message.as_deref());
    }
}
