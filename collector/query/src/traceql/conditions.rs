//! What every trace or log record that fulfils a TraceQL query fulfils too: the same
//! conditions that a filter of the same meaning gives, so that an index serves both.

use spanwalk_model::{SeverityLevel, StatusCode};

use super::ast::{Compare, Expression, Join, Literal, Pipeline, Side, Spans, Stage, Traceql};
use super::field::{Attribute, AttributeScope, Builtin, Field};
use super::regex::Regex;
use crate::conditions::{Condition, Target, Term};
use crate::text::EXACT_BYTES_MAX;

/// Whole numbers below this are exact as floats, and are written the same way.
const EXACT_INT_END: i64 = 1 << 53;

/// The key that names a service.
const SERVICE_KEY: &str = "service.name";

/// What every match fulfils.
pub(super) fn of_query(query: &Traceql, target: Target) -> Condition {
    of_pipeline(&query.pipeline, target)
}

/// What a trace fulfils of which steps leave any span.
pub(super) fn of_pipeline(pipeline: &Pipeline, target: Target) -> Condition {
    Condition::all(pipeline.stages.iter().map(|stage| match stage {
        Stage::Spans(spans) => of_spans(spans, target),
        Stage::Scalar(..) | Stage::By(_) | Stage::Coalesce | Stage::Select(_) => {
            Condition::Everything
        }
    }))
}

fn of_spans(spans: &Spans, target: Target) -> Condition {
    match spans {
        Spans::Where(expression) => Looking { target }.of_true(expression),
        Spans::Steps(steps) => of_pipeline(steps, target),
        Spans::Joined(join, left, right) => {
            let of_right = of_spans(right, target);
            match join {
                // Whatever there is on the left, spans of the right side are left.
                Join::Related(_, Side::Unrelated) => of_right,
                Join::Or => Condition::one_of([of_spans(left, target), of_right]),
                Join::And | Join::Related(..) => Condition::all([of_spans(left, target), of_right]),
            }
        }
    }
}

struct Looking {
    target: Target,
}

impl Looking {
    /// What holds where the expression is true.
    fn of_true(&self, expression: &Expression) -> Condition {
        match expression {
            Expression::Literal(literal) if *literal != Literal::Bool(true) => Condition::nothing(),
            Expression::All(parts) => Condition::all(parts.iter().map(|part| self.of_true(part))),
            Expression::Any(parts) => {
                Condition::one_of(parts.iter().map(|part| self.of_true(part)))
            }
            Expression::Field(field) => self.of_equal(field, &Literal::Bool(true)),
            Expression::Exists(inner, true) => self.of_present(inner),
            Expression::Match(inner, regex, wanted) => self.of_match(inner, regex, *wanted),
            Expression::Compare(compare, left, right) => match (&**left, &**right) {
                (Expression::Field(field), Expression::Literal(literal)) => {
                    self.of_compare(field, *compare, literal)
                }
                (Expression::Literal(literal), Expression::Field(field)) => {
                    self.of_compare(field, compare.mirrored(), literal)
                }
                // No value compares with none.
                (left, right) => Condition::all([self.of_present(left), self.of_present(right)]),
            },
            Expression::Literal(_)
            | Expression::Not(_)
            | Expression::Exists(_, false)
            | Expression::Negative(_)
            | Expression::Arithmetic(..) => Condition::Everything,
        }
    }

    /// What holds where the expression has a value.
    fn of_present(&self, expression: &Expression) -> Condition {
        match expression {
            Expression::Field(Field::Attribute(attribute)) => self.of_key(attribute),
            Expression::Negative(inner) => self.of_present(inner),
            Expression::Arithmetic(_, left, right) => {
                Condition::all([self.of_present(left), self.of_present(right)])
            }
            _ => Condition::Everything,
        }
    }

    fn of_match(&self, inner: &Expression, regex: &Regex, wanted: bool) -> Condition {
        let alternatives = regex.alternatives().filter(|_| wanted);
        match (inner, alternatives) {
            (Expression::Field(field), Some(texts)) => Condition::one_of(
                texts.map(|text| self.of_equal(field, &Literal::Text(text.to_owned()))),
            ),
            (inner, _) => self.of_present(inner),
        }
    }

    fn of_compare(&self, field: &Field, compare: Compare, literal: &Literal) -> Condition {
        match (compare, field) {
            (Compare::Equal, _) => self.of_equal(field, literal),
            (_, Field::Builtin(Builtin::Duration)) => self.of_duration(compare, literal),
            (_, Field::Builtin(Builtin::LogLevel)) => of_level(compare, literal),
            (_, Field::Attribute(attribute)) => self.of_key(attribute),
            (_, Field::Builtin(_)) => Condition::Everything,
        }
    }

    fn of_equal(&self, field: &Field, literal: &Literal) -> Condition {
        let is_trace = self.target == Target::Trace;
        let term = |term| Condition::Term(term);
        match (field, literal) {
            (Field::Attribute(attribute), _) => self.of_value(attribute, literal),
            (Field::Builtin(Builtin::LogLevel), _) => of_level(Compare::Equal, literal),
            (Field::Builtin(Builtin::Duration), _) => self.of_duration(Compare::Equal, literal),
            (Field::Builtin(Builtin::TraceId), Literal::Text(text)) => text
                .parse()
                .map_or_else(|_| Condition::nothing(), |id| term(Term::Trace(id))),
            (Field::Builtin(Builtin::Name | Builtin::RootName), Literal::Text(text))
                if is_trace =>
            {
                term(Term::Name(text.clone()))
            }
            (Field::Builtin(Builtin::RootService), Literal::Text(text)) if is_trace => {
                term(Term::Service(text.clone()))
            }
            (Field::Builtin(Builtin::Kind), Literal::Kind(kind)) if is_trace => {
                // Kinds that are not known count as unspecified.
                if kind.number() == 0 {
                    Condition::Everything
                } else {
                    term(Term::Kind(*kind))
                }
            }
            (Field::Builtin(Builtin::Status), Literal::Status(StatusCode::Error)) if is_trace => {
                term(Term::Error)
            }
            _ => Condition::Everything,
        }
    }

    fn of_duration(&self, compare: Compare, literal: &Literal) -> Condition {
        if self.target == Target::Log {
            return Condition::nothing();
        }
        let (Literal::Int(bound) | Literal::Duration(bound)) = literal else {
            return Condition::Everything;
        };
        let Ok(bound) = u64::try_from(*bound) else {
            return Condition::Everything;
        };
        let at_least = || {
            if bound == 0 {
                Condition::Everything
            } else {
                Condition::Term(Term::DurationAtLeast(bound))
            }
        };
        let at_most = || Condition::Term(Term::DurationAtMost(bound));
        match compare {
            Compare::Equal => Condition::all([at_least(), at_most()]),
            Compare::More | Compare::AtLeast => at_least(),
            Compare::Less | Compare::AtMost => at_most(),
            Compare::NotEqual => Condition::Everything,
        }
    }

    /// One of the attribute's names, in a place that the target has.
    fn of_names(&self, attribute: &Attribute, of_name: impl Fn(&str) -> Condition) -> Condition {
        let is_possible = match attribute.scope {
            AttributeScope::Any
            | AttributeScope::Resource
            | AttributeScope::Instrumentation
            | AttributeScope::Log => !attribute.of_parent || self.target == Target::Trace,
            AttributeScope::Span | AttributeScope::Event | AttributeScope::Link => {
                self.target == Target::Trace
            }
        };
        if !is_possible {
            return Condition::nothing();
        }
        Condition::one_of(attribute.keys.iter().map(|key| of_name(key)))
    }

    fn of_key(&self, attribute: &Attribute) -> Condition {
        self.of_names(attribute, has_key)
    }

    fn of_value(&self, attribute: &Attribute, literal: &Literal) -> Condition {
        self.of_names(attribute, |key| match texts(literal) {
            Some(texts) => Condition::one_of(texts.into_iter().map(|value| {
                // As a filter asks: a service is found by its own term.
                let names_service = key == SERVICE_KEY
                    && attribute.scope == AttributeScope::Resource
                    && !value.is_empty();
                if names_service {
                    return Condition::Term(Term::Service(value));
                }
                if value.len() > EXACT_BYTES_MAX {
                    return has_key(key);
                }
                Condition::Term(Term::Attribute {
                    key: key.to_owned(),
                    value,
                })
            })),
            None => has_key(key),
        })
    }
}

fn has_key(key: &str) -> Condition {
    Condition::Term(Term::HasAttribute {
        key: key.to_owned(),
    })
}

/// Texts by which an attribute of this value is found; `None` where they are not all known.
fn texts(literal: &Literal) -> Option<Vec<String>> {
    let whole = |number: i64| match number {
        // A float may be zero below zero.
        0 => Some(vec!["0".to_owned(), "-0".to_owned()]),
        _ if (-EXACT_INT_END..EXACT_INT_END).contains(&number) => Some(vec![number.to_string()]),
        _ => None,
    };
    match literal {
        Literal::Text(text) => Some(vec![text.clone()]),
        Literal::Bool(flag) => Some(vec![flag.to_string()]),
        Literal::Int(number) | Literal::Duration(number) => whole(*number),
        Literal::Float(number) if number.fract() != 0.0 => Some(vec![number.to_string()]),
        Literal::Float(number) if number.abs() < EXACT_INT_END as f64 => {
            #[expect(clippy::cast_possible_truncation, reason = "whole and in range")]
            let number = *number as i64;
            whole(number)
        }
        Literal::Float(_) => None,
        // No attribute is one.
        Literal::Nil | Literal::Status(_) | Literal::Kind(_) | Literal::Level(_) => {
            Some(Vec::new())
        }
    }
}

fn of_level(compare: Compare, literal: &Literal) -> Condition {
    let lowest = match (compare, literal) {
        (Compare::Equal | Compare::More | Compare::AtLeast, Literal::Level(level)) => *level,
        _ => SeverityLevel::Trace,
    };
    Condition::Term(Term::LevelAtLeast(lowest.max(SeverityLevel::Trace)))
}
