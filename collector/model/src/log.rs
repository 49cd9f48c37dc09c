//! One log record.

use crate::attributes::Attributes;
use crate::id::{SpanId, TraceId};
use crate::time::UnixNanos;
use crate::value::Value;

/// A log record, as OTLP describes it (opentelemetry-proto, `logs/v1/logs.proto`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogRecord {
    /// When it happened; zero where the source does not say.
    pub time_ns: UnixNanos,
    /// When it was observed by the collection system; zero where not said.
    pub observed_time_ns: UnixNanos,
    /// The severity as a number.
    pub severity: Severity,
    /// The severity as the source wrote it; empty for none.
    pub severity_text: String,
    /// The message; `None` where the record has no body.
    pub body: Option<Value>,
    /// The event's name, which makes the record an event; empty for none.
    pub event_name: String,
    /// What describes it.
    pub attributes: Attributes,
    /// Attributes that the sender left out.
    pub dropped_attributes_count: u32,
    /// The lower 8 bits are W3C trace flags.
    pub flags: u32,
    /// The trace it belongs to, where known.
    pub trace_id: Option<TraceId>,
    /// The span it was written in, where known.
    pub span_id: Option<SpanId>,
}

impl LogRecord {
    /// The moment to place the record at: its own time, else the time it was observed
    /// (OpenTelemetry logs data model, field `Timestamp`).
    pub fn moment_ns(&self) -> UnixNanos {
        if self.time_ns == 0 {
            self.observed_time_ns
        } else {
            self.time_ns
        }
    }

    /// The body as people read it; empty for none.
    pub fn body_text(&self) -> String {
        self.body.as_ref().map(Value::to_string).unwrap_or_default()
    }

    /// The level to show: of the number where it is set, else read from the text.
    pub fn level(&self) -> SeverityLevel {
        match self.severity.level() {
            SeverityLevel::Unspecified => SeverityLevel::from_text(&self.severity_text),
            level => level,
        }
    }
}

/// A severity number: 1 to 24 in the specification, 0 for not said; others are kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Severity(pub i32);

impl Severity {
    /// The range of the specification that the number falls in.
    pub fn level(self) -> SeverityLevel {
        match self.0 {
            1..=4 => SeverityLevel::Trace,
            5..=8 => SeverityLevel::Debug,
            9..=12 => SeverityLevel::Info,
            13..=16 => SeverityLevel::Warn,
            17..=20 => SeverityLevel::Error,
            21..=24 => SeverityLevel::Fatal,
            _ => SeverityLevel::Unspecified,
        }
    }
}

/// The six ranges of severity, lowest first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SeverityLevel {
    /// Not said.
    #[default]
    Unspecified,
    /// Fine-grained debugging.
    Trace,
    /// Debugging.
    Debug,
    /// Something happened.
    Info,
    /// Something is suspicious.
    Warn,
    /// Something went wrong.
    Error,
    /// The application cannot go on.
    Fatal,
}

impl SeverityLevel {
    /// The level that a severity text names, in any case, with the common other words.
    pub fn from_text(text: &str) -> Self {
        const WORDS: [(&str, SeverityLevel); 12] = [
            ("trace", SeverityLevel::Trace),
            ("verbose", SeverityLevel::Trace),
            ("debug", SeverityLevel::Debug),
            ("info", SeverityLevel::Info),
            ("information", SeverityLevel::Info),
            ("notice", SeverityLevel::Info),
            ("warn", SeverityLevel::Warn),
            ("warning", SeverityLevel::Warn),
            ("error", SeverityLevel::Error),
            ("err", SeverityLevel::Error),
            ("fatal", SeverityLevel::Fatal),
            ("critical", SeverityLevel::Fatal),
        ];
        WORDS
            .iter()
            .find(|(word, _)| word.eq_ignore_ascii_case(text))
            .map_or(Self::Unspecified, |(_, level)| *level)
    }

    /// The level in lower case, as queries and screens write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
            Self::Fatal => "fatal",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_comes_from_the_number_and_else_from_the_text() {
        let mut record = LogRecord {
            severity: Severity(13),
            severity_text: "ERROR".into(),
            ..LogRecord::default()
        };
        assert_eq!(record.level(), SeverityLevel::Warn);
        record.severity = Severity(0);
        assert_eq!(record.level(), SeverityLevel::Error);
        record.severity_text = "odd".into();
        assert_eq!(record.level(), SeverityLevel::Unspecified);
    }

    #[test]
    fn a_record_without_a_time_stands_where_it_was_observed() {
        let record = LogRecord {
            observed_time_ns: 7,
            ..LogRecord::default()
        };
        assert_eq!(record.moment_ns(), 7);
    }
}
