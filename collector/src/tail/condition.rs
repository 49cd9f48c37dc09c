//! Decides on items what an index would look up. As an index, it may say yes too often and
//! never says no wrongly.

use std::collections::HashSet;

use foldhash::quality::RandomState;
use spanwalk_model::{Attributes, LogRecord, Scoped, Span, TraceId};
use spanwalk_query::text::{log_texts, span_texts, value_texts, words};
use spanwalk_query::{Condition, Term};

use super::view::TailView;

/// Traces by id.
pub(super) type Traces = HashSet<TraceId, RandomState>;

/// The traces of the view that may fulfil the condition; `None` for all of them.
pub(super) fn traces(view: &TailView, condition: &Condition) -> Option<Traces> {
    match condition {
        Condition::Everything => None,
        Condition::All(parts) => {
            let mut found: Option<Traces> = None;
            for part in parts {
                found = match (found, traces(view, part)) {
                    (None, other) | (other, None) => other,
                    (Some(a), Some(b)) => Some(a.intersection(&b).copied().collect()),
                };
            }
            found
        }
        Condition::OneOf(parts) => {
            let mut found = Traces::default();
            for part in parts {
                found.extend(traces(view, part)?);
            }
            Some(found)
        }
        Condition::Term(term) => {
            let spans = view
                .spans()
                .filter(|span| span_fulfils(span, term))
                .map(|span| span.item.trace_id);
            let logs = view
                .logs()
                .filter(|log| log_fulfils_term(log, term))
                .filter_map(|log| log.item.trace_id);
            Some(spans.chain(logs).collect())
        }
    }
}

/// Whether a log record may fulfil the condition.
pub(super) fn log_fulfils(log: &Scoped<LogRecord>, condition: &Condition) -> bool {
    match condition {
        Condition::Everything => true,
        Condition::All(parts) => parts.iter().all(|part| log_fulfils(log, part)),
        Condition::OneOf(parts) => parts.iter().any(|part| log_fulfils(log, part)),
        Condition::Term(term) => log_fulfils_term(log, term),
    }
}

fn span_fulfils(scoped: &Scoped<Span>, term: &Term) -> bool {
    let span = &scoped.item;
    match term {
        Term::Service(name) => scoped.resource.service_name() == name,
        Term::Name(name) => span.name == *name,
        Term::Kind(kind) => span.kind == *kind,
        Term::Error => span.is_error(),
        Term::Attribute { key, value } => {
            span_attributes(scoped).any(|attributes| holds_value(attributes, key, value))
        }
        Term::HasAttribute { key } => {
            span_attributes(scoped).any(|attributes| attributes.get(key).is_some())
        }
        Term::Words(wanted) => has_words(wanted, |visit| span_texts(span, visit)),
        Term::LevelAtLeast(_) => false,
        Term::DurationAtLeast(ns) => span.duration_ns() >= *ns,
        Term::DurationAtMost(ns) => span.duration_ns() <= *ns,
        Term::Trace(id) => span.trace_id == *id,
    }
}

fn log_fulfils_term(scoped: &Scoped<LogRecord>, term: &Term) -> bool {
    let record = &scoped.item;
    match term {
        Term::Service(name) => scoped.resource.service_name() == name,
        Term::Attribute { key, value } => {
            log_attributes(scoped).any(|attributes| holds_value(attributes, key, value))
        }
        Term::HasAttribute { key } => {
            log_attributes(scoped).any(|attributes| attributes.get(key).is_some())
        }
        Term::Words(wanted) => has_words(wanted, |visit| log_texts(record, visit)),
        Term::LevelAtLeast(level) => record.level() >= *level,
        Term::Trace(id) => record.trace_id == Some(*id),
        Term::Name(_)
        | Term::Kind(_)
        | Term::Error
        | Term::DurationAtLeast(_)
        | Term::DurationAtMost(_) => false,
    }
}

fn span_attributes(scoped: &Scoped<Span>) -> impl Iterator<Item = &Attributes> {
    let events = scoped.item.events.iter().map(|event| &event.attributes);
    let links = scoped.item.links.iter().map(|link| &link.attributes);
    [
        &scoped.item.attributes,
        &scoped.resource.attributes,
        &scoped.scope.attributes,
    ]
    .into_iter()
    .chain(events)
    .chain(links)
}

fn log_attributes(scoped: &Scoped<LogRecord>) -> impl Iterator<Item = &Attributes> {
    [
        &scoped.item.attributes,
        &scoped.resource.attributes,
        &scoped.scope.attributes,
    ]
    .into_iter()
}

fn holds_value(attributes: &Attributes, key: &str, wanted: &str) -> bool {
    let mut is_held = false;
    for entry in attributes.iter().filter(|entry| entry.key == key) {
        value_texts(&entry.value, &mut |text| is_held |= text == wanted);
    }
    is_held
}

/// Whether each word occurs in some text. Words are in lower case; an ASCII word is looked
/// for as a part of the text, which costs much less than taking the text apart.
fn has_words(wanted: &[String], texts: impl Fn(&mut dyn FnMut(&str))) -> bool {
    wanted.iter().all(|word| {
        let mut is_there = false;
        texts(&mut |text| {
            is_there = is_there
                || if word.is_ascii() && text.is_ascii() {
                    contains_ignoring_case(text.as_bytes(), word.as_bytes())
                } else {
                    words(text).any(|found| found == word.as_str())
                };
        });
        is_there
    })
}

fn contains_ignoring_case(text: &[u8], word: &[u8]) -> bool {
    if word.is_empty() {
        return true;
    }
    text.windows(word.len())
        .any(|window| window.eq_ignore_ascii_case(word))
}
