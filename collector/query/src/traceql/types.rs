//! Types of values, and which go together.

use super::ast::Literal;

/// What kind of value an expression gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    /// No value.
    Nil,
    /// An attribute's: known only when it is looked at.
    Attribute,
    Bool,
    Int,
    Float,
    Duration,
    Text,
    Status,
    Kind,
    Level,
    /// A whole span, which is there or not.
    Span,
}

impl Type {
    /// The type of a written value.
    pub(super) fn of(literal: &Literal) -> Self {
        match literal {
            Literal::Nil => Self::Nil,
            Literal::Bool(_) => Self::Bool,
            Literal::Int(_) => Self::Int,
            Literal::Float(_) => Self::Float,
            Literal::Duration(_) => Self::Duration,
            Literal::Text(_) => Self::Text,
            Literal::Status(_) => Self::Status,
            Literal::Kind(_) => Self::Kind,
            Literal::Level(_) => Self::Level,
        }
    }

    /// Whether it is a number, a duration among them.
    pub(super) fn is_number(self) -> bool {
        matches!(self, Self::Int | Self::Float | Self::Duration)
    }

    /// Whether it may be a number.
    pub(super) fn may_be_number(self) -> bool {
        self == Self::Attribute || self.is_number()
    }

    /// Whether it may be true or false.
    pub(super) fn may_be_bool(self) -> bool {
        matches!(self, Self::Attribute | Self::Bool)
    }

    /// Whether it may be a text.
    pub(super) fn may_be_text(self) -> bool {
        matches!(self, Self::Attribute | Self::Text)
    }

    /// Whether values of both can be equal.
    pub(super) fn goes_with(self, other: Self) -> bool {
        // Levels and spans are ours alone, and no attribute is one.
        let is_own = |one| matches!(one, Self::Level | Self::Span);
        self == other
            || (self.is_number() && other.is_number())
            || ((self == Self::Attribute || other == Self::Attribute)
                && !is_own(self)
                && !is_own(other))
    }

    /// Whether one value can be more than another.
    pub(super) fn has_order(self) -> bool {
        self.is_number() || matches!(self, Self::Attribute | Self::Text | Self::Level)
    }

    /// What it is, in words.
    pub(super) fn describe(self) -> &'static str {
        match self {
            Self::Nil => "no value",
            Self::Attribute => "an attribute",
            Self::Bool => "true or false",
            Self::Int | Self::Float => "a number",
            Self::Duration => "a duration",
            Self::Text => "a text",
            Self::Status => "a status",
            Self::Kind => "a kind",
            Self::Level => "a level",
            Self::Span => "a span",
        }
    }

    /// What to write for a value of it.
    pub(super) fn example(self) -> &'static str {
        match self {
            Self::Nil | Self::Span => "`nil`",
            Self::Attribute => "an attribute such as `span.http.route`",
            Self::Bool => "a comparison, an attribute, `true` or `false`",
            Self::Int | Self::Float => "a number",
            Self::Duration => "a duration such as `500ms`",
            Self::Text => "a text in quotes",
            Self::Status => "`error`, `ok` or `unset`",
            Self::Kind => "`server`, `client`, `producer`, `consumer`, `internal` or `unspecified`",
            Self::Level => "`trace`, `debug`, `info`, `warn`, `error` or `fatal`",
        }
    }
}
