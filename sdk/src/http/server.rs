//! The layer around a service: a SERVER span for each request.

use std::pin::Pin;
use std::task::{Context, Poll};

use ::http::{Request, Response};
use tower::{Layer, Service};
use tracing::Instrument;

use super::{Kind, Side, TracedBody, span};

/// Makes services that trace the requests they answer.
#[derive(Debug, Clone, Copy)]
pub struct ServerLayer {
    pub(crate) kind: Kind,
}

impl<S> Layer<S> for ServerLayer {
    type Service = Server<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Server {
            inner,
            kind: self.kind,
        }
    }
}

/// A service within SERVER spans.
#[derive(Debug, Clone)]
pub struct Server<S> {
    inner: S,
    kind: Kind,
}

impl<S, B, R> Service<Request<B>> for Server<S>
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

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let kind = self.kind;
        let span = match kind {
            Kind::Http => span::http_server(&request),
            Kind::Grpc => span::grpc(&request, Side::Server),
        };
        let answer = span.in_scope(|| self.inner.call(request));
        Box::pin(async move {
            let response = answer.instrument(span.clone()).await.inspect_err(|_| {
                span::failed(&span, "service", None);
            })?;
            match kind {
                Kind::Http => span::http_status(&span, response.status(), Side::Server),
                Kind::Grpc => span::grpc_status(&span, response.headers(), Side::Server),
            }
            Ok(response.map(|inner| TracedBody::new(inner, span, kind, Side::Server)))
        })
    }
}
