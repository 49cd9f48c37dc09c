//! The layer around a service or a client: a span for each request.

use std::pin::Pin;
use std::task::{Context, Poll};

use ::http::{Request, Response};
use tower::{Layer, Service};
use tracing::Instrument;

use super::{Kind, Side, TracedBody, span};

/// Makes services and clients that trace their requests.
#[derive(Debug, Clone, Copy)]
pub struct TraceLayer {
    kind: Kind,
    side: Side,
}

impl TraceLayer {
    /// The layer of what answers requests.
    pub(crate) fn server(kind: Kind) -> Self {
        Self {
            kind,
            side: Side::Server,
        }
    }

    /// The layer of what sends requests.
    pub(crate) fn client(kind: Kind) -> Self {
        Self {
            kind,
            side: Side::Client,
        }
    }
}

impl<S> Layer<S> for TraceLayer {
    type Service = Traced<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Traced {
            inner,
            layer: *self,
        }
    }
}

/// A service or client whose requests have SERVER or CLIENT spans.
#[derive(Debug, Clone)]
pub struct Traced<S> {
    inner: S,
    layer: TraceLayer,
}

impl<S, B, R> Service<Request<B>> for Traced<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Future: Send + 'static,
{
    type Response = Response<TracedBody<R>>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let TraceLayer { kind, side } = self.layer;
        let span = match (kind, side) {
            (Kind::Http, Side::Server) => span::http_server(&request),
            (Kind::Http, Side::Client) => span::http_client(&request),
            (Kind::Grpc, side) => span::grpc(&request, side),
        };
        if side == Side::Client {
            span::carry_on(&span, request.headers_mut());
        }
        let answer = span.in_scope(|| self.inner.call(request));
        Box::pin(async move {
            let response = answer.instrument(span.clone()).await.inspect_err(|_| {
                let error_type = match side {
                    Side::Server => "service",
                    Side::Client => "connection",
                };
                span::failed(&span, error_type, None);
            })?;
            match kind {
                Kind::Http => span::http_status(&span, response.status(), side),
                Kind::Grpc => span::grpc_status(&span, response.headers(), side),
            }
            Ok(response.map(|inner| TracedBody::new(inner, span, kind, side)))
        })
    }
}
