//! Tasks that keep the context of the span they were started in.

use std::future::Future;

use tokio::task::JoinHandle;
use tracing::{Instrument, Span};

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
