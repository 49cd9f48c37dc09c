//! Derives the condition of a filter.

use spanwalk_model::{SeverityLevel, StatusCode};

use super::{Condition, Term};
use crate::ast::{Expression, Node, Test};
use crate::comparison::Comparison;
use crate::field::{AttributeField, AttributeScope, NumberField, TextField};
use crate::pattern::{Pattern, Piece};
use crate::text::{EXACT_BYTES_MAX, word_places};

/// What is asked for a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// Traces.
    Trace,
    /// Log records.
    Log,
}

/// What every item that fulfils the filter fulfils too.
pub(crate) fn of_filter(filter: &Node, target: Target) -> Condition {
    match &filter.expression {
        Expression::All(parts) => Condition::all(parts.iter().map(|part| of_filter(part, target))),
        Expression::Any(parts) => {
            Condition::one_of(parts.iter().map(|part| of_filter(part, target)))
        }
        // Whatever an item lacks, an index that answers with a superset cannot tell.
        Expression::Not(_) => Condition::Everything,
        Expression::Test(test) => of_test(test, target),
    }
}

fn of_test(test: &Test, target: Target) -> Condition {
    match test {
        Test::Phrase(phrase) => words(phrase.exact_words().map(str::to_owned).collect()),
        Test::Has(field) | Test::AttributeNumber(field, _) => {
            of_attribute(field, target, has_attribute)
        }
        Test::Attribute(field, pattern) => {
            of_attribute(field, target, |key| match pattern.as_literal() {
                Some(value) if value.len() <= EXACT_BYTES_MAX => Term::Attribute {
                    key: key.to_owned(),
                    value: value.to_owned(),
                },
                _ => has_attribute(key),
            })
        }
        Test::Text(field, pattern) => of_text(*field, pattern, target),
        Test::Level(compared) => of_level(*compared),
        // The rest is about spans and traces.
        _ if target == Target::Log => Condition::nothing(),
        Test::Number(field, compared) => of_number(*field, compared),
        Test::Kind(kind) => Condition::Term(Term::Kind(*kind)),
        Test::Status(StatusCode::Error) => Condition::Term(Term::Error),
        Test::Status(_) => Condition::Everything,
    }
}

fn has_attribute(key: &str) -> Term {
    Term::HasAttribute {
        key: key.to_owned(),
    }
}

/// One of the attribute's names, in a place that the target has.
fn of_attribute(field: &AttributeField, target: Target, term: impl Fn(&str) -> Term) -> Condition {
    let is_possible = |scope: AttributeScope| match scope {
        AttributeScope::Any | AttributeScope::Resource | AttributeScope::Log => true,
        AttributeScope::Span | AttributeScope::Event | AttributeScope::Link => {
            target == Target::Trace
        }
    };
    Condition::one_of(
        field
            .lookups
            .iter()
            .filter(|lookup| is_possible(lookup.scope))
            .map(|lookup| Condition::Term(term(&lookup.key))),
    )
}

fn of_text(field: TextField, pattern: &Pattern, target: Target) -> Condition {
    let is_about_trace = matches!(field, TextField::RootService | TextField::RootName);
    if is_about_trace && target == Target::Log {
        return Condition::nothing();
    }
    if field == TextField::Body {
        return words(whole_words(pattern));
    }
    let Some(literal) = pattern.as_literal() else {
        return Condition::Everything;
    };
    match field {
        TextField::Service | TextField::RootService => {
            Condition::Term(Term::Service(literal.to_owned()))
        }
        // Of a log record it is the event's name, which no term speaks of.
        TextField::Name if target == Target::Log => Condition::Everything,
        TextField::Name | TextField::RootName => Condition::Term(Term::Name(literal.to_owned())),
        TextField::TraceId => literal
            .parse()
            .map_or(Condition::Everything, |id| Condition::Term(Term::Trace(id))),
        TextField::SpanId | TextField::Body => Condition::Everything,
    }
}

fn of_number(field: NumberField, compared: &Comparison<u64>) -> Condition {
    match field {
        NumberField::Duration => {
            let lowest = compared.lowest().filter(|bound| *bound > 0);
            Condition::all(
                lowest
                    .map(|bound| Condition::Term(Term::DurationAtLeast(bound)))
                    .into_iter()
                    .chain(
                        compared
                            .highest()
                            .map(|bound| Condition::Term(Term::DurationAtMost(bound))),
                    ),
            )
        }
        NumberField::Errors if !compared.holds(&0) => Condition::Term(Term::Error),
        NumberField::Errors | NumberField::Spans | NumberField::TraceDuration => {
            Condition::Everything
        }
    }
}

fn of_level(compared: Comparison<SeverityLevel>) -> Condition {
    if compared == Comparison::Equal(SeverityLevel::Unspecified) {
        return Condition::Everything;
    }
    // Comparisons hold for levels that are said only.
    let lowest = compared.lowest().unwrap_or(SeverityLevel::Trace);
    Condition::Term(Term::LevelAtLeast(lowest.max(SeverityLevel::Trace)))
}

fn words(mut words: Vec<String>) -> Condition {
    words.sort_unstable();
    words.dedup();
    if words.is_empty() {
        Condition::Everything
    } else {
        Condition::Term(Term::Words(words))
    }
}

/// The words that every text holds which the whole pattern matches. A run of words without a
/// gap that reaches a wildcard may go on in the text and be cut at other places: it is left out.
fn whole_words(pattern: &Pattern) -> Vec<String> {
    let pieces = pattern.pieces();
    let is_any = |index: Option<usize>| index.and_then(|at| pieces.get(at)) == Some(&Piece::Any);
    let mut found = Vec::new();
    for (index, piece) in pieces.iter().enumerate() {
        let Piece::Literal(text) = piece else {
            continue;
        };
        let mut is_open = is_any(index.checked_sub(1));
        let mut run: Vec<String> = Vec::new();
        let mut run_end = 0;
        for place in word_places(text) {
            if place.start != run_end {
                if !is_open {
                    found.append(&mut run);
                }
                run.clear();
                is_open = false;
            }
            run.push(place.word.into_owned());
            run_end = place.end;
        }
        let reaches_wildcard = run_end == text.len() && is_any(index.checked_add(1));
        if !is_open && !reaches_wildcard {
            found.append(&mut run);
        }
    }
    found
}
