//! Tasks, streams, channels and jobs that keep the context of the span they were started in.
//!
//! Work that belongs to a request stays inside its trace: [`spawn`], [`spawn_blocking`], [`JoinSet`],
//! [`InSpan`], [`channel`]. Work that only was started by one is a trace of its own with a link to
//! it: [`job`].

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::Stream;
use opentelemetry::trace::{SpanContext, TraceContextExt};
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinError, JoinHandle};
use tracing::{Instrument, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// As `tokio::spawn`, within the current span.
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(future.instrument(Span::current()))
}

/// As `tokio::task::spawn_blocking`, within the current span.
pub fn spawn_blocking<F, R>(work: F) -> JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    let span = Span::current();
    tokio::task::spawn_blocking(move || span.in_scope(work))
}

/// As `tokio::task::JoinSet`, each task within the span that was current when it was spawned.
#[derive(Debug)]
pub struct JoinSet<T>(tokio::task::JoinSet<T>);

impl<T> Default for JoinSet<T> {
    fn default() -> Self {
        Self(tokio::task::JoinSet::new())
    }
}

impl<T: Send + 'static> JoinSet<T> {
    /// An empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts a task within the current span.
    pub fn spawn<F>(&mut self, future: F) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
    {
        self.0.spawn(future.instrument(Span::current()))
    }

    /// Starts blocking work within the current span.
    pub fn spawn_blocking<F>(&mut self, work: F) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
    {
        let span = Span::current();
        self.0.spawn_blocking(move || span.in_scope(work))
    }

    /// Waits for the next task that ends; none when there is none.
    ///
    /// # Errors
    /// When that task panicked or was aborted.
    pub async fn join_next(&mut self) -> Option<Result<T, JoinError>> {
        self.0.join_next().await
    }

    /// How many tasks there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no task.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Tokio's set, for all else; what is spawned there has no context.
    pub fn as_tokio(&mut self) -> &mut tokio::task::JoinSet<T> {
        &mut self.0
    }
}

/// A stream that makes its items within a span, and keeps that span open until it is dropped.
#[derive(Debug)]
pub struct InSpan<S> {
    inner: Pin<Box<S>>,
    span: Span,
}

impl<S: Stream> InSpan<S> {
    /// The stream within `span`, such as `Span::current()`.
    pub fn new(stream: S, span: Span) -> Self {
        Self {
            inner: Box::pin(stream),
            span,
        }
    }
}

impl<S: Stream> Stream for InSpan<S> {
    type Item = S::Item;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = &mut *self;
        let inner = this.inner.as_mut();
        this.span.in_scope(|| inner.poll_next(context))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.size_hint()
    }
}

/// The current span's ids, for a link or a message.
pub fn current() -> Option<SpanContext> {
    let own = Span::current().context();
    let own = own.span().span_context().clone();
    // A span that is not recorded has none of its own; the one around it has.
    let own = own.is_valid().then_some(own);
    own.or_else(|| {
        let around = opentelemetry::Context::current();
        Some(around.span().span_context().clone()).filter(SpanContext::is_valid)
    })
}

/// A value on its way through a [`channel`], with the span that sent it.
#[derive(Debug)]
pub struct Carried<T> {
    /// What was sent.
    pub value: T,
    sender: Span,
    context: Option<SpanContext>,
}

impl<T> Carried<T> {
    /// The span that sent the value: work within it belongs to the sender's request, which is not
    /// over before.
    pub fn sender(&self) -> &Span {
        &self.sender
    }

    /// A trace of its own for the work on the value, with a link to the sender.
    pub fn job(&self, name: &str) -> Span {
        let span = job(name);
        if let Some(context) = &self.context {
            span.add_link(context.clone());
        }
        span
    }
}

/// The sending half of a [`channel`].
#[derive(Debug)]
pub struct Sender<T>(mpsc::Sender<Carried<T>>);

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Sender<T> {
    /// Sends a value with the current span, waiting for room.
    ///
    /// # Errors
    /// With the value, when nobody receives any more.
    pub async fn send(&self, value: T) -> Result<(), T> {
        let carried = Carried {
            value,
            sender: Span::current(),
            context: current(),
        };
        self.0.send(carried).await.map_err(|error| error.0.value)
    }
}

/// The receiving half of a [`channel`].
#[derive(Debug)]
pub struct Receiver<T>(mpsc::Receiver<Carried<T>>);

impl<T> Receiver<T> {
    /// The next value; none when nobody sends any more.
    pub async fn recv(&mut self) -> Option<Carried<T>> {
        self.0.recv().await
    }
}

impl<T> Stream for Receiver<T> {
    type Item = Carried<T>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Carried<T>>> {
        self.0.poll_recv(context)
    }
}

/// A channel within the process that holds `capacity` values at most, at least one, each with the
/// span that sent it.
pub fn channel<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = mpsc::channel(capacity.max(1));
    (Sender(sender), Receiver(receiver))
}

/// The span of a job `name` in the background: a trace of its own, with a link to the span that
/// started it, if there is one.
pub fn job(name: &str) -> Span {
    // Says its kind, so that an unsampled request does not keep its jobs from a trace of their own.
    let span = tracing::info_span!(
        target: "spanwalk_sdk::task",
        parent: None,
        "job",
        otel.name = name,
        otel.kind = "internal",
        otel.status_code = tracing::field::Empty,
        otel.status_description = tracing::field::Empty,
    );
    if let Some(context) = current() {
        span.add_link(context);
    }
    span
}

/// Starts `future` as a job `name`; see [`job`].
pub fn spawn_job<F>(name: &str, future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(future.instrument(job(name)))
}
