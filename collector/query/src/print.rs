//! Writes a query in its canonical form, which reads back as the same query.

use std::fmt::{Formatter, Result, Write};

use crate::ast::{Expression, Node, Test};
use crate::comparison::Comparison;
use crate::field::{AttributeField, AttributeScope, Key, SCOPES};
use crate::pattern::{Pattern, Piece};
use crate::units::print_duration;

/// What stands around an expression, and so whether it needs parentheses.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    /// Nothing, or a parenthesis.
    Nothing,
    /// `OR` on a side.
    Or,
    /// Other terms that have to hold too.
    Terms,
    /// A negation before it.
    Negation,
}

/// Writes a whole filter; nothing for the one that everything matches.
pub(crate) fn filter(node: &Node, f: &mut Formatter<'_>) -> Result {
    if node.is_everything() {
        return Ok(());
    }
    expression(node, Around::Nothing, f)
}

fn expression(node: &Node, around: Around, f: &mut Formatter<'_>) -> Result {
    match &node.expression {
        Expression::All(parts) if parts.is_empty() => f.write_char('*'),
        Expression::All(parts) => {
            let needs_parentheses = matches!(around, Around::Negation | Around::Terms);
            joined(parts, " ", Around::Terms, needs_parentheses, f)
        }
        Expression::Any(parts) => {
            let needs_parentheses = around != Around::Nothing;
            joined(parts, " OR ", Around::Or, needs_parentheses, f)
        }
        Expression::Not(inner) => {
            let is_nested = matches!(inner.expression, Expression::Not(_));
            f.write_str(if is_nested { "NOT " } else { "-" })?;
            expression(inner, Around::Negation, f)
        }
        Expression::Test(test) => write_test(test, f),
    }
}

fn joined(
    parts: &[Node],
    separator: &str,
    around: Around,
    needs_parentheses: bool,
    f: &mut Formatter<'_>,
) -> Result {
    if needs_parentheses {
        f.write_char('(')?;
    }
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(separator)?;
        }
        expression(part, around, f)?;
    }
    if needs_parentheses {
        f.write_char(')')?;
    }
    Ok(())
}

fn write_test(test: &Test, f: &mut Formatter<'_>) -> Result {
    match test {
        Test::Phrase(phrase) => word(phrase.source(), f),
        Test::Has(field) => {
            f.write_str("has:")?;
            key(field, f)
        }
        Test::Attribute(field, pattern) => {
            key(field, f)?;
            f.write_char(':')?;
            value(pattern, f)
        }
        Test::AttributeNumber(field, compared) => {
            key(field, f)?;
            comparison(compared, ToString::to_string, f)
        }
        Test::Text(field, pattern) => {
            write!(f, "{}:", field.key())?;
            value(pattern, f)
        }
        Test::Number(field, compared) => {
            f.write_str(field.key())?;
            if field.is_duration() {
                comparison(compared, |duration_ns| print_duration(*duration_ns), f)
            } else {
                comparison(compared, ToString::to_string, f)
            }
        }
        Test::Kind(kind) => write!(f, "kind:{}", kind.as_str()),
        Test::Status(status) => write!(f, "status:{}", status.as_str()),
        Test::Level(compared) => {
            f.write_str("level")?;
            comparison(compared, |level| level.as_str().to_owned(), f)
        }
    }
}

fn comparison<T>(
    compared: &Comparison<T>,
    show: impl Fn(&T) -> String,
    f: &mut Formatter<'_>,
) -> Result {
    match compared {
        Comparison::Equal(bound) => write!(f, ":{}", show(bound)),
        Comparison::Less(bound) => write!(f, ":<{}", show(bound)),
        Comparison::AtMost(bound) => write!(f, ":<={}", show(bound)),
        Comparison::More(bound) => write!(f, ":>{}", show(bound)),
        Comparison::AtLeast(bound) => write!(f, ":>={}", show(bound)),
        Comparison::Between(low, high) => write!(f, ":{}..{}", show(low), show(high)),
    }
}

/// A word to search: quoted where bare it would be read as something else.
fn word(pattern: &Pattern, f: &mut Formatter<'_>) -> Result {
    let is_keyword = matches!(pattern.as_literal(), Some("AND" | "OR" | "NOT"));
    let begins_as_sign = begins(pattern, &["-", "{"]);
    let has_colon = pattern
        .pieces()
        .iter()
        .any(|piece| matches!(piece, Piece::Literal(text) if text.contains(':')));
    pieces(pattern, is_keyword || begins_as_sign || has_colon, f)
}

/// A value behind an operator, quoted where needed.
pub(crate) fn value(pattern: &Pattern, f: &mut Formatter<'_>) -> Result {
    let reads_as_operator = begins(pattern, &["<", ">", ":", "//"]);
    let reads_as_range = pattern.as_literal().is_some_and(|text| text.contains(".."));
    pieces(pattern, reads_as_operator || reads_as_range, f)
}

fn begins(pattern: &Pattern, signs: &[&str]) -> bool {
    match pattern.pieces().first() {
        Some(Piece::Literal(text)) => signs.iter().any(|sign| text.starts_with(sign)),
        _ => false,
    }
}

fn pieces(pattern: &Pattern, must_quote: bool, f: &mut Formatter<'_>) -> Result {
    if pattern.pieces().is_empty() {
        return f.write_str("\"\"");
    }
    for piece in pattern.pieces() {
        match piece {
            Piece::Any => f.write_char('*')?,
            Piece::Literal(text) if must_quote || text.contains(is_special) => quoted(text, f)?,
            Piece::Literal(text) => f.write_str(text)?,
        }
    }
    Ok(())
}

/// Whether the character outside of quotes is not just itself.
fn is_special(character: char) -> bool {
    character.is_whitespace() || matches!(character, '(' | ')' | '"' | '*')
}

fn quoted(text: &str, f: &mut Formatter<'_>) -> Result {
    f.write_char('"')?;
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                f.write_char('\\')?;
                f.write_char(character)?;
            }
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            other => f.write_char(other)?,
        }
    }
    f.write_char('"')
}

/// An attribute's key: bare where it then names this attribute, else in quotes.
pub(crate) fn key(field: &AttributeField, f: &mut Formatter<'_>) -> Result {
    let prefix = SCOPES
        .iter()
        .find(|(_, scope)| *scope == field.scope)
        .map_or("", |(prefix, _)| *prefix);
    let bare = format!("{prefix}{}", field.key);
    let is_plain = !bare.contains(|character| is_special(character) || character == ':')
        && !bare.starts_with(['-', '{'])
        && !bare.bytes().all(|byte| byte.is_ascii_digit());
    if is_plain && Key::of_text(&bare) == Key::Attribute(field.clone()) {
        return f.write_str(&bare);
    }
    if field.scope != AttributeScope::Any {
        f.write_str(prefix)?;
    }
    quoted(&field.key, f)
}
