//! What the settings resolve to, where each came from, and whether a span arrives.

use std::fmt;
use std::time::{Duration, SystemTime};

use opentelemetry::InstrumentationScope;
use opentelemetry::trace::{
    SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};
use tracing::subscriber::NoSubscriber;

use crate::config::{self, Config, Exporter, Problem, Setting, Signal, Source};
use crate::exporter::send::{Outcome, Sender};
use crate::exporter::{Encode, Encoder};
use crate::loss::{Counts, Loss, Stats};

/// The name of the span that is sent to see whether it arrives.
pub const PROBE_NAME: &str = "spanwalk doctor";

/// What became of the probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probe {
    /// The collector took the span of this trace.
    Arrived {
        /// Where it was sent.
        endpoint: String,
        /// The id to look for, 32 hexadecimal digits.
        trace_id: String,
    },
    /// The collector did not take it.
    Lost {
        /// Where it was sent.
        endpoint: String,
        /// Why.
        reason: String,
    },
    /// Nothing is sent with these settings.
    Off,
}

/// What [`Guard::doctor`](crate::Guard::doctor) found; its text is for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Every variable that the SDK knows.
    pub settings: Vec<Setting>,
    /// Values that were given and are not used.
    pub problems: Vec<Problem>,
    /// Variables of the environment that nobody here knows.
    pub unknown: Vec<String>,
    /// What became of the probe.
    pub probe: Probe,
    /// What was made, sent and lost so far.
    pub stats: Stats,
}

impl Report {
    /// Sends the probe and waits for its answer, at most as long as a request may take.
    pub(crate) fn make(config: &Config, resource: &Resource, stats: Stats) -> Self {
        // Names that are no text are no variables that anybody here could mean.
        let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        Self {
            settings: config.settings.clone(),
            problems: config.problems.clone(),
            unknown: config::unknown(names),
            probe: probe(config, resource),
            stats,
        }
    }

    /// Whether the probe arrived and every value that was given is used.
    pub fn is_well(&self) -> bool {
        self.problems.is_empty() && matches!(self.probe, Probe::Arrived { .. })
    }
}

/// A thread with a runtime of its own: the caller may have any runtime or none.
fn probe(config: &Config, resource: &Resource) -> Probe {
    if config.disabled || config.traces.exporter != Exporter::Otlp {
        return Probe::Off;
    }
    let endpoint = config.traces.endpoint.clone();
    let span = probe_span();
    let trace_id = span.span_context.trace_id().to_string();
    let request = SpanData::encode(&Encoder::new(resource, config.limits), &[span]);
    let settings = config.traces.clone();
    let sending = std::thread::spawn(move || {
        tracing::subscriber::with_default(NoSubscriber::default(), || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(|error| error.to_string())?;
            runtime.block_on(async {
                match Sender::new(Signal::Traces, settings)?.send(&request).await {
                    Outcome::Sent { rejected: 0 } => Ok(()),
                    Outcome::Sent { .. } => Err("the collector rejected the span".to_owned()),
                    Outcome::Retry { text, .. } | Outcome::Lost { text, .. } => Err(text),
                }
            })
        })
    });
    let outcome = sending
        .join()
        .unwrap_or_else(|_| Err("the probe could not be sent".to_owned()));
    match outcome {
        Ok(()) => Probe::Arrived { endpoint, trace_id },
        Err(reason) => Probe::Lost { endpoint, reason },
    }
}

fn probe_span() -> SpanData {
    let now = SystemTime::now();
    let trace_id = TraceId::from(rand::random::<u128>() | 1);
    let span_id = SpanId::from(rand::random::<u64>() | 1);
    SpanData {
        span_context: SpanContext::new(
            trace_id,
            span_id,
            TraceFlags::SAMPLED,
            false,
            TraceState::NONE,
        ),
        parent_span_id: SpanId::INVALID,
        parent_span_is_remote: false,
        span_kind: SpanKind::Internal,
        name: PROBE_NAME.into(),
        start_time: now.checked_sub(Duration::from_millis(1)).unwrap_or(now),
        end_time: now,
        attributes: Vec::new(),
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: Status::Unset,
        instrumentation_scope: InstrumentationScope::builder("spanwalk-sdk").build(),
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "settings")?;
        for it in &self.settings {
            write_setting(formatter, it)?;
        }
        for problem in &self.problems {
            writeln!(formatter, "problem      {problem}")?;
        }
        for name in &self.unknown {
            writeln!(
                formatter,
                "unknown      {name} is not known here and has no effect"
            )?;
        }
        write_counts(formatter, "spans", &self.stats.spans)?;
        write_counts(formatter, "records", &self.stats.records)?;
        match &self.probe {
            Probe::Arrived { endpoint, trace_id } => {
                writeln!(
                    formatter,
                    "probe        arrived at {endpoint}, trace {trace_id}"
                )
            }
            Probe::Lost { endpoint, reason } => {
                writeln!(
                    formatter,
                    "probe        did not arrive at {endpoint}: {reason}"
                )
            }
            Probe::Off => writeln!(
                formatter,
                "probe        nothing is sent with these settings"
            ),
        }
    }
}

fn write_setting(formatter: &mut fmt::Formatter<'_>, setting: &Setting) -> fmt::Result {
    let Setting {
        variable,
        value,
        unit,
        source,
        ignored,
    } = setting;
    // What is not set and does nothing is not worth a line.
    if ignored.is_some() && *source == Source::Default {
        return Ok(());
    }
    write!(formatter, "  {source:<11} {variable}={value}")?;
    if !unit.is_empty() && value.parse::<f64>().is_ok() {
        write!(formatter, " {unit}")?;
    }
    if let Some(reason) = ignored {
        write!(formatter, " (no effect: {reason})")?;
    }
    writeln!(formatter)
}

fn write_counts(formatter: &mut fmt::Formatter<'_>, kind: &str, counts: &Counts) -> fmt::Result {
    let Counts {
        made,
        sent,
        spooled,
        dropped,
        ..
    } = counts;
    let waiting = counts.waiting();
    write!(
        formatter,
        "{kind:<12} made {made}, sent {sent}, waiting {waiting}"
    )?;
    write!(formatter, " ({spooled} on disk), lost {dropped}")?;
    for loss in Loss::ALL {
        if counts.dropped_for(loss) > 0 {
            write!(formatter, ", {loss} {}", counts.dropped_for(loss))?;
        }
    }
    writeln!(formatter)
}
