//! One unit of work in a trace.

use crate::attributes::Attributes;
use crate::id::{SpanId, TraceId};
use crate::semconv;
use crate::time::UnixNanos;

/// A span, as OTLP describes it (opentelemetry-proto, `trace/v1/trace.proto`). Its resource
/// and scope stand once in the batch that holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The trace it belongs to.
    pub trace_id: TraceId,
    /// Its own id.
    pub span_id: SpanId,
    /// The span that caused it; `None` for a root span.
    pub parent_span_id: Option<SpanId>,
    /// W3C `tracestate`; empty for none.
    pub trace_state: String,
    /// The lower 8 bits are W3C trace flags; bits 8 and 9 say whether the parent is remote.
    pub flags: u32,
    /// The operation; empty means unknown.
    pub name: String,
    /// Its role in a call.
    pub kind: SpanKind,
    /// When it began.
    pub start_ns: UnixNanos,
    /// When it ended. May lie before the start in real data.
    pub end_ns: UnixNanos,
    /// What describes it.
    pub attributes: Attributes,
    /// Attributes that the sender left out.
    pub dropped_attributes_count: u32,
    /// What happened within it.
    pub events: Vec<Event>,
    /// Events that the sender left out.
    pub dropped_events_count: u32,
    /// Spans that it is related to, in this trace or another.
    pub links: Vec<Link>,
    /// Links that the sender left out.
    pub dropped_links_count: u32,
    /// How it went.
    pub status: Status,
}

impl Span {
    /// A span with these ids and nothing else set.
    pub fn new(trace_id: TraceId, span_id: SpanId) -> Self {
        Self {
            trace_id,
            span_id,
            parent_span_id: None,
            trace_state: String::new(),
            flags: 0,
            name: String::new(),
            kind: SpanKind::default(),
            start_ns: 0,
            end_ns: 0,
            attributes: Attributes::new(),
            dropped_attributes_count: 0,
            events: Vec::new(),
            dropped_events_count: 0,
            links: Vec::new(),
            dropped_links_count: 0,
            status: Status::default(),
        }
    }

    /// Nanoseconds from start to end; zero where the end lies before the start.
    pub fn duration_ns(&self) -> u64 {
        self.end_ns.saturating_sub(self.start_ns)
    }

    /// Whether the span failed: its status says so, or, where no status is set, it carries an
    /// exception event or `error=true`, as data from older tracers does.
    pub fn is_error(&self) -> bool {
        match self.status.code {
            StatusCode::Error => true,
            StatusCode::Ok => false,
            StatusCode::Unset | StatusCode::Other(_) => {
                self.events
                    .iter()
                    .any(|event| event.name == semconv::EXCEPTION_EVENT)
                    || self
                        .attributes
                        .get("error")
                        .is_some_and(|value| match value {
                            crate::Value::Bool(flag) => *flag,
                            crate::Value::String(text) => text == "true",
                            _ => false,
                        })
            }
        }
    }
}

/// The role of a span in a call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SpanKind {
    /// Not said.
    #[default]
    Unspecified,
    /// Work within one service.
    Internal,
    /// Handles a request.
    Server,
    /// Makes a request and waits.
    Client,
    /// Sends a message.
    Producer,
    /// Handles a message.
    Consumer,
    /// A number this version does not know, kept as it came.
    Other(i32),
}

impl SpanKind {
    /// The kind of an OTLP enum number.
    pub fn from_number(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Internal,
            2 => Self::Server,
            3 => Self::Client,
            4 => Self::Producer,
            5 => Self::Consumer,
            other => Self::Other(other),
        }
    }

    /// The OTLP enum number.
    pub fn number(self) -> i32 {
        match self {
            Self::Unspecified => 0,
            Self::Internal => 1,
            Self::Server => 2,
            Self::Client => 3,
            Self::Producer => 4,
            Self::Consumer => 5,
            Self::Other(other) => other,
        }
    }

    /// The kind in lower case, as queries and screens write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unspecified | Self::Other(_) => "unspecified",
            Self::Internal => "internal",
            Self::Server => "server",
            Self::Client => "client",
            Self::Producer => "producer",
            Self::Consumer => "consumer",
        }
    }
}

/// How a span went.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Status {
    /// The verdict.
    pub code: StatusCode,
    /// What the sender says about an error; empty for nothing.
    pub message: String,
}

/// The verdict on a span.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum StatusCode {
    /// Not said.
    #[default]
    Unset,
    /// Said to be right.
    Ok,
    /// Failed.
    Error,
    /// A number this version does not know, kept as it came.
    Other(i32),
}

impl StatusCode {
    /// The code of an OTLP enum number.
    pub fn from_number(number: i32) -> Self {
        match number {
            0 => Self::Unset,
            1 => Self::Ok,
            2 => Self::Error,
            other => Self::Other(other),
        }
    }

    /// The OTLP enum number.
    pub fn number(self) -> i32 {
        match self {
            Self::Unset => 0,
            Self::Ok => 1,
            Self::Error => 2,
            Self::Other(other) => other,
        }
    }

    /// The code in lower case, as queries and screens write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unset | Self::Other(_) => "unset",
            Self::Ok => "ok",
            Self::Error => "error",
        }
    }
}

/// Something that happened within a span.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub time_ns: UnixNanos,
    /// What.
    pub name: String,
    /// What describes it.
    pub attributes: Attributes,
    /// Attributes that the sender left out.
    pub dropped_attributes_count: u32,
}

/// A relation to another span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The other span's trace.
    pub trace_id: TraceId,
    /// The other span.
    pub span_id: SpanId,
    /// W3C `tracestate` of the other span; empty for none.
    pub trace_state: String,
    /// Flags, as on a span.
    pub flags: u32,
    /// What describes the relation.
    pub attributes: Attributes,
    /// Attributes that the sender left out.
    pub dropped_attributes_count: u32,
}
