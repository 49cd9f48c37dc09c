//! Holds telemetry up, and sends what waits when it goes.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use opentelemetry_sdk::Resource;

use crate::config::Config;
use crate::doctor::Report;
use crate::exporter::Exporter;
use crate::loss::Stats;

/// How long a drop or an exit waits for the last items at most.
const END_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a panic waits for its log record at most.
const PANIC_TIMEOUT: Duration = Duration::from_secs(1);

/// The exporter of this process, for `exit` and the panic hook.
static EXPORTER: OnceLock<Arc<Exporter>> = OnceLock::new();

/// Sends what waits when it is dropped. Keep it until the end of `main`.
#[derive(Debug)]
#[must_use = "telemetry ends when the guard is dropped"]
pub struct Guard {
    exporter: Option<Arc<Exporter>>,
    config: Box<Config>,
    resource: Resource,
}

impl Guard {
    pub(crate) fn new(exporter: Option<Arc<Exporter>>, config: Config, resource: Resource) -> Self {
        let exporter = exporter.map(|it| Arc::clone(EXPORTER.get_or_init(|| it)));
        Self {
            exporter,
            config: Box::new(config),
            resource,
        }
    }

    /// Sends what waits, on any runtime or none; true when an attempt at all of it ended within
    /// `timeout`. What the collector did not take still waits (see [`Guard::stats`]), also while it
    /// asks to be left alone.
    pub fn flush(&self, timeout: Duration) -> bool {
        self.exporter.as_ref().is_none_or(|it| it.flush(timeout))
    }

    /// Sends what waits and ends the exporter; true when that was done within `timeout`. What could
    /// not be sent is left in the spool, where there is one, for the next process.
    pub fn shutdown(&self, timeout: Duration) -> bool {
        self.exporter.as_ref().is_none_or(|it| it.stop(timeout))
    }

    /// What was made, sent and lost since the start.
    pub fn stats(&self) -> Stats {
        self.exporter
            .as_ref()
            .map(|it| it.stats())
            .unwrap_or_default()
    }

    /// What the settings resolved to and where each came from; sends a probe span and says whether
    /// it arrived. Blocks as long as one request may take.
    pub fn doctor(&self) -> Report {
        Report::make(&self.config, &self.resource, self.stats())
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.shutdown(END_TIMEOUT);
    }
}

/// Sends what waits, for 5 s at most, and ends the process with `code`.
pub fn exit(code: i32) -> ! {
    if let Some(exporter) = EXPORTER.get() {
        exporter.stop(END_TIMEOUT);
    }
    #[expect(clippy::exit, reason = "this is what the caller asks for")]
    std::process::exit(code)
}

/// A panic becomes a log record with its place, and is sent at once: the process may end next.
pub(crate) fn hook_panics() {
    let previous = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let message = info
            .payload_as_str()
            .unwrap_or("panic with a payload that is no text");
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(
            exception.r#type = "panic",
            exception.message = message,
            exception.location = place,
            "panicked: {message}"
        );
        if let Some(exporter) = EXPORTER.get() {
            exporter.flush(PANIC_TIMEOUT);
        }
        previous(info);
    }));
}
