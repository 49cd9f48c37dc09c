//! What is indexed of a span and of a log record, and the terms that a query looks up.

use std::collections::BTreeSet;

use spanwalk_model::{Attributes, LogRecord, Resource, Scope, Scoped, SeverityLevel, Span, Value};
use spanwalk_query::text::{log_texts, span_texts, value_texts};

/// Longer texts are indexed by their beginning; equality is decided on the real value.
const TEXT_BYTES_MAX: usize = 512;
/// Longer keys are indexed by their beginning.
const KEY_BYTES_MAX: usize = 256;
/// Buckets per doubling of a duration.
const BUCKETS_PER_OCTAVE: u64 = 4;

/// The terms of one document, each once.
#[derive(Debug, Default)]
pub(super) struct Terms {
    pub(super) services: BTreeSet<String>,
    pub(super) names: BTreeSet<String>,
    pub(super) kinds: BTreeSet<u64>,
    pub(super) is_error: bool,
    pub(super) attributes: BTreeSet<String>,
    pub(super) keys: BTreeSet<String>,
    /// Texts whose words are indexed.
    pub(super) texts: BTreeSet<String>,
    pub(super) level: Option<u64>,
    pub(super) durations: BTreeSet<u64>,
    pub(super) moment_ns: Option<u64>,
}

impl Terms {
    /// Adds what a span says.
    pub(super) fn add_span(&mut self, scoped: &Scoped<Span>) {
        let span = &scoped.item;
        self.add_context(&scoped.resource, &scoped.scope);
        self.names
            .insert(cut(&span.name, TEXT_BYTES_MAX).to_owned());
        self.kinds.insert(kind_number(span.kind));
        self.is_error |= span.is_error();
        self.durations.insert(duration_bucket(span.duration_ns()));
        self.add_attributes(&span.attributes);
        for event in &span.events {
            self.add_attributes(&event.attributes);
        }
        for link in &span.links {
            self.add_attributes(&link.attributes);
        }
        span_texts(span, &mut |text| self.add_text(text));
        self.add_moment(span.start_ns);
    }

    /// Adds what a log record says.
    pub(super) fn add_log(&mut self, scoped: &Scoped<LogRecord>) {
        let record = &scoped.item;
        self.add_context(&scoped.resource, &scoped.scope);
        self.add_attributes(&record.attributes);
        log_texts(record, &mut |text| self.add_text(text));
        self.level = Some(level_number(record.level()));
        self.add_moment(record.moment_ns());
    }

    fn add_context(&mut self, resource: &Resource, scope: &Scope) {
        let service = cut(resource.service_name(), TEXT_BYTES_MAX);
        if !self.services.contains(service) {
            self.services.insert(service.to_owned());
        }
        self.add_attributes(&resource.attributes);
        self.add_attributes(&scope.attributes);
    }

    fn add_attributes(&mut self, attributes: &Attributes) {
        for entry in attributes {
            let key = cut(&entry.key, KEY_BYTES_MAX);
            if !self.keys.contains(key) {
                self.keys.insert(key.to_owned());
            }
            if entry.value != Value::Empty {
                value_texts(&entry.value, &mut |text| {
                    self.attributes.insert(attribute_term(key, text));
                });
            }
        }
    }

    fn add_text(&mut self, text: &str) {
        if !text.is_empty() && !self.texts.contains(text) {
            self.texts.insert(text.to_owned());
        }
    }

    /// Of several moments the earliest stands; zero, which is none, only where it is alone.
    fn add_moment(&mut self, moment_ns: u64) {
        self.moment_ns = match self.moment_ns {
            Some(least) if least != 0 && (moment_ns == 0 || least <= moment_ns) => Some(least),
            _ => Some(moment_ns),
        };
    }
}

/// The term of an attribute with one of its texts.
pub(super) fn attribute_term(key: &str, text: &str) -> String {
    format!("{}\0{}", cut(key, KEY_BYTES_MAX), cut(text, TEXT_BYTES_MAX))
}

/// The term of a service or span name.
pub(super) fn name_term(name: &str) -> &str {
    cut(name, TEXT_BYTES_MAX)
}

/// The term of an attribute key.
pub(super) fn key_term(key: &str) -> &str {
    cut(key, KEY_BYTES_MAX)
}

/// The number of a span kind in the index; unknown kinds share one.
pub(super) fn kind_number(kind: spanwalk_model::SpanKind) -> u64 {
    u64::try_from(kind.number()).unwrap_or(u64::MAX)
}

/// The number of a level in the index, higher for more severe.
pub(super) fn level_number(level: SeverityLevel) -> u64 {
    match level {
        SeverityLevel::Unspecified => 0,
        SeverityLevel::Trace => 1,
        SeverityLevel::Debug => 2,
        SeverityLevel::Info => 3,
        SeverityLevel::Warn => 4,
        SeverityLevel::Error => 5,
        SeverityLevel::Fatal => 6,
    }
}

/// The highest number of a level.
pub(super) const LEVEL_NUMBER_MAX: u64 = 6;
/// The highest bucket of a duration.
pub(super) const DURATION_BUCKET_MAX: u64 = 64 * BUCKETS_PER_OCTAVE;

/// The bucket of a duration in nanoseconds: four to each doubling; longer durations never
/// have a lower bucket.
pub(super) fn duration_bucket(duration_ns: u64) -> u64 {
    let Some(octave) = duration_ns.checked_ilog2() else {
        return 0;
    };
    // The two bits behind the leading one tell which quarter of the octave it is.
    let quarter = if octave >= 2 {
        (duration_ns >> (octave - 2)) & (BUCKETS_PER_OCTAVE - 1)
    } else {
        0
    };
    u64::from(octave) * BUCKETS_PER_OCTAVE + quarter + 1
}

/// The beginning of a text, in whole characters.
fn cut(text: &str, bytes_max: usize) -> &str {
    if text.len() <= bytes_max {
        return text;
    }
    let end = (0..=bytes_max)
        .rev()
        .find(|end| text.is_char_boundary(*end))
        .unwrap_or(0);
    text.get(..end).unwrap_or_default()
}
