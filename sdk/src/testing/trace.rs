//! Captured spans as a tree, and what can be said of them.

use std::collections::{BTreeMap, HashMap};

use opentelemetry::logs::AnyValue;
use opentelemetry::trace::{SpanId, SpanKind, Status};
use opentelemetry_sdk::logs::SdkLogRecord;
use opentelemetry_sdk::trace::SpanData;

use super::draw::draw;
use super::shape::Shape;

/// As many equal statements below one span are one too many.
const N_PLUS_ONE_COUNT: usize = 5;

/// A span that has ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: SpanKind,
    /// The error's description, empty where there is none; none where the span is well.
    pub error: Option<String>,
    /// Its attributes as text.
    pub attributes: BTreeMap<String, String>,
    /// Its trace's id, 32 hexadecimal digits.
    pub trace_id: String,
    /// Its id.
    pub span_id: SpanId,
    /// Its parent's id, `SpanId::INVALID` where it has none.
    pub parent_id: SpanId,
    /// The ids of the spans that its links name.
    pub links: Vec<SpanId>,
    pub(super) start: std::time::SystemTime,
    pub(super) end: std::time::SystemTime,
}

impl Span {
    pub(super) fn of(data: SpanData) -> Self {
        let attributes = data.attributes.iter();
        let links = data.links.links.iter();
        Self {
            name: data.name.to_string(),
            kind: data.span_kind,
            error: match &data.status {
                Status::Error { description } => Some(description.to_string()),
                _ => None,
            },
            attributes: attributes
                .map(|it| (it.key.to_string(), it.value.to_string()))
                .collect(),
            trace_id: data.span_context.trace_id().to_string(),
            span_id: data.span_context.span_id(),
            parent_id: data.parent_span_id,
            links: links.map(|it| it.span_context.span_id()).collect(),
            start: data.start_time,
            end: data.end_time,
        }
    }

    /// An attribute as text.
    pub fn attribute(&self, key: &str) -> Option<&str> {
        self.attributes.get(key).map(String::as_str)
    }
}

/// A log record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRecord {
    /// Its body as text.
    pub body: String,
    /// Its severity, such as `INFO`.
    pub severity: String,
    /// Its attributes as text.
    pub attributes: BTreeMap<String, String>,
    /// The span that it was written in.
    pub span_id: Option<SpanId>,
}

impl LogRecord {
    pub(super) fn of(record: &SdkLogRecord) -> Self {
        let attributes = record.attributes_iter();
        Self {
            body: record.body().map(text).unwrap_or_default(),
            severity: record.severity_text().unwrap_or_default().to_owned(),
            attributes: attributes
                .map(|(key, value)| (key.to_string(), text(value)))
                .collect(),
            span_id: record.trace_context().map(|it| it.span_id),
        }
    }
}

fn text(value: &AnyValue) -> String {
    match value {
        AnyValue::String(it) => it.as_str().to_owned(),
        AnyValue::Int(it) => it.to_string(),
        AnyValue::Double(it) => it.to_string(),
        AnyValue::Boolean(it) => it.to_string(),
        other => format!("{other:?}"),
    }
}

/// Captured spans, children by start, and records.
#[derive(Debug, Clone)]
pub struct Trace {
    pub(super) spans: Vec<Span>,
    pub(super) records: Vec<LogRecord>,
    pub(super) children: HashMap<SpanId, Vec<usize>>,
    pub(super) roots: Vec<usize>,
}

impl Trace {
    /// Puts spans and records together; a span whose parent is not among them is a root.
    pub fn new(mut spans: Vec<Span>, records: Vec<LogRecord>) -> Self {
        // A stable order where clocks are too coarse: what ended later began earlier.
        spans.reverse();
        spans.sort_by_key(|it| it.start);
        let mut children: HashMap<SpanId, Vec<usize>> = HashMap::new();
        let mut roots = Vec::new();
        for (index, span) in spans.iter().enumerate() {
            if spans.iter().any(|it| it.span_id == span.parent_id) {
                children.entry(span.parent_id).or_default().push(index);
            } else {
                roots.push(index);
            }
        }
        Self {
            spans,
            records,
            children,
            roots,
        }
    }

    /// Every span, by start.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// Every record, as written.
    pub fn records(&self) -> &[LogRecord] {
        &self.records
    }

    /// The first span of this name.
    pub fn find(&self, name: &str) -> Option<&Span> {
        self.spans.iter().find(|it| it.name == name)
    }

    pub(super) fn children(&self, span: &Span) -> impl Iterator<Item = &Span> {
        let indexes = self.children.get(&span.span_id);
        indexes
            .into_iter()
            .flatten()
            .filter_map(|it| self.spans.get(*it))
    }

    /// Asserts that the spans have this shape; see [the module](super).
    ///
    /// # Panics
    /// When they have not, or when the shape cannot be read.
    #[track_caller]
    pub fn assert(&self, shape: &str) {
        let parsed = Shape::parse(shape).unwrap_or_else(|error| fail(&format!("{shape}\n{error}")));
        if let Err(missing) = parsed.find(self) {
            self.fail(&format!("no {shape}\n{missing}"));
        }
    }

    /// Asserts that no span failed and no record is an error.
    ///
    /// # Panics
    /// When there is one.
    #[track_caller]
    pub fn assert_no_errors(&self) {
        let span = self.spans.iter().find(|it| it.error.is_some());
        if let Some(span) = span {
            self.fail(&format!("{:?} failed", span.name));
        }
        let record = self.records.iter().find(|it| it.severity == "ERROR");
        if let Some(record) = record {
            self.fail(&format!("an error was written: {:?}", record.body));
        }
    }

    /// Asserts that a record with this body, or with a body that contains it, was written.
    ///
    /// # Panics
    /// When there is none.
    #[track_caller]
    pub fn assert_logged(&self, body: &str) {
        if !self.records.iter().any(|it| it.body.contains(body)) {
            self.fail(&format!("no record has {body:?}"));
        }
    }

    /// Asserts that no span asks for the same five times or more, as a loop over rows does.
    ///
    /// # Panics
    /// When one does.
    #[track_caller]
    pub fn assert_no_n_plus_one(&self) {
        for span in &self.spans {
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            for child in self.children(span).filter(|it| it.kind == SpanKind::Client) {
                *counts.entry(&child.name).or_default() += 1;
            }
            if let Some((name, count)) = counts.iter().find(|it| *it.1 >= N_PLUS_ONE_COUNT) {
                self.fail(&format!("{:?} asks {name:?} {count} times", span.name));
            }
        }
    }

    /// Asserts that no span starts before its parent, and that the spans of each trace are one tree.
    ///
    /// # Panics
    /// When one does, or when a trace has more roots than one.
    #[track_caller]
    pub fn assert_causal(&self) {
        for span in &self.spans {
            if let Some(child) = self.children(span).find(|it| it.start < span.start) {
                self.fail(&format!(
                    "{:?} starts before its parent {:?}",
                    child.name, span.name
                ));
            }
        }
        let mut roots: BTreeMap<&str, &str> = BTreeMap::new();
        for root in self.roots.iter().filter_map(|it| self.spans.get(*it)) {
            if let Some(other) = roots.insert(&root.trace_id, &root.name) {
                self.fail(&format!(
                    "{other:?} and {:?} are roots of one trace",
                    root.name
                ));
            }
        }
    }

    #[track_caller]
    fn fail(&self, what: &str) -> ! {
        fail(&format!("{what}\n\n{}", draw(self)))
    }
}

#[track_caller]
#[expect(clippy::panic, reason = "this is how a test fails")]
fn fail(what: &str) -> ! {
    panic!("{what}")
}
