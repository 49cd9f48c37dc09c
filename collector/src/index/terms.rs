//! What is indexed of a span and of a log record, and the terms that a query looks up.

use spanwalk_model::{Attributes, LogRecord, Scoped, SeverityLevel, Span, Value};
use spanwalk_query::text::{log_texts, span_texts, value_texts};

use super::origins::Origins;
use super::vocabulary::{Kind, Vocabulary};

/// Longer texts are indexed by their beginning; equality is decided on the real value.
const TEXT_BYTES_MAX: usize = 512;
/// Longer keys are indexed by their beginning.
const KEY_BYTES_MAX: usize = 256;
/// Buckets per doubling of a duration.
const BUCKETS_PER_OCTAVE: u64 = 4;
/// Texts of spans repeat; up to this length their words are remembered.
const SPAN_TEXT_REMEMBERED_BYTES: usize = 512;
/// Of log records only short texts repeat: bodies seldom do.
const LOG_TEXT_REMEMBERED_BYTES: usize = 48;
/// Numbers of one document from which on repeated ones are taken out.
const NUMBERS_MAX: usize = 4096;

/// The fields that hold numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum NumberField {
    /// Of span kinds.
    SpanKind,
    /// `1` where a span failed.
    Error,
    /// Of severity levels.
    Level,
    /// Buckets of durations.
    Duration,
    /// Of resource and scope together, in [`Origins`].
    Origin,
}

/// The terms and numbers of many documents, in order.
#[derive(Debug, Default)]
pub(super) struct Documents {
    pub(super) vocabulary: Vocabulary,
    pub(super) origins: Origins,
    numbers: Vec<(NumberField, u64)>,
    /// Where each document's numbers end.
    ends: Vec<usize>,
    /// The moment of each document.
    pub(super) moments_ns: Vec<u64>,
    /// Of the document that is not yet ended.
    open: Vec<(NumberField, u64)>,
    moment_ns: Option<u64>,
}

impl Documents {
    /// Ends the document; what is added next is of the next one.
    pub(super) fn end_document(&mut self) {
        self.vocabulary.end_document();
        self.open.sort_unstable();
        self.open.dedup();
        self.numbers.append(&mut self.open);
        self.ends.push(self.numbers.len());
        self.moments_ns.push(self.moment_ns.take().unwrap_or(0));
    }

    /// The numbers of each document.
    pub(super) fn numbers(&self) -> impl Iterator<Item = &[(NumberField, u64)]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts
            .zip(&self.ends)
            .map(|(start, end)| self.numbers.get(start..*end).unwrap_or_default())
    }

    /// Adds what a span says.
    pub(super) fn add_span(&mut self, scoped: &Scoped<Span>) {
        let span = &scoped.item;
        self.add_origin(scoped);
        self.vocabulary
            .add(Kind::Name, cut(&span.name, TEXT_BYTES_MAX));
        self.add_number(NumberField::SpanKind, kind_number(span.kind));
        if span.is_error() {
            self.add_number(NumberField::Error, 1);
        }
        self.add_number(NumberField::Duration, duration_bucket(span.duration_ns()));
        self.add_attributes(&span.attributes);
        for event in &span.events {
            self.add_attributes(&event.attributes);
        }
        for link in &span.links {
            self.add_attributes(&link.attributes);
        }
        let vocabulary = &mut self.vocabulary;
        span_texts(span, &mut |text| {
            vocabulary.add_text(text, SPAN_TEXT_REMEMBERED_BYTES);
        });
        self.add_moment(span.start_ns);
    }

    /// Adds what a log record says.
    pub(super) fn add_log(&mut self, scoped: &Scoped<LogRecord>) {
        let record = &scoped.item;
        self.add_origin(scoped);
        self.add_attributes(&record.attributes);
        let vocabulary = &mut self.vocabulary;
        log_texts(record, &mut |text| {
            vocabulary.add_text(text, LOG_TEXT_REMEMBERED_BYTES);
        });
        self.add_number(NumberField::Level, level_number(record.level()));
        self.add_moment(record.moment_ns());
    }

    fn add_origin<T>(&mut self, scoped: &Scoped<T>) {
        let origin = self.origins.number(&scoped.resource, &scoped.scope);
        self.add_number(NumberField::Origin, origin.into());
    }

    fn add_attributes(&mut self, attributes: &Attributes) {
        for entry in attributes {
            let vocabulary = &mut self.vocabulary;
            // What the document has of a value it has of the key.
            let mut is_new = entry.value == Value::Empty;
            value_texts(&entry.value, &mut |text| {
                is_new |= vocabulary.add_attribute(&entry.key, text);
            });
            if is_new {
                vocabulary.add(Kind::Key, cut(&entry.key, KEY_BYTES_MAX));
            }
        }
    }

    fn add_number(&mut self, field: NumberField, number: u64) {
        if self.open.last() == Some(&(field, number)) {
            return;
        }
        self.open.push((field, number));
        if self.open.len() >= NUMBERS_MAX {
            self.open.sort_unstable();
            self.open.dedup();
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
    let mut term = String::new();
    put_attribute_term(&mut term, key, text);
    term
}

/// Appends the term of an attribute with one of its texts.
pub(super) fn put_attribute_term(term: &mut String, key: &str, text: &str) {
    term.push_str(cut(key, KEY_BYTES_MAX));
    term.push('\0');
    term.push_str(cut(text, TEXT_BYTES_MAX));
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
