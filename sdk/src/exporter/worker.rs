//! The exporter's thread: waits for work, sends batches, keeps what could not be sent.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_proto::transform::logs::tonic::group_logs_by_resource_and_scope;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::LogBatch;
use tracing::subscriber::NoSubscriber;

use super::queue::{Queue, Work};
use super::send::{Outcome, Protocol, Sender};

/// How long items wait for a fuller batch.
const BATCH_DELAY: Duration = Duration::from_millis(500);
/// The first and the longest rest after a failed attempt.
const REST: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(5));

/// Starts the thread that empties `queue`.
pub(crate) fn start(
    queue: Arc<Queue>,
    protocol: Protocol,
    endpoint: String,
    resource: &Resource,
) -> io::Result<()> {
    let resource = ResourceAttributesWithSchema::from(resource);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    std::thread::Builder::new()
        .name("spanwalk-export".to_owned())
        .spawn(move || {
            // Whatever the transport says on this thread is heard by nobody: no telemetry loop.
            tracing::subscriber::with_default(NoSubscriber::default(), || {
                let sender = {
                    let _inside = runtime.enter();
                    Sender::new(protocol, &endpoint)
                };
                if let Ok(sender) = sender {
                    Worker {
                        queue: &queue,
                        runtime,
                        sender,
                        resource,
                        pending: Pending::default(),
                    }
                    .run();
                }
                queue.end();
            });
        })?;
    Ok(())
}

/// Requests that were made and not yet taken, with their item counts.
#[derive(Default)]
struct Pending {
    traces: Option<(ExportTraceServiceRequest, u64)>,
    logs: Option<(ExportLogsServiceRequest, u64)>,
}

impl Pending {
    fn is_some(&self) -> bool {
        self.traces.is_some() || self.logs.is_some()
    }
}

struct Worker<'a> {
    queue: &'a Queue,
    runtime: tokio::runtime::Runtime,
    sender: Sender,
    resource: ResourceAttributesWithSchema,
    pending: Pending,
}

impl Worker<'_> {
    fn run(mut self) {
        let mut rest = REST.0;
        loop {
            match self.queue.wait(BATCH_DELAY, self.pending.is_some()) {
                Work::Stop => {
                    self.send_all();
                    self.give_up();
                    return;
                }
                Work::Batch { flush } => {
                    let sent = self.send_all();
                    self.queue.flushed(flush);
                    if sent {
                        rest = REST.0;
                    } else {
                        self.queue.rest(rest, flush);
                        rest = (rest * 2).min(REST.1);
                    }
                }
            }
        }
    }

    /// Sends until nothing waits; false when the collector cannot be reached now.
    fn send_all(&mut self) -> bool {
        loop {
            self.fill();
            if !self.pending.is_some() {
                return true;
            }
            if !self.attempt() {
                return false;
            }
        }
    }

    fn fill(&mut self) {
        if self.pending.traces.is_none() {
            let spans = self.queue.take_spans();
            if !spans.is_empty() {
                let count = spans.len() as u64;
                let resource_spans = group_spans_by_resource_and_scope(spans, &self.resource);
                self.pending.traces = Some((ExportTraceServiceRequest { resource_spans }, count));
            }
        }
        if self.pending.logs.is_none() {
            let records = self.queue.take_records();
            if !records.is_empty() {
                let count = records.len() as u64;
                let borrowed: Vec<_> = records.iter().map(|(it, scope)| (it, scope)).collect();
                let resource_logs =
                    group_logs_by_resource_and_scope(&LogBatch::new(&borrowed), &self.resource);
                self.pending.logs = Some((ExportLogsServiceRequest { resource_logs }, count));
            }
        }
    }

    fn attempt(&mut self) -> bool {
        let mut reached = true;
        if let Some((request, count)) = self.pending.traces.take() {
            match self.runtime.block_on(self.sender.traces(&request)) {
                Outcome::Sent { rejected } => {
                    let rejected = rejected.min(count);
                    self.queue.spans_ended(count - rejected, rejected);
                }
                Outcome::Refused(_) => self.queue.spans_ended(0, count),
                Outcome::Retry(_) => {
                    self.pending.traces = Some((request, count));
                    reached = false;
                }
            }
        }
        if let Some((request, count)) = self.pending.logs.take() {
            match self.runtime.block_on(self.sender.logs(&request)) {
                Outcome::Sent { rejected } => {
                    let rejected = rejected.min(count);
                    self.queue.records_ended(count - rejected, rejected);
                }
                Outcome::Refused(_) => self.queue.records_ended(0, count),
                Outcome::Retry(_) => {
                    self.pending.logs = Some((request, count));
                    reached = false;
                }
            }
        }
        reached
    }

    fn give_up(&mut self) {
        let spans = self.pending.traces.take().map_or(0, |it| it.1);
        let records = self.pending.logs.take().map_or(0, |it| it.1);
        self.queue.spans_ended(0, spans);
        self.queue.records_ended(0, records);
    }
}
