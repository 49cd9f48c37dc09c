//! What a TraceQL query means.

use spanwalk_model::{SeverityLevel, SpanKind, StatusCode};

use super::field::Field;
use super::regex::Regex;

/// A whole query for traces.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Traceql {
    /// What is done to the spans of each trace.
    pub(super) pipeline: Pipeline,
    /// What was said about how to answer.
    pub(super) hints: Vec<Hint>,
}

/// `name = value` in `with( … )`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Hint {
    /// What it is about.
    pub(super) name: String,
    /// What it says.
    pub(super) value: Literal,
}

/// Steps, each of which takes the sets of spans that the one before leaves. Never empty.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pipeline {
    /// The steps in order.
    pub(super) stages: Vec<Stage>,
}

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Stage {
    /// Leaves spans of each set.
    Spans(Spans),
    /// Leaves sets of which two numbers compare.
    Scalar(Compare, Scalar, Scalar),
    /// Takes each set apart by a value.
    By(Expression),
    /// Puts all sets together.
    Coalesce,
    /// Names what to show of each span.
    Select(Vec<Field>),
}

/// Spans of a set.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Spans {
    /// Those for which this is true.
    Where(Expression),
    /// Those of two sets of spans.
    Joined(Join, Box<Self>, Box<Self>),
    /// Those that steps in parentheses leave; two or more steps, or one that is no `Spans`.
    Steps(Pipeline),
}

/// How two sets of spans become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Join {
    /// All spans of both, where neither is empty.
    And,
    /// All spans of both.
    Or,
    /// Those that stand to the other side in a relation, or do not.
    Related(Relation, Side),
}

/// What a span of the right side is to one of the left side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    /// Below it, at any depth.
    Descendant,
    /// Above it, at any height.
    Ancestor,
    /// Right below it.
    Child,
    /// Right above it.
    Parent,
    /// Another span of the same parent.
    Sibling,
}

/// Which spans a relation leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// Those of the right side that are related.
    Right,
    /// Those of the right side that are not.
    Unrelated,
    /// Those of either side that are related.
    Both,
}

/// A value of one span.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expression {
    /// Always this.
    Literal(Literal),
    /// What the span has.
    Field(Field),
    /// The number below zero.
    Negative(Box<Self>),
    /// Whether it is false.
    Not(Box<Self>),
    /// Whether there is a value (`true`) or none (`false`).
    Exists(Box<Self>, bool),
    /// Whether two values compare.
    Compare(Compare, Box<Self>, Box<Self>),
    /// Two numbers put together.
    Arithmetic(Arithmetic, Box<Self>, Box<Self>),
    /// Whether the whole text matches (`true`) or not (`false`).
    Match(Box<Self>, Regex, bool),
    /// Whether all are true. Two or more, none of them an `All`.
    All(Vec<Self>),
    /// Whether one is true. Two or more, none of them an `Any`.
    Any(Vec<Self>),
}

/// A value that is written out.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Literal {
    Nil,
    Bool(bool),
    Int(i64),
    /// Finite.
    Float(f64),
    /// Nanoseconds.
    Duration(i64),
    Text(String),
    Status(StatusCode),
    Kind(SpanKind),
    Level(SeverityLevel),
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compare {
    Equal,
    NotEqual,
    Less,
    AtMost,
    More,
    AtLeast,
}

/// How two numbers are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
}

/// A number of a set of spans.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Scalar {
    /// Always this; a number.
    Literal(Literal),
    /// How many spans there are.
    Count,
    /// Of the numbers that the spans have.
    Aggregate(Aggregate, Expression),
    /// Two numbers put together.
    Arithmetic(Arithmetic, Box<Self>, Box<Self>),
}

/// Which number stands for many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aggregate {
    Average,
    Max,
    Min,
    Sum,
}

impl Compare {
    /// How it is written.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
        }
    }

    /// The same with its sides exchanged.
    pub(super) fn mirrored(self) -> Self {
        match self {
            Self::Less => Self::More,
            Self::AtMost => Self::AtLeast,
            Self::More => Self::Less,
            Self::AtLeast => Self::AtMost,
            same => same,
        }
    }
}

impl Arithmetic {
    /// How it is written.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
            Self::Power => "^",
        }
    }
}

impl Join {
    /// How it is written.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::And => "&&",
            Self::Or => "||",
            Self::Related(relation, side) => relation.sign(side),
        }
    }
}

impl Relation {
    fn sign(self, side: Side) -> &'static str {
        let [right, unrelated, both] = match self {
            Self::Descendant => [">>", "!>>", "&>>"],
            Self::Ancestor => ["<<", "!<<", "&<<"],
            Self::Child => [">", "!>", "&>"],
            Self::Parent => ["<", "!<", "&<"],
            Self::Sibling => ["~", "!~", "&~"],
        };
        match side {
            Side::Right => right,
            Side::Unrelated => unrelated,
            Side::Both => both,
        }
    }

    /// What a span of the left side is to one of the right side.
    pub(super) fn reversed(self) -> Self {
        match self {
            Self::Descendant => Self::Ancestor,
            Self::Ancestor => Self::Descendant,
            Self::Child => Self::Parent,
            Self::Parent => Self::Child,
            Self::Sibling => Self::Sibling,
        }
    }
}

impl Aggregate {
    /// The function's name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Average => "avg",
            Self::Max => "max",
            Self::Min => "min",
            Self::Sum => "sum",
        }
    }

    /// The function of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        [Self::Average, Self::Max, Self::Min, Self::Sum]
            .into_iter()
            .find(|one| one.name() == name)
    }
}

impl Pipeline {
    /// Whether more than one set of spans may be left.
    pub(super) fn may_leave_several(&self) -> bool {
        let mut several = false;
        for stage in &self.stages {
            match stage {
                Stage::By(_) => several = true,
                Stage::Coalesce => several = false,
                Stage::Spans(_) | Stage::Scalar(..) | Stage::Select(_) => {}
            }
        }
        several
    }
}
