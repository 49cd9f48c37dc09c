//! The body of an answer, which keeps the span of its request open.

use std::pin::Pin;
use std::task::{Context, Poll};

use http_body::{Body, Frame, SizeHint};
use tracing::Span;

use super::{Kind, Side, span};

/// A body within the span of its request: the span ends when the body ends or is dropped.
#[derive(Debug)]
pub struct TracedBody<B> {
    // Boxed: bodies may have to stay where they are.
    inner: Pin<Box<B>>,
    span: Span,
    kind: Kind,
    side: Side,
}

impl<B> TracedBody<B> {
    pub(super) fn new(inner: B, span: Span, kind: Kind, side: Side) -> Self {
        Self {
            inner: Box::pin(inner),
            span,
            kind,
            side,
        }
    }
}

impl<B: Body> Body for TracedBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = &mut *self;
        let inner = this.inner.as_mut();
        let frame = this.span.in_scope(|| inner.poll_frame(context));
        match &frame {
            Poll::Ready(Some(Err(_))) => span::failed(&this.span, "body", None),
            Poll::Ready(Some(Ok(frame))) if this.kind == Kind::Grpc => {
                if let Some(trailers) = frame.trailers_ref() {
                    span::grpc_status(&this.span, trailers, this.side);
                }
            }
            _ => {}
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
