//! Why telemetry could not be started.

use std::io;

/// Why telemetry could not be started. The service can go on without.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InitError {
    /// A variable has a value that cannot be understood.
    #[error("{variable} is {value:?}, expected {expected}")]
    Setting {
        /// Its name.
        variable: &'static str,
        /// What it holds.
        value: String,
        /// What it may hold.
        expected: &'static str,
    },
    /// A global subscriber exists already.
    #[error("a tracing subscriber is set already")]
    AlreadyStarted,
    /// No thread or runtime for the exporter.
    #[error("the exporter's thread could not be started: {0}")]
    Thread(#[from] io::Error),
}
