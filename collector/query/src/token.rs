//! What the lexer finds in a text.

use std::ops::Range;

use crate::pattern::Pattern;

/// A piece of query text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// What it is.
    pub(crate) kind: TokenKind,
    /// Its bytes in the text.
    pub(crate) range: Range<usize>,
}

/// What a piece of query text is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// `(`.
    Open,
    /// `)`.
    Close,
    /// `-` before a term.
    Minus,
    /// `NOT`.
    Not,
    /// `AND`.
    And,
    /// `OR`.
    Or,
    /// A word or phrase to search.
    Text(Word),
    /// What stands before the operator of a test.
    Key(Word),
    /// `:` and what compares, after a key.
    Operator(Operator),
    /// What stands after an operator.
    Value(Word),
}

/// How a key is compared with its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    /// `:`.
    Is,
    /// `:<`.
    Less,
    /// `:<=`.
    AtMost,
    /// `:>`.
    More,
    /// `:>=`.
    AtLeast,
}

/// A run of text with quotes taken off and wildcards found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Word {
    /// The text.
    pub(crate) pattern: Pattern,
    /// Whether any of it was quoted.
    pub(crate) has_quotes: bool,
    /// Whether it begins with a quote.
    pub(crate) starts_quoted: bool,
}
