//! What is being typed at a place of a query text, so that an editor can offer how to go on.
//!
//! The names and values to offer, with their counts, come from whoever holds an index; this
//! says which are asked for, and which bytes the chosen one replaces.

use std::ops::Range;

use spanwalk_model::{SeverityLevel, SpanKind, StatusCode};

use crate::field::{AttributeField, Key};
use crate::lexer::lex;
use crate::pattern::Pattern;
use crate::print;
use crate::token::{Token, TokenKind, Word};
use crate::traceql;

/// What is being typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// The bytes that a chosen completion replaces.
    pub replace: Range<usize>,
    /// What is asked for.
    pub kind: CompletionKind,
    /// What stands there up to the cursor, without quotes.
    pub prefix: String,
}

/// What can be offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CompletionKind {
    /// A key of either kind, or a word to search: a term begins here.
    Key,
    /// The key of an attribute alone.
    AttributeKey,
    /// A value of a key.
    Value {
        /// The key as it is written, without quotes.
        key: String,
        /// For an attribute, its key without a scope; `None` for built-in fields.
        attribute: Option<String>,
    },
    /// Words of a quoted text.
    Word,
}

/// What is being typed at this byte of the text. A cursor within a character or behind the
/// text is taken back to the next place where it can stand.
pub fn complete(text: &str, cursor: usize) -> Completion {
    let cursor = (0..=cursor.min(text.len()))
        .rev()
        .find(|index| text.is_char_boundary(*index))
        .unwrap_or(0);
    if traceql::is_traceql(text) {
        return traceql::complete(text, cursor);
    }
    let typed = text.get(..cursor).unwrap_or_default();
    let (tokens, _) = lex(typed);
    let group_key = open_group(&tokens);
    let last = tokens.last().filter(|token| token.range.end == cursor);
    let fresh = |kind| Completion {
        replace: cursor..cursor,
        kind,
        prefix: String::new(),
    };
    let of_word = |word: &Word, start: usize, kind| Completion {
        replace: start..end_of_token(text, start, cursor),
        kind,
        prefix: shown(word),
    };
    let term_kind = || group_key.map_or(CompletionKind::Key, value_of);
    let Some(token) = last else {
        return fresh(term_kind());
    };
    let start = token.range.start;
    match &token.kind {
        TokenKind::Text(word) if word.has_quotes && group_key.is_none() => {
            of_word(word, start, CompletionKind::Word)
        }
        TokenKind::Text(word) => of_word(word, start, term_kind()),
        TokenKind::And | TokenKind::Or | TokenKind::Not => Completion {
            replace: start..end_of_token(text, start, cursor),
            kind: term_kind(),
            prefix: typed.get(start..).unwrap_or_default().to_owned(),
        },
        TokenKind::Operator(_) => Completion {
            replace: cursor..end_of_token(text, cursor, cursor),
            ..fresh(last_key(&tokens).map_or(CompletionKind::Key, value_of))
        },
        TokenKind::Value(word) => {
            let kind = last_key(&tokens).map_or(CompletionKind::Key, value_of);
            of_word(word, start, kind)
        }
        TokenKind::Open | TokenKind::Close | TokenKind::Minus | TokenKind::Key(_) => {
            fresh(term_kind())
        }
    }
}

/// The values that a built-in field can have, where they are few and fixed; else none.
pub fn fixed_values(key: &str) -> Vec<&'static str> {
    match Key::of_text(key) {
        Key::Kind => [
            SpanKind::Server,
            SpanKind::Client,
            SpanKind::Producer,
            SpanKind::Consumer,
            SpanKind::Internal,
        ]
        .map(SpanKind::as_str)
        .into(),
        Key::Status => [StatusCode::Error, StatusCode::Ok, StatusCode::Unset]
            .map(StatusCode::as_str)
            .into(),
        Key::Level => [
            SeverityLevel::Trace,
            SeverityLevel::Debug,
            SeverityLevel::Info,
            SeverityLevel::Warn,
            SeverityLevel::Error,
            SeverityLevel::Fatal,
        ]
        .map(SeverityLevel::as_str)
        .into(),
        _ => Vec::new(),
    }
}

/// How this value is written behind an operator: bare, or in quotes where it needs them.
pub fn written_value(value: &str) -> String {
    std::fmt::from_fn(|f| print::value(&Pattern::literal(value), f)).to_string()
}

/// How the key of an attribute is written before an operator, so that it is not taken for a
/// built-in field or for something else.
pub fn written_key(key: &str) -> String {
    let named = AttributeField::named(key);
    let is_itself = Key::of_text(key) == Key::Attribute(named.clone());
    let field = if is_itself {
        named
    } else {
        AttributeField::exact(key)
    };
    std::fmt::from_fn(|f| print::key(&field, f)).to_string()
}

/// The kind of what stands behind this key.
fn value_of(key: &Word) -> CompletionKind {
    let text = shown(key);
    match Key::of(key, &text) {
        Key::Has => CompletionKind::AttributeKey,
        Key::Attribute(field) => CompletionKind::Value {
            key: text,
            attribute: Some(field.key),
        },
        _ => CompletionKind::Value {
            key: text,
            attribute: None,
        },
    }
}

/// The text of a word, with its wildcards.
fn shown(word: &Word) -> String {
    word.pattern.to_string()
}

/// The key of the innermost `key:( … )` that the tokens leave open; `None` where the
/// innermost open parenthesis has no key.
fn open_group(tokens: &[Token]) -> Option<&Word> {
    let mut groups: Vec<Option<&Word>> = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        match token.kind {
            TokenKind::Open => groups.push(key_before(tokens, index, token.range.start)),
            TokenKind::Close => {
                groups.pop();
            }
            _ => {}
        }
    }
    groups.into_iter().rev().flatten().next()
}

/// The key whose operator ends where this token begins.
fn key_before(tokens: &[Token], index: usize, start: usize) -> Option<&Word> {
    let operator = tokens.get(index.checked_sub(1)?)?;
    let touches = matches!(operator.kind, TokenKind::Operator(_)) && operator.range.end == start;
    match &tokens.get(index.checked_sub(2)?)?.kind {
        TokenKind::Key(word) if touches => Some(word),
        _ => None,
    }
}

fn last_key(tokens: &[Token]) -> Option<&Word> {
    tokens.iter().rev().find_map(|token| match &token.kind {
        TokenKind::Key(word) => Some(word),
        _ => None,
    })
}

/// Where the token that begins here ends in the whole text; at the cursor where there is none,
/// or where it is a quote that is still open and so took all that follows.
fn end_of_token(text: &str, start: usize, cursor: usize) -> usize {
    let (tokens, errors) = lex(text);
    let Some(token) = tokens.into_iter().find(|token| token.range.start == start) else {
        return cursor;
    };
    let is_open = errors
        .iter()
        .any(|error| error.range.start >= start && error.range.end == token.range.end);
    let is_word = matches!(
        token.kind,
        TokenKind::Text(_)
            | TokenKind::Key(_)
            | TokenKind::Value(_)
            | TokenKind::And
            | TokenKind::Or
            | TokenKind::Not
    );
    if is_word && !is_open {
        token.range.end.max(cursor)
    } else {
        cursor
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What is replaced, and the rest, at the `|` of the text.
    fn at(marked: &str) -> (String, CompletionKind, String) {
        let (before, after) = marked.split_once('|').unwrap();
        let text = format!("{before}{after}");
        let found = complete(&text, before.len());
        let replaced = text.get(found.replace).unwrap().to_owned();
        (replaced, found.kind, found.prefix)
    }

    fn check(marked: &str, replaced: &str, kind: &CompletionKind, prefix: &str) {
        let expected = (replaced.to_owned(), kind.clone(), prefix.to_owned());
        assert_eq!(at(marked), expected, "{marked}");
    }

    fn value(key: &str, attribute: Option<&str>) -> CompletionKind {
        CompletionKind::Value {
            key: key.to_owned(),
            attribute: attribute.map(str::to_owned),
        }
    }

    #[test]
    fn a_term_begins_with_a_key() {
        check("|", "", &CompletionKind::Key, "");
        check("ser|", "ser", &CompletionKind::Key, "ser");
        check("a -ser|", "ser", &CompletionKind::Key, "ser");
        check("(ser|vi:x)", "servi", &CompletionKind::Key, "ser");
        check("status:error |", "", &CompletionKind::Key, "");
        check("OR|", "OR", &CompletionKind::Key, "OR");
    }

    #[test]
    fn behind_a_key_stands_a_value() {
        check("service:|", "", &value("service", None), "");
        check(
            "service:che|ck status:ok",
            "check",
            &value("service", None),
            "che",
        );
        check("service:| status:ok", "", &value("service", None), "");
        check("service:|check", "check", &value("service", None), "");
        check("service:(a OR b|)", "b", &value("service", None), "b");
        check("service:(a (|", "", &value("service", None), "");
        check("service:(a) b|", "b", &CompletionKind::Key, "b");
        let host = value("resource.host.name", Some("host.name"));
        check("resource.host.name:n*|", "n*", &host, "n*");
        let quoted = value("user id", Some("user id"));
        check("\"user id\":>|", "", &quoted, "");
        check(
            "has:http.r|",
            "http.r",
            &CompletionKind::AttributeKey,
            "http.r",
        );
    }

    #[test]
    fn an_open_quote_does_not_swallow_what_follows_the_cursor() {
        check(
            "name:\"GET /c| status:ok",
            "\"GET /c",
            &value("name", None),
            "GET /c",
        );
        check(
            "name:\"GET /c|art\" x",
            "\"GET /cart\"",
            &value("name", None),
            "GET /c",
        );
        check("\"card de|", "\"card de", &CompletionKind::Word, "card de");
    }

    #[test]
    fn completions_are_written_so_that_they_read_back() {
        assert_eq!(written_value("checkout"), "checkout");
        assert_eq!(written_value("GET /cart"), "\"GET /cart\"");
        assert_eq!(written_value("1..2"), "\"1..2\"");
        assert_eq!(written_key("http.route"), "http.route");
        assert_eq!(written_key("service"), "\"service\"");
        assert_eq!(written_key("user id"), "\"user id\"");
        assert_eq!(fixed_values("status"), ["error", "ok", "unset"]);
        assert!(fixed_values("service").is_empty());
    }

    proptest! {
        #[test]
        fn every_place_has_a_completion_in_the_text(text in "[a-c:\"(*é -]{0,16}", cursor in 0usize..20) {
            let found = complete(&text, cursor);
            prop_assert!(text.get(found.replace).is_some());
        }

        #[test]
        fn a_written_value_is_read_as_this_value(value in "\\PC{0,12}") {
            let text = format!("k:{}", written_value(&value));
            let query = crate::parse(&text, 0).unwrap();
            let key = "k".to_owned();
            let expected = crate::Condition::Term(crate::Term::Attribute { key, value });
            prop_assert_eq!(query.log_condition(), expected);
        }

        #[test]
        fn a_written_key_is_read_as_this_key(key in "[a-z.: \"(é*-]{1,8}") {
            let query = crate::parse(&format!("{}:v", written_key(&key)), 0).unwrap();
            let mut keys = Vec::new();
            collect_keys(&query.log_condition(), &mut keys);
            prop_assert!(keys.contains(&key), "{:?}", keys);
        }
    }

    fn collect_keys(condition: &crate::Condition, keys: &mut Vec<String>) {
        match condition {
            crate::Condition::All(parts) | crate::Condition::OneOf(parts) => {
                for part in parts {
                    collect_keys(part, keys);
                }
            }
            crate::Condition::Term(crate::Term::Attribute { key, .. }) => keys.push(key.clone()),
            _ => {}
        }
    }
}
