//! TraceQL while it is typed: what each part is, and what stands at the cursor.

use std::ops::Range;

use super::field::Builtin;
use super::lexer::{is_attribute_rune, lex};
use super::parser;
use super::parser::word_value;
use super::token::{Sign, TokenKind};
use crate::complete::{Completion, CompletionKind};
use crate::highlight::TokenClass;

/// The parts of the text in order; spaces and comments belong to none.
pub(crate) fn highlight(text: &str) -> Vec<(Range<usize>, TokenClass)> {
    let (tokens, lexer_error) = lex(text);
    let wrong = match parser::parse(text) {
        Ok((parser::Root::Traces(_), _)) => None,
        Ok((parser::Root::Metrics(_, place), _)) => Some(place),
        Err(error) => Some(error.range),
    };
    let is_wrong = |range: &Range<usize>| {
        wrong
            .as_ref()
            .is_some_and(|wrong| wrong.start < range.end && range.start < wrong.end)
    };
    let mut parts: Vec<(Range<usize>, TokenClass)> = tokens
        .into_iter()
        .map(|token| {
            let class = if is_wrong(&token.range) {
                TokenClass::Wrong
            } else {
                class_of(&token.kind)
            };
            (token.range, class)
        })
        .collect();
    // What the lexer could not read has no token.
    let read_end = parts.last().map_or(0, |(range, _)| range.end);
    if let Some(error) = lexer_error.filter(|error| error.range.end > read_end) {
        parts.push((
            error.range.start.max(read_end)..text.len(),
            TokenClass::Wrong,
        ));
    }
    parts
}

fn class_of(kind: &TokenKind) -> TokenClass {
    match kind {
        TokenKind::OpenBrace | TokenKind::CloseBrace | TokenKind::Open | TokenKind::Close => {
            TokenClass::Parenthesis
        }
        TokenKind::Sign(Sign::And | Sign::Or | Sign::Not | Sign::Pipe) => TokenClass::Keyword,
        TokenKind::Comma | TokenKind::Sign(_) => TokenClass::Operator,
        TokenKind::Literal(_) => TokenClass::Value,
        TokenKind::Attribute(_) => TokenClass::Attribute,
        TokenKind::Word(word) if Builtin::named(word).is_some() => TokenClass::Intrinsic,
        TokenKind::Word(word) if word_value(word).is_some() => TokenClass::Value,
        TokenKind::Word(_) => TokenClass::Keyword,
    }
}

/// What is being typed at the cursor, which stands at a character's border: the key of an
/// attribute, or something that is not offered.
pub(crate) fn complete(text: &str, cursor: usize) -> Completion {
    let typed = text.get(..cursor).unwrap_or_default();
    let (tokens, _) = lex(typed);
    let key = tokens
        .last()
        .filter(|token| token.range.end == cursor)
        .and_then(|token| match &token.kind {
            TokenKind::Attribute(name) if !name.is_quoted => Some(&name.key),
            _ => None,
        });
    match key {
        Some(key) => {
            let rest = text.get(cursor..).unwrap_or_default();
            let length = rest
                .find(|next: char| !is_attribute_rune(next))
                .unwrap_or(rest.len());
            Completion {
                replace: cursor - key.len()..cursor + length,
                kind: CompletionKind::AttributeKey,
                prefix: key.clone(),
            }
        }
        None => Completion {
            replace: cursor..cursor,
            kind: CompletionKind::Word,
            prefix: String::new(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(text: &str) -> Vec<(&str, TokenClass)> {
        highlight(text)
            .into_iter()
            .map(|(range, class)| (text.get(range).unwrap(), class))
            .collect()
    }

    #[test]
    fn each_part_has_its_class() {
        assert_eq!(
            shown("{ .k = 5ms && kind=server } | by(name)"),
            [
                ("{", TokenClass::Parenthesis),
                (".k", TokenClass::Attribute),
                ("=", TokenClass::Operator),
                ("5ms", TokenClass::Value),
                ("&&", TokenClass::Keyword),
                ("kind", TokenClass::Intrinsic),
                ("=", TokenClass::Operator),
                ("server", TokenClass::Value),
                ("}", TokenClass::Parenthesis),
                ("|", TokenClass::Keyword),
                ("by", TokenClass::Keyword),
                ("(", TokenClass::Parenthesis),
                ("name", TokenClass::Intrinsic),
                (")", TokenClass::Parenthesis),
            ]
        );
    }

    #[test]
    fn what_cannot_be_read_is_marked() {
        assert_eq!(
            shown("{ duration > \"x\" }")[3],
            ("\"x\"", TokenClass::Wrong)
        );
        assert_eq!(
            shown("{ name = \"a"),
            [
                ("{", TokenClass::Parenthesis),
                ("name", TokenClass::Intrinsic),
                ("=", TokenClass::Operator),
                ("\"a", TokenClass::Wrong),
            ]
        );
    }

    #[test]
    fn keys_behind_a_scope_are_completed() {
        let found = complete("{ span.http.rou = 1 }", 11);
        assert_eq!(found.replace, 7..15);
        assert_eq!(
            (found.kind, found.prefix),
            (CompletionKind::AttributeKey, "http".to_owned())
        );
        assert_eq!(complete("{ nam", 5).kind, CompletionKind::Word);
    }

    proptest! {
        #[test]
        fn every_place_has_a_completion_and_a_class_in_the_text(
            text in "\\{[a-c.:\"(*é =<>{}|-]{0,16}",
            cursor in 0usize..20,
        ) {
            let found = crate::complete(&text, cursor);
            prop_assert!(text.get(found.replace).is_some());
            for (range, _) in crate::highlight(&text) {
                prop_assert!(text.get(range).is_some());
            }
        }
    }
}
