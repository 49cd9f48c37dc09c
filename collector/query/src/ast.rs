//! What a query means, whichever way it was written.

use std::ops::Range;

use spanwalk_model::{SeverityLevel, SpanKind, StatusCode};

use crate::comparison::{Comparison, Number};
use crate::field::{AttributeField, NumberField, TextField};
use crate::pattern::Pattern;
use crate::phrase::Phrase;

/// An expression and the bytes of the text that it was read from. Equal where the
/// expressions are, wherever they stand.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// What it says.
    pub(crate) expression: Expression,
    /// Where it says so.
    pub(crate) range: Range<usize>,
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.expression == other.expression
    }
}

/// A statement about one span with its log records, or about one log record.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expression {
    /// All hold; without any, everything matches. Never holds another `All`, nor just one.
    All(Vec<Node>),
    /// At least one holds. Has two or more, none of them an `Any`.
    Any(Vec<Node>),
    /// It does not hold.
    Not(Box<Node>),
    /// A single test.
    Test(Test),
}

/// A test of one thing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Test {
    /// One of the texts holds the phrase.
    Phrase(Phrase),
    /// There is an attribute with this key.
    Has(AttributeField),
    /// An attribute's text matches.
    Attribute(AttributeField, Pattern),
    /// An attribute's number compares.
    AttributeNumber(AttributeField, Comparison<Number>),
    /// A built-in text matches.
    Text(TextField, Pattern),
    /// A built-in number compares; durations in nanoseconds.
    Number(NumberField, Comparison<u64>),
    /// The span is of this kind.
    Kind(SpanKind),
    /// The span went this way; `Error` is every span that counts as failed.
    Status(StatusCode),
    /// The log record's level compares.
    Level(Comparison<SeverityLevel>),
}

impl Node {
    /// The expression that everything matches.
    pub(crate) fn everything(range: Range<usize>) -> Self {
        Self {
            expression: Expression::All(Vec::new()),
            range,
        }
    }

    /// A single test at this place.
    pub(crate) fn test(test: Test, range: Range<usize>) -> Self {
        Self {
            expression: Expression::Test(test),
            range,
        }
    }

    /// The opposite.
    pub(crate) fn not(inner: Self, range: Range<usize>) -> Self {
        Self {
            expression: Expression::Not(Box::new(inner)),
            range,
        }
    }

    /// All of these, flattened.
    pub(crate) fn all(nodes: Vec<Self>, range: Range<usize>) -> Self {
        let mut parts = Vec::with_capacity(nodes.len());
        for node in nodes {
            match node.expression {
                Expression::All(inner) => parts.extend(inner),
                _ => parts.push(node),
            }
        }
        Self::joined(parts, range, Expression::All)
    }

    /// One of these, flattened; everything where there are none.
    pub(crate) fn any(nodes: Vec<Self>, range: Range<usize>) -> Self {
        let mut parts = Vec::with_capacity(nodes.len());
        for node in nodes {
            match node.expression {
                Expression::Any(inner) => parts.extend(inner),
                _ => parts.push(node),
            }
        }
        if parts.is_empty() {
            return Self::everything(range);
        }
        Self::joined(parts, range, Expression::Any)
    }

    fn joined(
        mut parts: Vec<Self>,
        range: Range<usize>,
        join: fn(Vec<Self>) -> Expression,
    ) -> Self {
        if parts.len() == 1
            && let Some(only) = parts.pop()
        {
            return only;
        }
        Self {
            expression: join(parts),
            range,
        }
    }

    /// Whether everything matches.
    pub(crate) fn is_everything(&self) -> bool {
        matches!(&self.expression, Expression::All(parts) if parts.is_empty())
    }
}
