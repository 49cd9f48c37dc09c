//! The settings that spans and log records have each for themselves.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};

use super::endpoint;
use super::reader::{self, Reader};
use crate::InitError;

/// Items of a signal that wait at most; about 1 s of a very busy service, and more than a burst.
const QUEUE_COUNT: usize = 65_536;
/// Items of one request at most.
const BATCH_COUNT: usize = 512;
/// How long items wait for a fuller batch. Less than the specification's 5 s: people are waiting.
const DELAY_MS: u64 = 500;
/// How long one request may take.
const TIMEOUT_MS: u64 = 10_000;
/// The upper bound of the same in the variables of the batches.
const EXPORT_TIMEOUT_MS: u64 = 30_000;

/// What is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    Traces,
    Logs,
}

impl Signal {
    /// The path of its requests over HTTP.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Traces => "v1/traces",
            Self::Logs => "v1/logs",
        }
    }

    /// Its variable for a setting that both signals have.
    pub(super) fn variable(self, setting: &str) -> &'static str {
        match (self, setting) {
            (Self::Traces, "ENDPOINT") => "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
            (Self::Traces, "PROTOCOL") => "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
            (Self::Traces, "HEADERS") => "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
            (Self::Traces, "TIMEOUT") => "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
            (Self::Traces, "COMPRESSION") => "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION",
            (Self::Traces, _) => "OTEL_EXPORTER_OTLP_TRACES_INSECURE",
            (Self::Logs, "ENDPOINT") => "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
            (Self::Logs, "PROTOCOL") => "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL",
            (Self::Logs, "HEADERS") => "OTEL_EXPORTER_OTLP_LOGS_HEADERS",
            (Self::Logs, "TIMEOUT") => "OTEL_EXPORTER_OTLP_LOGS_TIMEOUT",
            (Self::Logs, "COMPRESSION") => "OTEL_EXPORTER_OTLP_LOGS_COMPRESSION",
            (Self::Logs, _) => "OTEL_EXPORTER_OTLP_LOGS_INSECURE",
        }
    }
}

/// The protocols of OTLP that the exporter speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    Grpc,
    HttpProtobuf,
}

/// Where a signal goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exporter {
    Otlp,
    Console,
    None,
}

/// The settings of one signal.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SignalConfig {
    pub(crate) exporter: Exporter,
    pub(crate) protocol: Protocol,
    pub(crate) endpoint: String,
    pub(crate) headers: HeaderMap,
    pub(crate) timeout: Duration,
    pub(crate) gzip: bool,
    pub(crate) delay: Duration,
    pub(crate) queue_count: usize,
    pub(crate) batch_count: usize,
}

impl SignalConfig {
    pub(super) fn read(reader: &Reader<'_>, signal: Signal) -> Result<Self, InitError> {
        let protocol = reader
            .parsed(
                &[signal.variable("PROTOCOL"), "OTEL_EXPORTER_OTLP_PROTOCOL"],
                "grpc or http/protobuf",
                |value| match value.to_ascii_lowercase().as_str() {
                    "grpc" => Some(Protocol::Grpc),
                    "http/protobuf" => Some(Protocol::HttpProtobuf),
                    _ => None,
                },
            )
            .unwrap_or(Protocol::Grpc);
        let gzip = reader.parsed(
            &[
                signal.variable("COMPRESSION"),
                "OTEL_EXPORTER_OTLP_COMPRESSION",
            ],
            "gzip or none",
            |value| match value.to_ascii_lowercase().as_str() {
                "gzip" => Some(true),
                "none" => Some(false),
                _ => None,
            },
        );
        let timeout = reader.duration(
            &[signal.variable("TIMEOUT"), "OTEL_EXPORTER_OTLP_TIMEOUT"],
            TIMEOUT_MS,
        );
        let batch = Batch::of(signal);
        let queue_count = reader.count(&[batch.queue], QUEUE_COUNT);
        let batch_count = reader.count(&[batch.size], BATCH_COUNT.min(queue_count));
        if batch_count > queue_count {
            reader.problem(
                batch.size,
                format!(
                    "{batch_count} is more than {} holds; {queue_count} is used",
                    batch.queue
                ),
            );
        }
        Ok(Self {
            exporter: exporter(reader, signal),
            protocol,
            endpoint: endpoint::resolve(reader, signal, protocol)?,
            headers: headers(reader, signal),
            timeout: timeout.min(reader.duration(&[batch.timeout], EXPORT_TIMEOUT_MS)),
            gzip: gzip.unwrap_or(false),
            delay: reader.duration(&[batch.delay], DELAY_MS),
            queue_count,
            batch_count: batch_count.min(queue_count),
        })
    }
}

/// The names of the variables of a signal's batches.
struct Batch {
    delay: &'static str,
    timeout: &'static str,
    queue: &'static str,
    size: &'static str,
}

impl Batch {
    fn of(signal: Signal) -> Self {
        match signal {
            Signal::Traces => Self {
                delay: "OTEL_BSP_SCHEDULE_DELAY",
                timeout: "OTEL_BSP_EXPORT_TIMEOUT",
                queue: "OTEL_BSP_MAX_QUEUE_SIZE",
                size: "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
            },
            Signal::Logs => Self {
                delay: "OTEL_BLRP_SCHEDULE_DELAY",
                timeout: "OTEL_BLRP_EXPORT_TIMEOUT",
                queue: "OTEL_BLRP_MAX_QUEUE_SIZE",
                size: "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE",
            },
        }
    }
}

fn exporter(reader: &Reader<'_>, signal: Signal) -> Exporter {
    let name = match signal {
        Signal::Traces => "OTEL_TRACES_EXPORTER",
        Signal::Logs => "OTEL_LOGS_EXPORTER",
    };
    reader
        .parsed(&[name], "otlp, console or none", |value| {
            match value.to_ascii_lowercase().as_str() {
                "otlp" => Some(Exporter::Otlp),
                "console" => Some(Exporter::Console),
                "none" => Some(Exporter::None),
                _ => None,
            }
        })
        .unwrap_or(Exporter::Otlp)
}

/// The headers of a signal, its own in place of those for both.
fn headers(reader: &Reader<'_>, signal: Signal) -> HeaderMap {
    let names = [signal.variable("HEADERS"), "OTEL_EXPORTER_OTLP_HEADERS"];
    let Some((variable, text)) = names
        .iter()
        .find_map(|name| reader.text(name).map(|text| (*name, text)))
    else {
        return HeaderMap::new();
    };
    let mut headers = HeaderMap::new();
    // Values are secrets: what is wrong is said without them.
    let Some(pairs) = reader::pairs(&text) else {
        reader.problem(
            variable,
            "is not a list of key=value pairs; left out".to_owned(),
        );
        return headers;
    };
    for (key, value) in pairs {
        match (HeaderName::try_from(&key), HeaderValue::try_from(value)) {
            (Ok(name), Ok(mut value)) => {
                value.set_sensitive(true);
                headers.append(name, value);
            }
            _ => reader.problem(
                variable,
                format!("the header {key:?} cannot be sent; left out"),
            ),
        }
    }
    headers
}
