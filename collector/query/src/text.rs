//! Texts: how they fall into words, and which texts and values of an item are searched.
//!
//! An index and the evaluation of queries agree because both take everything from here: what
//! [`words`] a text holds, which [`span_texts`] and [`log_texts`] an item has, and which
//! [`value_texts`] an attribute can be found by.

use std::borrow::Cow;

use spanwalk_model::{Attributes, LogRecord, Span, Value};

/// A longer run of letters and digits is cut into words of this many characters, so that
/// encoded blobs do not become endless terms.
pub const WORD_CHARS_MAX: usize = 64;

/// Longer canonical texts of attribute values are not looked up by equality in an index: the
/// condition for them asks for the key alone. An index may leave their values out.
pub const EXACT_BYTES_MAX: usize = 256;

/// Values nested deeper are not looked into for texts.
const VALUE_DEPTH_MAX: usize = 32;

/// The words of a text in order: runs of letters and digits in lower case.
///
/// Each Han, Hiragana and Katakana character is a word of its own, because these scripts
/// write no spaces between words.
pub fn words(text: &str) -> impl Iterator<Item = Cow<'_, str>> {
    word_places(text).map(|place| place.word)
}

/// A word and where it stands in its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WordPlace<'a> {
    /// The word in lower case.
    pub(crate) word: Cow<'a, str>,
    /// First byte in the text.
    pub(crate) start: usize,
    /// First byte after.
    pub(crate) end: usize,
}

/// The words of a text with their places.
pub(crate) fn word_places(text: &str) -> impl Iterator<Item = WordPlace<'_>> {
    let mut offset = 0;
    std::iter::from_fn(move || {
        loop {
            let start = word_start(text, offset)?;
            let end = word_end(text, start);
            offset = end;
            let word = lower(text.get(start..end)?);
            // A letter whose lower case holds no letter leaves nothing to find.
            if !word.is_empty() {
                return Some(WordPlace { word, start, end });
            }
        }
    })
}

/// The first byte of the next word, from a border of characters on.
fn word_start(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut index = from;
    loop {
        let byte = *bytes.get(index)?;
        if byte.is_ascii_alphanumeric() {
            return Some(index);
        }
        if byte.is_ascii() {
            index += 1;
            continue;
        }
        let character = text.get(index..)?.chars().next()?;
        if character.is_alphanumeric() {
            return Some(index);
        }
        index += character.len_utf8();
    }
}

/// The first byte behind the word that begins here; it has at least one character.
fn word_end(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let mut index = start;
    for count in 0..WORD_CHARS_MAX {
        match bytes.get(index) {
            Some(byte) if byte.is_ascii_alphanumeric() => index += 1,
            None => break,
            Some(byte) if byte.is_ascii() => break,
            Some(_) => {
                let rest = text.get(index..).unwrap_or_default();
                let Some(character) = rest.chars().next() else {
                    break;
                };
                let is_alone = is_word_alone(character);
                if !character.is_alphanumeric() || (is_alone && count > 0) {
                    break;
                }
                index += character.len_utf8();
                if is_alone {
                    break;
                }
            }
        }
    }
    index
}

/// Han, Hiragana and Katakana (Unicode blocks).
fn is_word_alone(character: char) -> bool {
    matches!(
        u32::from(character),
        0x3040..=0x30FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x2_0000..=0x3_FFFF
    )
}

fn lower(word: &str) -> Cow<'_, str> {
    if word
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    {
        return Cow::Borrowed(word);
    }
    if word.is_ascii() {
        return Cow::Owned(word.to_ascii_lowercase());
    }
    Cow::Owned(
        word.chars()
            .flat_map(char::to_lowercase)
            .filter(|character| character.is_alphanumeric())
            .collect(),
    )
}

/// The canonical text of a value: strings bare, everything else as [`Value`] displays.
pub fn canonical(value: &Value) -> String {
    value.to_string()
}

/// Shows every text by which an attribute of this value is found by equality: its canonical
/// text, and of an array also that of each element. No value has no text.
pub fn value_texts(value: &Value, visit: &mut dyn FnMut(&str)) {
    match value {
        Value::Empty => {}
        Value::String(text) => visit(text),
        Value::Array(values) => {
            visit(&canonical(value));
            for element in values {
                match element {
                    Value::String(text) => visit(text),
                    other => visit(&canonical(other)),
                }
            }
        }
        other => visit(&canonical(other)),
    }
}

/// Shows every text of a span that bare words search: its name, its status message, the
/// strings among its attribute values, and the names and strings of its events.
///
/// Resource and instrumentation scope are not searched: their texts repeat on every span of a
/// service and have keys to ask by.
pub fn span_texts(span: &Span, visit: &mut dyn FnMut(&str)) {
    visit(&span.name);
    visit(&span.status.message);
    attribute_texts(&span.attributes, visit);
    for event in &span.events {
        visit(&event.name);
        attribute_texts(&event.attributes, visit);
    }
}

/// Shows every text of a log record that bare words search: its body, its event name, and the
/// strings among its attribute values.
pub fn log_texts(record: &LogRecord, visit: &mut dyn FnMut(&str)) {
    match &record.body {
        Some(Value::String(text)) => visit(text),
        Some(other) => visit(&canonical(other)),
        None => {}
    }
    visit(&record.event_name);
    attribute_texts(&record.attributes, visit);
}

fn attribute_texts(attributes: &Attributes, visit: &mut dyn FnMut(&str)) {
    for entry in attributes {
        string_values(&entry.value, VALUE_DEPTH_MAX, visit);
    }
}

fn string_values(value: &Value, depth: usize, visit: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => visit(text),
        Value::Array(values) if depth > 0 => {
            for element in values {
                string_values(element, depth - 1, visit);
            }
        }
        Value::Map(entries) if depth > 0 => {
            for entry in entries {
                string_values(&entry.value, depth - 1, visit);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(text: &str) -> Vec<String> {
        words(text).map(Cow::into_owned).collect()
    }

    #[test]
    fn words_are_runs_of_letters_and_digits_in_lower_case() {
        assert_eq!(
            all("Card_declined: HTTP/1.1 503 (straße)"),
            ["card", "declined", "http", "1", "1", "503", "straße"]
        );
        assert_eq!(all(" \t--"), Vec::<String>::new());
    }

    #[test]
    fn characters_of_scripts_without_spaces_are_words() {
        assert_eq!(all("ab漢字c"), ["ab", "漢", "字", "c"]);
    }

    #[test]
    fn a_long_run_is_cut_and_loses_nothing() {
        let run = "é".repeat(WORD_CHARS_MAX * 2 + 1);
        let parts = all(&run);
        assert_eq!(parts.len(), 3);
        assert_eq!(parts[0].chars().count(), WORD_CHARS_MAX);
        assert_eq!(parts.concat(), run);
        assert_eq!(all(&"a".repeat(WORD_CHARS_MAX)).len(), 1);
    }

    #[test]
    fn an_array_is_found_by_its_elements_and_as_a_whole() {
        let mut texts = Vec::new();
        let value = Value::Array(vec![Value::from("a"), Value::Int(2)]);
        value_texts(&value, &mut |text| texts.push(text.to_owned()));
        assert_eq!(texts, [r#"["a", 2]"#, "a", "2"]);
        value_texts(&Value::Empty, &mut |text| panic!("{text:?}"));
    }

    #[test]
    fn texts_of_a_record_are_body_event_name_and_strings() {
        let mut record = LogRecord {
            body: Some(Value::from("the body")),
            event_name: "paid".into(),
            ..LogRecord::default()
        };
        record.attributes.push("n", 5i64);
        record
            .attributes
            .push("list", Value::Array(vec![Value::from("in")]));
        let mut texts = Vec::new();
        log_texts(&record, &mut |text| texts.push(text.to_owned()));
        assert_eq!(texts, ["the body", "paid", "in"]);
    }

    proptest! {
        #[test]
        fn words_of_words_are_the_same_words(text in "\\PC{0,40}") {
            for word in words(&text) {
                prop_assert_eq!(all(&word), [word.into_owned()]);
            }
        }

        #[test]
        fn words_are_what_splitting_at_other_characters_gives(text in "[a-cA-Z0-9 _.éÉßİ·٣-]{0,40}") {
            let split: Vec<String> = text
                .split(|character: char| !character.is_alphanumeric())
                .map(|run| lower(run).into_owned())
                .filter(|word| !word.is_empty())
                .collect();
            prop_assert_eq!(all(&text), split);
        }

        #[test]
        fn places_lie_in_the_text_in_order(text in "\\PC{0,40}") {
            let mut after = 0;
            for place in word_places(&text) {
                prop_assert!(place.start >= after && place.end > place.start);
                prop_assert!(text.get(place.start..place.end).is_some());
                after = place.end;
            }
        }
    }
}
