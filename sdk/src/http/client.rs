//! The layer around a client: a CLIENT span for each request, with the context in its headers.

use std::pin::Pin;
use std::task::{Context, Poll};

use ::http::{Request, Response};
use tower::{Layer, Service};
use tracing::Instrument;

use super::{Kind, Side, TracedBody, span};

/// Makes clients that trace the requests they send.
#[derive(Debug, Clone, Copy)]
pub struct ClientLayer {
    pub(crate) kind: Kind,
}

impl<S> Layer<S> for ClientLayer {
    type Service = Client<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Client {
            inner,
            kind: self.kind,
        }
    }
}

/// A client within CLIENT spans.
#[derive(Debug, Clone)]
pub struct Client<S> {
    inner: S,
    kind: Kind,
}

impl<S, B, R> Service<Request<B>> for Client<S>
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
        let kind = self.kind;
        let span = match kind {
            Kind::Http => span::http_client(&request),
            Kind::Grpc => span::grpc(&request, Side::Client),
        };
        span::carry_on(&span, request.headers_mut());
        let answer = span.in_scope(|| self.inner.call(request));
        Box::pin(async move {
            let response = answer.instrument(span.clone()).await.inspect_err(|_| {
                span::failed(&span, "connection", None);
            })?;
            match kind {
                Kind::Http => span::http_status(&span, response.status(), Side::Client),
                Kind::Grpc => span::grpc_status(&span, response.headers(), Side::Client),
            }
            Ok(response.map(|inner| TracedBody::new(inner, span, kind, Side::Client)))
        })
    }
}
