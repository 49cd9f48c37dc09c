//! Reads variables one by one and keeps where each value came from and what was wrong with it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::variables::VARIABLES;

/// Where a value came from. The environment wins over code, code over the default: who runs a
/// service has the last word over who built it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Nobody said anything.
    Default,
    /// The builder.
    Code,
    /// The process's environment.
    Environment,
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Default => "default",
            Self::Code => "code",
            Self::Environment => "environment",
        })
    }
}

/// A value that was given and not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The variable.
    pub variable: String,
    /// What is wrong, and what holds in its place.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.variable, self.text)
    }
}

/// The values of the environment and of the code, by name.
pub(crate) struct Reader<'a> {
    environment: &'a dyn Fn(&str) -> Option<String>,
    code: &'a BTreeMap<String, String>,
    problems: RefCell<Vec<Problem>>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(
        environment: &'a dyn Fn(&str) -> Option<String>,
        code: &'a BTreeMap<String, String>,
    ) -> Self {
        Self {
            environment,
            code,
            problems: RefCell::default(),
        }
    }

    /// The value with its source; an empty one is none, as the specification asks.
    pub(crate) fn raw(&self, name: &str) -> Option<(String, Source)> {
        debug_assert!(
            VARIABLES.iter().any(|it| it.name == name),
            "{name} is not in the list"
        );
        let filled = |value: String| {
            let value = value.trim();
            (!value.is_empty()).then(|| value.to_owned())
        };
        (self.environment)(name)
            .and_then(filled)
            .map(|value| (value, Source::Environment))
            .or_else(|| {
                let value = self.code.get(name).cloned().and_then(filled);
                value.map(|value| (value, Source::Code))
            })
    }

    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.raw(name).map(|it| it.0)
    }

    /// Notes a value that is not used.
    pub(crate) fn problem(&self, name: &str, text: String) {
        let problem = Problem {
            variable: name.to_owned(),
            text,
        };
        // What holds for both signals is read twice.
        if !self.problems.borrow().contains(&problem) {
            self.problems.borrow_mut().push(problem);
        }
    }

    pub(crate) fn problems(self) -> Vec<Problem> {
        self.problems.into_inner()
    }

    /// The first of `names` that has a value that `parse` understands. What it does not understand
    /// is told, and taken as if it were not there.
    pub(crate) fn parsed<T>(
        &self,
        names: &[&str],
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        names.iter().find_map(|name| {
            let value = self.text(name)?;
            let parsed = parse(&value);
            if parsed.is_none() {
                self.problem(
                    name,
                    format!("{value:?} is not {expected}; taken as not set"),
                );
            }
            parsed
        })
    }

    /// Only `true`, in any case, is true; what is neither `true` nor `false` is told and false.
    pub(crate) fn flag(&self, names: &[&str]) -> bool {
        self.parsed(names, "true or false", |value| {
            if value.eq_ignore_ascii_case("true") {
                Some(true)
            } else {
                value.eq_ignore_ascii_case("false").then_some(false)
            }
        })
        .unwrap_or(false)
    }

    pub(crate) fn count(&self, names: &[&str], default: usize) -> usize {
        self.parsed(names, "a whole number from 1 on", |value| {
            value.parse().ok().filter(|it| *it > 0)
        })
        .unwrap_or(default)
    }

    /// A limit may be 0.
    pub(crate) fn limit(&self, names: &[&str]) -> Option<usize> {
        self.parsed(names, "a whole number", |value| value.parse().ok())
    }

    pub(crate) fn duration(&self, names: &[&str], default_ms: u64) -> Duration {
        let given = self.parsed(names, "a whole number of milliseconds", |value| {
            value.parse().ok()
        });
        Duration::from_millis(given.unwrap_or(default_ms))
    }
}

/// `key=value` pairs divided by commas, the values percent-encoded; `None` when one is malformed.
pub(crate) fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    text.split(',')
        .map(str::trim)
        .filter(|member| !member.is_empty())
        .map(|member| {
            let (key, value) = member.split_once('=')?;
            let key = key.trim();
            let value = crate::propagator::percent::decode_strict(value.trim())?;
            (!key.is_empty()).then(|| (key.to_owned(), value))
        })
        .collect()
}
