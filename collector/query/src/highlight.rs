//! What each part of a query text is, for colouring it while it is typed.

use std::ops::Range;

use crate::field::Key;
use crate::filter;
use crate::lexer::lex;
use crate::token::{Token, TokenKind};
use crate::traceql;

/// What a part of a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenClass {
    /// A built-in field.
    Intrinsic,
    /// The key of an attribute.
    Attribute,
    /// `:` and what compares.
    Operator,
    /// What stands behind an operator.
    Value,
    /// A word or phrase to search.
    Text,
    /// `AND`, `OR`, `NOT` and the minus.
    Keyword,
    /// `(` and `)`.
    Parenthesis,
    /// What cannot be read.
    Wrong,
}

/// The parts of the text in order; spaces belong to none.
pub fn highlight(text: &str) -> Vec<(Range<usize>, TokenClass)> {
    if text.len() > crate::TEXT_BYTES_MAX {
        return vec![(0..text.len(), TokenClass::Wrong)];
    }
    if traceql::is_traceql(text) {
        return traceql::highlight(text);
    }
    let errors = filter::parse(text).errors;
    let is_wrong = |range: &Range<usize>| {
        errors
            .iter()
            .any(|error| error.range.start < range.end && range.start < error.range.end)
    };
    lex(text)
        .0
        .into_iter()
        .map(|token| {
            let class = if is_wrong(&token.range) {
                TokenClass::Wrong
            } else {
                class_of(&token)
            };
            (token.range, class)
        })
        .collect()
}

fn class_of(token: &Token) -> TokenClass {
    match &token.kind {
        TokenKind::Open | TokenKind::Close => TokenClass::Parenthesis,
        TokenKind::Minus | TokenKind::Not | TokenKind::And | TokenKind::Or => TokenClass::Keyword,
        TokenKind::Text(_) => TokenClass::Text,
        TokenKind::Key(word) => match Key::of(word, &word.pattern.to_string()) {
            Key::Attribute(_) => TokenClass::Attribute,
            _ => TokenClass::Intrinsic,
        },
        TokenKind::Operator(_) => TokenClass::Operator,
        TokenKind::Value(_) => TokenClass::Value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<(&str, TokenClass)> {
        highlight(text)
            .into_iter()
            .map(|(range, class)| (text.get(range).unwrap(), class))
            .collect()
    }

    #[test]
    fn each_part_has_its_class() {
        assert_eq!(
            shown("service:a OR -(k:>5 x"),
            [
                ("service", TokenClass::Intrinsic),
                (":", TokenClass::Operator),
                ("a", TokenClass::Value),
                ("OR", TokenClass::Keyword),
                ("-", TokenClass::Keyword),
                ("(", TokenClass::Wrong),
                ("k", TokenClass::Attribute),
                (":>", TokenClass::Operator),
                ("5", TokenClass::Value),
                ("x", TokenClass::Text),
            ]
        );
    }

    #[test]
    fn what_cannot_be_read_is_marked_alone() {
        assert_eq!(
            shown("duration:fast a"),
            [
                ("duration", TokenClass::Intrinsic),
                (":", TokenClass::Operator),
                ("fast", TokenClass::Wrong),
                ("a", TokenClass::Text),
            ]
        );
    }
}
