//! What the lexer finds in a TraceQL text.

use std::ops::Range;

use super::ast::{Arithmetic, Compare, Join, Literal, Relation, Side};
use super::field::AttributeScope;

/// A piece of the text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    /// What it is.
    pub(super) kind: TokenKind,
    /// Its bytes in the text.
    pub(super) range: Range<usize>,
}

/// What a piece of the text is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum TokenKind {
    /// `{`.
    OpenBrace,
    /// `}`.
    CloseBrace,
    /// `(`.
    Open,
    /// `)`.
    Close,
    /// `,`.
    Comma,
    /// Any operator.
    Sign(Sign),
    /// A number, a duration or a text.
    Literal(Literal),
    /// A keyword, a built-in field with or without its scope, a function; or nothing known.
    Word(String),
    /// An attribute with its scope.
    Attribute(AttributeName),
}

/// An attribute as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AttributeName {
    /// Whether the parent span is asked.
    pub(super) of_parent: bool,
    /// Where it is looked for.
    pub(super) scope: AttributeScope,
    /// Its key, without quotes.
    pub(super) key: String,
    /// Whether any of it was quoted.
    pub(super) is_quoted: bool,
}

/// Operators, longest first where one begins with another.
const SIGNS: [(&str, Sign); 30] = [
    ("!>>", Sign::NotDescendant),
    ("!<<", Sign::NotAncestor),
    ("&>>", Sign::UnionDescendant),
    ("&<<", Sign::UnionAncestor),
    ("&&", Sign::And),
    ("||", Sign::Or),
    ("!=", Sign::NotEqual),
    ("!~", Sign::NotMatch),
    ("!>", Sign::NotChild),
    ("!<", Sign::NotParent),
    ("&>", Sign::UnionChild),
    ("&<", Sign::UnionParent),
    ("&~", Sign::UnionSibling),
    ("=~", Sign::Match),
    (">=", Sign::AtLeast),
    (">>", Sign::Descendant),
    ("<=", Sign::AtMost),
    ("<<", Sign::Ancestor),
    ("=", Sign::Equal),
    (">", Sign::More),
    ("<", Sign::Less),
    ("~", Sign::Sibling),
    ("!", Sign::Not),
    ("|", Sign::Pipe),
    ("+", Sign::Plus),
    ("-", Sign::Minus),
    ("*", Sign::Times),
    ("/", Sign::Divide),
    ("%", Sign::Modulo),
    ("^", Sign::Power),
];

/// An operator as it is written; what it does depends on what stands beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    And,
    Or,
    Not,
    Equal,
    NotEqual,
    Match,
    NotMatch,
    Less,
    AtMost,
    More,
    AtLeast,
    Descendant,
    Ancestor,
    Sibling,
    NotDescendant,
    NotAncestor,
    NotChild,
    NotParent,
    UnionDescendant,
    UnionAncestor,
    UnionChild,
    UnionParent,
    UnionSibling,
    Plus,
    Minus,
    Times,
    Divide,
    Modulo,
    Power,
    Pipe,
}

impl Sign {
    /// The operator that the text begins with, and how it is written.
    pub(super) fn at_start(text: &str) -> Option<(&'static str, Self)> {
        SIGNS
            .into_iter()
            .find(|(written, _)| text.starts_with(written))
    }

    /// Between fields: how two values are compared.
    pub(super) fn compare(self) -> Option<Compare> {
        Some(match self {
            Self::Equal => Compare::Equal,
            Self::NotEqual => Compare::NotEqual,
            Self::Less => Compare::Less,
            Self::AtMost => Compare::AtMost,
            Self::More => Compare::More,
            Self::AtLeast => Compare::AtLeast,
            _ => return None,
        })
    }

    /// How two numbers are put together.
    pub(super) fn arithmetic(self) -> Option<Arithmetic> {
        Some(match self {
            Self::Plus => Arithmetic::Add,
            Self::Minus => Arithmetic::Subtract,
            Self::Times => Arithmetic::Multiply,
            Self::Divide => Arithmetic::Divide,
            Self::Modulo => Arithmetic::Remainder,
            Self::Power => Arithmetic::Power,
            _ => return None,
        })
    }

    /// Between sets of spans: how they are joined.
    pub(super) fn join(self) -> Option<Join> {
        use Relation::{Ancestor, Child, Descendant, Parent, Sibling};
        let (relation, side) = match self {
            Self::And => return Some(Join::And),
            Self::Or => return Some(Join::Or),
            Self::Descendant => (Descendant, Side::Right),
            Self::Ancestor => (Ancestor, Side::Right),
            Self::More => (Child, Side::Right),
            Self::Less => (Parent, Side::Right),
            Self::Sibling => (Sibling, Side::Right),
            Self::NotDescendant => (Descendant, Side::Unrelated),
            Self::NotAncestor => (Ancestor, Side::Unrelated),
            Self::NotChild => (Child, Side::Unrelated),
            Self::NotParent => (Parent, Side::Unrelated),
            Self::NotMatch => (Sibling, Side::Unrelated),
            Self::UnionDescendant => (Descendant, Side::Both),
            Self::UnionAncestor => (Ancestor, Side::Both),
            Self::UnionChild => (Child, Side::Both),
            Self::UnionParent => (Parent, Side::Both),
            Self::UnionSibling => (Sibling, Side::Both),
            _ => return None,
        };
        Some(Join::Related(relation, side))
    }
}
