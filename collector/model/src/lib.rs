//! What a span, a log record and a trace are, and how they travel as OTLP.
//!
//! No I/O and no clock: everything here is a value or a function of values.
//!
//! - [`id`], [`time`], [`value`], [`attributes`]: the atoms.
//! - [`resource`], [`scope`], [`span`], [`log`]: the records, in OpenTelemetry's words.
//! - [`batch`]: many records that keep their resource and scope once.
//! - [`otlp`]: batches from and to OTLP protobuf and OTLP/JSON.
//! - [`foreign`]: batches from the formats of Jaeger and Zipkin.
//! - [`trace`]: one whole trace as parallel columns, for analysis and drawing.
//! - [`semconv`]: the semantic-convention keys we name.

pub mod attributes;
pub mod batch;
pub mod foreign;
pub mod id;
pub mod log;
pub mod otlp;
pub mod resource;
pub mod scope;
pub mod semconv;
pub mod span;
pub mod time;
pub mod trace;
pub mod value;

pub use attributes::{Attributes, KeyValue};
pub use batch::{Batch, LogBatch, ResourceItems, ScopeItems, Scoped, SpanBatch, TraceItems};
pub use id::{ParseIdError, SpanId, TraceId};
pub use log::{LogRecord, Severity, SeverityLevel};
pub use resource::{EntityRef, Resource};
pub use scope::Scope;
pub use span::{Event, Link, Span, SpanKind, Status, StatusCode};
pub use time::{TimeRange, UnixNanos};
pub use value::Value;
