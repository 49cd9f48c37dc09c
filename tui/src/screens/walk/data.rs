//! A trace made ready to be walked and drawn: computed once, off the loop's thread.

use std::borrow::Cow;
use std::collections::HashSet;

use foldhash::fast::RandomState;
use spanwalk_analysis::error_origin::origin;
use spanwalk_analysis::walk::{EventKind, Walk};
use spanwalk_model::trace::Trace;
use spanwalk_model::{LogRecord, Scoped, SeverityLevel, Span, SpanId, TraceItems};

use super::density::Density;
use super::rows::{NONE, Place, RowTree};
use super::runs::{Run, runs};

/// One event of the walk, as it is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventFacts<'a> {
    /// What it is.
    pub kind: EventKind,
    /// Its span, or `u32::MAX` for a record without one.
    pub span: u32,
    /// Which event of the span, or which log record of the trace.
    pub item: u32,
    /// Its service.
    pub service: &'a str,
    /// Depth of its span in the tree.
    pub depth: u32,
    /// Nanoseconds since the start of the trace; negative where a clock puts it before.
    pub offset_ns: i64,
    /// The moment as recorded, nanoseconds since the epoch.
    pub recorded_ns: u64,
    /// The level of a log record.
    pub level: SeverityLevel,
    /// Whether it is a failure.
    pub is_error: bool,
    /// Whether clocks contradict the causal order here.
    pub contradiction: bool,
}

impl EventFacts<'_> {
    /// Where it stands on the time axis, nanoseconds since the start of the trace.
    pub fn offset(&self) -> u64 {
        u64::try_from(self.offset_ns).unwrap_or(0)
    }
}

/// One span, as it is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpanFacts<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its service.
    pub service: &'a str,
    /// Its start, nanoseconds since the start of the trace.
    pub start_ns: u64,
    /// Its end, nanoseconds since the start of the trace; never before its start.
    pub end_ns: u64,
    /// Whether it failed.
    pub is_error: bool,
}

/// A trace in causal order with everything that is drawn of it.
#[derive(Debug, Clone)]
pub struct WalkData {
    trace: Trace,
    walk: Walk,
    tree: RowTree,
    /// Services of spans and records, in order of their first event.
    services: Vec<String>,
    /// Runs of like siblings, in the order of their rows.
    pub(super) runs: Vec<Run>,
    density: Density,
    /// Rows of failures, in order.
    error_rows: Vec<u32>,
    error_count: usize,
    findings: Vec<String>,
    origin: Option<usize>,
}

impl WalkData {
    /// Puts a trace in order.
    pub fn new(items: TraceItems) -> Self {
        let trace = Trace::build(items);
        let walk = Walk::of(&trace);
        let places: Vec<Place> = walk
            .events()
            .iter()
            .map(|event| match event.kind {
                EventKind::SpanStart => Place::Start {
                    span: event.span,
                    parent: trace.parent(event.span).unwrap_or(NONE),
                },
                EventKind::SpanEnd => Place::End { span: event.span },
                EventKind::SpanEvent | EventKind::Log => Place::Within { span: event.span },
            })
            .collect();
        let tree = RowTree::new(&places, trace.spans().len(), |one, other| {
            trace.service_symbol(one) == trace.service_symbol(other)
                && trace.kind(one) == trace.kind(other)
                && trace.name(one) == trace.name(other)
        });
        let failures = || (0..walk.len()).filter(|position| walk.is_error(*position));
        let mut error_rows: Vec<u32> = failures()
            .filter_map(|position| tree.row_of(position as usize))
            .collect();
        error_rows.sort_unstable();
        error_rows.dedup();
        let facts = |span| span_facts(&trace, &walk, span);
        let density = Density::new(
            (0..trace.len())
                .filter_map(facts)
                .map(|span| (span.start_ns, span.end_ns, span.is_error)),
            trace.duration_ns(),
        );
        Self {
            runs: runs(&tree, facts),
            density,
            services: services(&trace, &walk),
            // An exception tells of the span that failed with it, so it is not counted again.
            error_count: failures()
                .filter(|position| {
                    walk.event(*position)
                        .is_some_and(|event| event.kind != EventKind::SpanEvent)
                })
                .count(),
            findings: trace.findings().iter().map(ToString::to_string).collect(),
            origin: origin(&trace, &walk).map(|origin| origin.position as usize),
            trace,
            walk,
            tree,
            error_rows,
        }
    }

    /// The trace.
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// Its walk.
    pub fn walk(&self) -> &Walk {
        &self.walk
    }

    /// How many events the walk has.
    pub fn event_count(&self) -> usize {
        self.walk.events().len()
    }

    /// How many spans are stored.
    pub fn span_count(&self) -> usize {
        self.trace.spans().len()
    }

    /// How many log records are stored.
    pub fn log_count(&self) -> usize {
        self.trace.logs().len()
    }

    /// How many spans failed, and how many log records tell of errors.
    pub fn error_count(&self) -> usize {
        self.error_count
    }

    /// From the first moment to the last, nanoseconds.
    pub fn duration_ns(&self) -> u64 {
        self.trace.duration_ns()
    }

    /// What is odd about the trace.
    pub fn findings(&self) -> &[String] {
        &self.findings
    }

    /// The services in order of their first event.
    pub fn services(&self) -> &[String] {
        &self.services
    }

    /// An event of the walk.
    pub fn event(&self, index: usize) -> Option<EventFacts<'_>> {
        let position = u32::try_from(index).ok()?;
        let event = self.walk.event(position)?;
        let level = match event.kind {
            EventKind::Log => self.trace.log(event.sub_index)?.item.level(),
            _ => SeverityLevel::Unspecified,
        };
        // An unknown time is drawn at the start.
        let offset = match event.time_ns {
            0 => 0,
            known => i128::from(known) - i128::from(self.walk.start_ns()),
        };
        Some(EventFacts {
            kind: event.kind,
            span: event.span,
            item: event.sub_index,
            service: self.walk.service(&self.trace, position).unwrap_or_default(),
            depth: event.span().map_or(0, |span| self.trace.depth(span)),
            offset_ns: i64::try_from(offset).unwrap_or(i64::MAX),
            recorded_ns: event.time_ns,
            level,
            is_error: self.walk.is_error(position),
            contradiction: event.clock_contradiction,
        })
    }

    /// A span.
    pub fn span(&self, span: u32) -> Option<SpanFacts<'_>> {
        span_facts(&self.trace, &self.walk, span)
    }

    /// The span that the request began with.
    pub fn root(&self) -> Option<SpanFacts<'_>> {
        self.trace.root().and_then(|root| self.span(root))
    }

    /// A span as stored.
    pub fn scoped_span(&self, span: u32) -> Option<&Scoped<Span>> {
        self.trace.span(span)
    }

    /// A log record as stored.
    pub fn scoped_log(&self, log: u32) -> Option<&Scoped<LogRecord>> {
        self.trace.log(log)
    }

    /// The rows.
    pub(super) fn tree(&self) -> &RowTree {
        &self.tree
    }

    /// How much goes on at each moment.
    pub(super) fn density(&self) -> &Density {
        &self.density
    }

    /// Rows of failures, top to bottom.
    pub fn error_rows(&self) -> &[u32] {
        &self.error_rows
    }

    /// Where the first error began.
    pub fn origin(&self) -> Option<usize> {
        self.origin
    }

    /// Why the event stands where it does in the order.
    pub fn reason(&self, index: usize) -> Option<String> {
        let position = u32::try_from(index).ok()?;
        self.walk
            .event(position)
            .map(|event| event.reason.to_string())
    }

    /// Spans from the root to this one.
    pub fn ancestors(&self, span: u32) -> Vec<u32> {
        if self.trace.span(span).is_none() {
            return Vec::new();
        }
        let mut way: Vec<u32> = self.trace.ancestors(span).collect();
        way.reverse();
        way.push(span);
        way
    }

    /// The event of a moment within a span, else the span's start.
    pub fn event_of(&self, span: SpanId, moment_ns: Option<u64>) -> Option<usize> {
        let index = self.trace.index_of(span)?;
        let start = self.walk.span_start(index)?;
        let exact = moment_ns.and_then(|moment| {
            // A record may come after its span's end, so the whole rest is looked through.
            (start..self.walk.len()).find(|position| {
                self.walk.event(*position).is_some_and(|event| {
                    event.span == index
                        && event.time_ns == moment
                        && event.kind != EventKind::SpanStart
                })
            })
        });
        Some(exact.unwrap_or(start) as usize)
    }

    /// The text of an event: a span's or an event's name, or a record's body.
    pub fn text(&self, index: usize) -> Cow<'_, str> {
        let Some(event) = self.event(index) else {
            return Cow::Borrowed("");
        };
        match event.kind {
            EventKind::SpanStart | EventKind::SpanEnd => Cow::Borrowed(self.trace.name(event.span)),
            EventKind::SpanEvent => self
                .scoped_span(event.span)
                .and_then(|span| span.item.events.get(event.item as usize))
                .map_or(Cow::Borrowed(""), |found| {
                    event_text(&found.name, &found.attributes)
                }),
            EventKind::Log => self
                .scoped_log(event.item)
                .map_or(Cow::Borrowed(""), |log| log_text(&log.item)),
        }
    }

    /// Events of the causal list that the level lets through.
    pub(super) fn listed(&self, level: SeverityLevel) -> Vec<u32> {
        if level == SeverityLevel::Unspecified {
            return (0..self.walk.len()).collect();
        }
        (0..self.walk.len())
            .filter(|position| {
                self.event(*position as usize)
                    .is_some_and(|event| event.level_passes(level))
            })
            .collect()
    }
}

fn span_facts<'a>(trace: &'a Trace, walk: &Walk, span: u32) -> Option<SpanFacts<'a>> {
    trace.span(span)?;
    let start = walk.start_ns();
    Some(SpanFacts {
        name: trace.name(span),
        service: trace.service(span),
        start_ns: trace.span_start_ns(span).saturating_sub(start),
        end_ns: trace.span_end_ns(span).saturating_sub(start),
        is_error: trace.is_error(span),
    })
}

/// Name and message of an exception, else the name.
fn event_text<'a>(name: &'a str, attributes: &'a spanwalk_model::Attributes) -> Cow<'a, str> {
    use spanwalk_model::semconv;
    let text = |key| attributes.get_str(key).unwrap_or_default();
    let (kind, message) = (
        text(semconv::EXCEPTION_TYPE),
        text(semconv::EXCEPTION_MESSAGE),
    );
    if name != semconv::EXCEPTION_EVENT || (kind.is_empty() && message.is_empty()) {
        return Cow::Borrowed(name);
    }
    let separator = if kind.is_empty() || message.is_empty() {
        ""
    } else {
        ": "
    };
    Cow::Owned(format!("{kind}{separator}{message}"))
}

fn log_text(log: &LogRecord) -> Cow<'_, str> {
    match &log.body {
        Some(spanwalk_model::Value::String(text)) if !text.is_empty() => Cow::Borrowed(text),
        None | Some(spanwalk_model::Value::Empty | spanwalk_model::Value::String(_)) => {
            Cow::Borrowed(&log.event_name)
        }
        Some(other) => Cow::Owned(other.to_string()),
    }
}

/// Services of spans and records, in order of their first event.
fn services(trace: &Trace, walk: &Walk) -> Vec<String> {
    let mut seen: HashSet<&str, RandomState> = HashSet::default();
    (0..walk.len())
        .filter_map(|position| walk.service(trace, position))
        .filter(|service| seen.insert(service))
        .map(str::to_owned)
        .collect()
}
