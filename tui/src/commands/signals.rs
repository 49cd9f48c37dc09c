//! The wish to end, as the system tells it.

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::CommandError;
use crate::output::end_at_once;

/// `SIGINT` and `SIGTERM`.
#[derive(Debug)]
pub(super) struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// Listens from now on; the signals do not end the process any more.
    ///
    /// # Errors
    /// Where the system refuses.
    pub(super) fn listen() -> Result<Self, CommandError> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt()).map_err(CommandError::Signals)?,
            terminate: signal(SignalKind::terminate()).map_err(CommandError::Signals)?,
        })
    }

    /// Waits for the next one.
    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }

    /// From now on, the next one ends the process at once, whatever it does.
    pub(super) fn end_at_the_next(mut self) {
        tokio::spawn(async move {
            self.next().await;
            end_at_once()
        });
    }
}
