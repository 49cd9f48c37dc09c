//! Gives each term of a text its meaning: which field, which comparison, which value.

mod attribute;
mod builtin;
mod notes;

use std::ops::Range;

use crate::ast::Test;
use crate::comparison::Comparison;
use crate::error::QueryError;
use crate::field::Key;
use crate::moment::TimeBound;
use crate::pattern::Pattern;
use crate::phrase::Phrase;
use crate::token::{Operator, Word};

/// A part of a term and its place.
#[derive(Debug, Clone)]
pub(crate) struct Placed<T> {
    /// The part.
    pub(crate) part: T,
    /// Its bytes in the text.
    pub(crate) range: Range<usize>,
}

/// A test as it was written.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    /// What stands before the operator.
    pub(crate) key: Placed<Word>,
    /// The operator.
    pub(crate) operator: Operator,
    /// What stands behind it.
    pub(crate) value: Placed<Word>,
}

/// What a term says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Meaning {
    /// Everything matches.
    Everything,
    /// Items are tested.
    Test(Test),
    /// The whole query is bound in time.
    Time(TimeBound),
}

/// What a word to search means. Remarks go to `notes`.
pub(crate) fn word(word: &Placed<Word>, notes: &mut Vec<String>) -> Result<Meaning, QueryError> {
    if word.part.pattern.is_any() {
        return Ok(Meaning::Everything);
    }
    if !word.part.has_quotes {
        notes::on_word(&word.part.pattern, notes);
    }
    Phrase::new(word.part.pattern.clone())
        .map(|phrase| Meaning::Test(Test::Phrase(phrase)))
        .ok_or_else(|| {
            QueryError::new(word.range.clone(), "there is no word to search for")
                .expected("letters or digits")
        })
}

/// What a test means. Remarks go to `notes`.
pub(crate) fn test(written: &Written, notes: &mut Vec<String>) -> Result<Meaning, QueryError> {
    let key_text = literal(&written.key, "a key")?;
    if key_text.is_empty() {
        return Err(QueryError::new(
            written.key.range.clone(),
            "the key is empty",
        ));
    }
    let key = Key::of(&written.key.part, key_text);
    let meaning = match key {
        Key::Text(field) => builtin::text(field, written)?,
        Key::Number(field) => builtin::number(field, written)?,
        Key::Kind => builtin::kind(written)?,
        Key::Status => builtin::status(written)?,
        Key::Level => builtin::level(written)?,
        Key::Time(time_key) => return builtin::time(time_key, written).map(Meaning::Time),
        Key::Has => {
            let field = attribute::has(written)?;
            notes::on_attribute(&field, notes);
            Test::Has(field)
        }
        Key::Attribute(field) => {
            if !written.key.part.has_quotes {
                notes::on_key(key_text, notes);
            }
            notes::on_attribute(&field, notes);
            attribute::test(field, written)?
        }
    };
    Ok(Meaning::Test(meaning))
}

/// The text of a part that may hold no wildcard.
fn literal<'a>(word: &'a Placed<Word>, what: &str) -> Result<&'a str, QueryError> {
    word.part
        .pattern
        .as_literal()
        .ok_or_else(|| QueryError::new(word.range.clone(), format!("`*` cannot stand in {what}")))
}

/// The pattern of a value that is not ordered.
fn unordered<'a>(
    written: &'a Written,
    key: &str,
    expected: &str,
) -> Result<&'a Pattern, QueryError> {
    if written.operator != Operator::Is {
        return Err(QueryError::new(
            whole(written),
            format!("`{key}` has no order, so it cannot be compared"),
        )
        .expected(expected));
    }
    Ok(&written.value.part.pattern)
}

/// A comparison of what `read` makes of a text at its place.
fn comparison<T: PartialOrd + Copy>(
    written: &Written,
    read: impl Fn(&str, Range<usize>) -> Result<T, QueryError>,
) -> Result<Comparison<T>, QueryError> {
    let range = written.value.range.clone();
    let text = literal(&written.value, "a value that is compared")?;
    let bounds = (!written.value.part.has_quotes)
        .then(|| text.split_once(".."))
        .flatten();
    match (written.operator, bounds) {
        (Operator::Is, Some((low_text, high_text))) => {
            let low = read(low_text, range.start..range.start + low_text.len())?;
            let high = read(high_text, range.end - high_text.len()..range.end)?;
            if low > high {
                return Err(
                    QueryError::new(range, "the range is empty: it ends below its start")
                        .suggest(Some(format!("{high_text}..{low_text}"))),
                );
            }
            Ok(Comparison::Between(low, high))
        }
        (Operator::Is, None) => read(text, range).map(Comparison::Equal),
        (Operator::Less, _) => read(text, range).map(Comparison::Less),
        (Operator::AtMost, _) => read(text, range).map(Comparison::AtMost),
        (Operator::More, _) => read(text, range).map(Comparison::More),
        (Operator::AtLeast, _) => read(text, range).map(Comparison::AtLeast),
    }
}

/// From the key to the value.
fn whole(written: &Written) -> Range<usize> {
    written.key.range.start..written.value.range.end
}
