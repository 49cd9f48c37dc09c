//! Conditions in words, to show what an index is asked for.

use std::fmt::{Display, Formatter, Result};

use super::{Condition, Term};
use crate::units::print_duration;

impl Display for Condition {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Everything => f.write_str("everything"),
            Self::All(parts) => joined(parts, " and ", f),
            Self::OneOf(parts) if parts.is_empty() => f.write_str("nothing"),
            Self::OneOf(parts) => joined(parts, " or ", f),
            Self::Term(term) => term.fmt(f),
        }
    }
}

fn joined(parts: &[Condition], between: &str, f: &mut Formatter<'_>) -> Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(between)?;
        }
        let is_joined = matches!(part, Condition::All(_))
            || matches!(part, Condition::OneOf(inner) if !inner.is_empty());
        if is_joined {
            write!(f, "({part})")?;
        } else {
            part.fmt(f)?;
        }
    }
    Ok(())
}

impl Display for Term {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Service(name) => write!(f, "service is {name:?}"),
            Self::Name(name) => write!(f, "span name is {name:?}"),
            Self::Kind(kind) => write!(f, "kind is {}", kind.as_str()),
            Self::Error => f.write_str("a span failed"),
            Self::Attribute { key, value } => write!(f, "attribute {key:?} is {value:?}"),
            Self::HasAttribute { key } => write!(f, "attribute {key:?} is there"),
            Self::Words(words) => {
                f.write_str("one text has")?;
                for (index, word) in words.iter().enumerate() {
                    let separator = if index > 0 { "," } else { "" };
                    write!(f, "{separator} {word:?}")?;
                }
                Ok(())
            }
            Self::LevelAtLeast(level) => write!(f, "level is {} or above", level.as_str()),
            Self::DurationAtLeast(bound_ns) => {
                write!(f, "a span took {} or longer", print_duration(*bound_ns))
            }
            Self::DurationAtMost(bound_ns) => {
                write!(f, "a span took {} or less", print_duration(*bound_ns))
            }
            Self::Trace(id) => write!(f, "trace is {id}"),
        }
    }
}

#[cfg(test)]
mod tests {
    fn trace(text: &str) -> String {
        crate::parse(text, 0).unwrap().trace_condition().to_string()
    }

    fn log(text: &str) -> String {
        crate::parse(text, 0).unwrap().log_condition().to_string()
    }

    #[test]
    fn conditions_are_told_in_words() {
        assert_eq!(trace(""), "everything");
        assert_eq!(
            trace("service:a -b (status:error OR duration:>2s)"),
            "service is \"a\" and (a span failed or a span took 2s or longer)"
        );
        assert_eq!(
            trace("\"card declined\""),
            "one text has \"card\", \"declined\""
        );
        assert_eq!(
            trace("http.route:/x level:>warn"),
            "attribute \"http.route\" is \"/x\" and level is warn or above"
        );
    }

    #[test]
    fn what_a_log_record_cannot_have_is_nothing() {
        assert_eq!(log("duration:>2s service:a"), "nothing");
        assert_eq!(log("span.k:5"), "attribute \"span.k\" is \"5\"");
        assert_eq!(log("status:error OR b"), "one text has \"b\"");
    }
}
