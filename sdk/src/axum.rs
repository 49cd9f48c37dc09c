//! A SERVER span for each request that an axum service answers.
//!
//! The span continues the caller's W3C context and ends when the answer's body ends or is dropped.

use std::pin::Pin;
use std::task::{Context, Poll};

use ::axum::body::{Body, Bytes};
use ::axum::extract::{MatchedPath, Request};
use ::axum::response::Response;
use http::uri::Authority;
use http_body::{Frame, SizeHint};
use opentelemetry::propagation::Extractor;
use opentelemetry::trace::TraceContextExt;
use tower::{Layer, Service};
use tracing::{Instrument, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// The layer for `Router::layer`.
pub fn server() -> ServerLayer {
    ServerLayer
}

/// Makes services that trace their requests; see [`server`].
#[derive(Debug, Clone, Copy)]
pub struct ServerLayer;

impl<S> Layer<S> for ServerLayer {
    type Service = Server<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Server { inner }
    }
}

/// A service within SERVER spans.
#[derive(Debug, Clone)]
pub struct Server<S> {
    inner: S,
}

impl<S> Service<Request> for Server<S>
where
    S: Service<Request, Response = Response>,
    S::Future: Send + 'static,
    S::Error: Send,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let span = server_span(&request);
        let answer = span.in_scope(|| self.inner.call(request));
        Box::pin(async move {
            let response = answer.instrument(span.clone()).await?;
            let status = response.status();
            // Unsigned numbers would become text on their way to OpenTelemetry.
            span.record("http.response.status_code", i64::from(status.as_u16()));
            if status.is_server_error() {
                span.record("otel.status_code", "ERROR");
                span.record("error.type", status.as_str());
            }
            Ok(response.map(|inner| Body::new(TracedBody { inner, span })))
        })
    }
}

fn server_span(request: &Request) -> Span {
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map(MatchedPath::as_str);
    let method = match request.method().as_str() {
        known @ ("GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "CONNECT" | "OPTIONS" | "TRACE"
        | "PATCH") => known,
        _ => "_OTHER",
    };
    let shown = if method == "_OTHER" { "HTTP" } else { method };
    let name = route.map_or_else(|| shown.to_owned(), |route| format!("{shown} {route}"));
    let header = |name| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let host = header("host").and_then(|host| host.parse::<Authority>().ok());
    let span = tracing::info_span!(
        target: "spanwalk_sdk::http",
        "answer",
        otel.name = name,
        otel.kind = "server",
        otel.status_code = tracing::field::Empty,
        http.request.method = method,
        http.route = route,
        url.path = request.uri().path(),
        url.scheme = request.uri().scheme_str().unwrap_or("http"),
        url.query = request.uri().query(),
        server.address = host.as_ref().map(Authority::host),
        server.port = host.as_ref().and_then(Authority::port_u16).map(i64::from),
        user_agent.original = header("user-agent"),
        http.response.status_code = tracing::field::Empty,
        error.r#type = tracing::field::Empty,
    );
    let parent = opentelemetry::global::get_text_map_propagator(|it| {
        it.extract(&Headers(request.headers()))
    });
    // A context that cannot be read is none: the span then begins a trace.
    if parent.span().span_context().is_valid() && span.set_parent(parent).is_err() {
        tracing::debug!("the caller's context came too late for this span");
    }
    span
}

struct Headers<'a>(&'a http::HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(|value| value.to_str().ok())
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(http::HeaderName::as_str).collect()
    }
}

/// Keeps the span open as long as the body.
struct TracedBody {
    inner: Body,
    span: Span,
}

impl http_body::Body for TracedBody {
    type Data = Bytes;
    type Error = ::axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let span = self.span.clone();
        let frame = span.in_scope(|| Pin::new(&mut self.inner).poll_frame(context));
        if let Poll::Ready(Some(Err(_))) = &frame {
            span.record("otel.status_code", "ERROR");
            span.record("error.type", "body");
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
