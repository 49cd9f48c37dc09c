//! Words of a query that begin with a dash.

use std::ffi::OsString;

/// Stands before a word that begins with a dash and is no flag while flags are read: a private
/// character that nobody types.
const GUARD: char = '\u{f8ff}';

/// The arguments, with negated words of a query such as `-name:health` kept from being read as
/// flags. No flag of one dash has more than one letter, so any that has is such a word.
pub(super) fn guarded(arguments: &[OsString]) -> Vec<OsString> {
    let mut takes_query = false;
    arguments
        .iter()
        .map(|argument| match argument.to_str() {
            Some(text) if takes_query && is_negated(text) => format!("{GUARD}{text}").into(),
            text => {
                takes_query |= matches!(text, Some("search" | "logs" | "query"));
                argument.clone()
            }
        })
        .collect()
}

fn is_negated(word: &str) -> bool {
    let mut characters = word.chars();
    characters.next() == Some('-')
        && characters
            .next()
            .is_some_and(|first| first != '-' && !first.is_ascii_digit())
        && characters.next().is_some()
}

pub(super) fn unguard(word: &mut String) {
    if let Some(rest) = word.strip_prefix(GUARD) {
        *word = rest.to_owned();
    }
}
