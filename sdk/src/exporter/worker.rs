//! The exporter's thread, with a lane for each signal.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::SdkLogRecord;
use opentelemetry_sdk::trace::SpanData;
use tracing::Dispatch;
use tracing::subscriber::NoSubscriber;

use super::backoff::Backoff;
use super::encode::{Encode, Encoder};
use super::item::Weighed;
use super::lane::Lane;
use super::queue::{Queue, Sizes};
use super::send::Sender;
use super::spool::{Slot, Spool};
use crate::config::{Config, Signal, SignalConfig};
use crate::loss::Stats;

/// Bytes of each signal in memory at most, about.
const QUEUE_BYTES: usize = 64 << 20;
/// Bytes of one request at most, about; collectors refuse messages above 4 MiB by default.
const BATCH_BYTES: usize = 2 << 20;

/// The queues of both signals.
#[derive(Debug)]
pub(crate) struct Exporter {
    pub(crate) spans: Arc<Queue<SpanData>>,
    pub(crate) records: Arc<Queue<SdkLogRecord>>,
}

fn sizes(config: &SignalConfig) -> Sizes {
    Sizes {
        queue_count: config.queue_count,
        queue_bytes: QUEUE_BYTES,
        batch_count: config.batch_count,
        batch_bytes: BATCH_BYTES,
    }
}

impl Exporter {
    pub(crate) fn new(traces: &SignalConfig, logs: &SignalConfig) -> Self {
        Self {
            spans: Arc::new(Queue::new(sizes(traces))),
            records: Arc::new(Queue::new(sizes(logs))),
        }
    }

    /// Queues that somebody else empties.
    pub(crate) fn with_sizes(sizes: Sizes) -> Self {
        Self {
            spans: Arc::new(Queue::new(sizes)),
            records: Arc::new(Queue::new(sizes)),
        }
    }

    pub(crate) fn stats(&self) -> Stats {
        Stats {
            spans: self.spans.counts(),
            records: self.records.counts(),
        }
    }

    /// Asks for all that waits to be sent; true when an attempt at all of it ended within `timeout`.
    pub(crate) fn flush(&self, timeout: Duration) -> bool {
        let by = Instant::now() + timeout;
        let (spans, records) = (self.spans.ask_flush(), self.records.ask_flush());
        let sent = self.spans.wait_flushed(spans, by);
        self.records.wait_flushed(records, by) && sent
    }

    /// Ends the exporter after a last attempt; true when that was done within `timeout`.
    pub(crate) fn stop(&self, timeout: Duration) -> bool {
        let by = Instant::now() + timeout;
        self.spans.ask_stop(by);
        self.records.ask_stop(by);
        let ended = self.spans.wait_stopped(by);
        self.records.wait_stopped(by) && ended
    }
}

/// Starts the thread that empties the queues of `exporter`.
pub(crate) fn start(
    exporter: &Exporter,
    config: &Config,
    resource: &Resource,
    told: Option<Dispatch>,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let slot = config.spool.as_ref().map(Slot::take).transpose()?;
    let lane = |signal, config: &SignalConfig| {
        let _inside = runtime.enter();
        let sender = Sender::new(signal, config.clone()).map_err(io::Error::other)?;
        let spool = slot
            .as_ref()
            .map(|slot| Spool::open(slot, signal))
            .transpose()?;
        io::Result::Ok((sender, spool))
    };
    let (traces, logs) = (
        lane(Signal::Traces, &config.traces)?,
        lane(Signal::Logs, &config.logs)?,
    );
    let traces = built(
        &exporter.spans,
        traces,
        config.traces.delay,
        config,
        resource,
        told.clone(),
    );
    let logs = built(
        &exporter.records,
        logs,
        config.logs.delay,
        config,
        resource,
        told,
    );
    std::thread::Builder::new()
        .name("spanwalk-export".to_owned())
        .spawn(move || {
            // Whatever the transport says on this thread is heard by nobody: no telemetry loop.
            tracing::subscriber::with_default(NoSubscriber::default(), || {
                runtime.block_on(async { tokio::join!(traces.run(), logs.run()) });
            });
        })?;
    Ok(())
}

fn built<T: Encode + Weighed>(
    queue: &Arc<Queue<T>>,
    (sender, spool): (Sender, Option<Spool>),
    delay: Duration,
    config: &Config,
    resource: &Resource,
    told: Option<Dispatch>,
) -> Lane<T> {
    if let Some(spool) = &spool {
        let count = spool.item_count();
        queue.count(|counts| {
            counts.restored = count;
            counts.spooled = count;
        });
    }
    Lane {
        queue: Arc::clone(queue),
        sender,
        encoder: Encoder::new(resource, config.limits),
        spool,
        delay,
        pending: None,
        backoff: Backoff::default(),
        away: false,
        told,
    }
}
