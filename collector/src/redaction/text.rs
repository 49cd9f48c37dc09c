//! Secrets within texts: user information of URLs, and assignments to secret names.
//!
//! ```text
//! postgres://shop:hunter2@db/orders      postgres://[redacted]@db/orders
//! /login?user=7&token=abc                /login?user=7&token=[redacted]
//! {"password":"hunter2"}                 {"password":"[redacted]"}
//! Authorization: Bearer abc              Authorization: [redacted]
//! ```
//! A text that has no secret is looked over and not copied.

use super::digest::Mark;
use super::keys;
use super::{Hidden, Rules};

/// Hides what is secret in a text.
pub(super) fn hide(rules: &Rules, text: &mut String, hidden: &mut Hidden) {
    // Bytes in place of patterns: most texts have neither, and end here.
    if !text.bytes().any(is_separator) {
        return;
    }
    if text.contains('@') {
        hide_all(rules, text, url_user, &mut hidden.url_users);
    }
    hide_all(rules, text, assignment, &mut hidden.assignments);
}

/// Whether a byte stands between a name and its value.
fn is_separator(byte: u8) -> bool {
    byte == b'=' || byte == b':'
}

/// A part of a text, from a byte to another.
type Part = (usize, usize);

/// Hides every part that `find` finds from a byte on; it also says where to go on.
fn hide_all(
    rules: &Rules,
    text: &mut String,
    find: fn(&str, usize) -> Option<(Part, usize)>,
    count: &mut u64,
) {
    let mut clean = String::new();
    let (mut done, mut from) = (0, 0);
    while let Some(((start, end), next)) = find(text, from) {
        from = next;
        let Some(secret) = text.get(start..end) else {
            break;
        };
        if Mark::is_mark(secret) {
            continue;
        }
        clean.push_str(text.get(done..start).unwrap_or_default());
        clean.push_str(&rules.mark.of(secret));
        done = end;
        *count = count.saturating_add(1);
    }
    if done > 0 {
        clean.push_str(text.get(done..).unwrap_or_default());
        *text = clean;
    }
}

/// The next user information of a URL.
fn url_user(text: &str, from: usize) -> Option<(Part, usize)> {
    let mut from = from;
    loop {
        let start = from + text.get(from..)?.find("://")? + 3;
        let rest = text.get(start..)?;
        let end = rest
            .find(|it: char| {
                matches!(it, '/' | '?' | '#' | '"' | '\'' | '\\') || it.is_whitespace()
            })
            .unwrap_or(rest.len());
        // The last one: a password may have others in it.
        match rest.get(..end)?.rfind('@') {
            Some(at) if at > 0 => return Some(((start, start + at), start + at)),
            _ => from = start,
        }
    }
}

/// The value of the next assignment to a secret name.
fn assignment(text: &str, from: usize) -> Option<(Part, usize)> {
    let mut from = from;
    loop {
        let rest = text.as_bytes().get(from..)?;
        let at = from + rest.iter().position(|byte| is_separator(*byte))?;
        from = at + 1;
        let is_colon = text.as_bytes().get(at) == Some(&b':');
        let Some((name, is_quoted)) = name_before(text, at) else {
            continue;
        };
        if !is_name_of_secret(name, is_colon && !is_quoted) {
            continue;
        }
        if let Some(part) = value_after(text, at + 1) {
            return Some((part, part.1));
        }
    }
}

/// A name says less before a colon, where prose has it too, as in `unexpected token: }`.
fn is_name_of_secret(name: &str, is_prose: bool) -> bool {
    let is_bare = ["token", "secret", "signature", "credentials", "auth", "sig"]
        .iter()
        .any(|word| word.eq_ignore_ascii_case(name));
    keys::is_secret(name) && !(is_prose && is_bare)
}

/// The name that ends at a byte, and whether it stands in quotes.
fn name_before(text: &str, end: usize) -> Option<(&str, bool)> {
    let before = text.get(..end)?.trim_end_matches(' ');
    let unquoted = before
        .strip_suffix("\\\"")
        .or_else(|| before.strip_suffix('"'))
        .or_else(|| before.strip_suffix('\''));
    let name_end = unquoted.unwrap_or(before);
    // Names are ASCII, so that a byte that is none of it ends them at a character's border.
    let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let name_bytes = name_end.bytes().rev();
    let start = name_end.len() - name_bytes.take_while(is_of_name).count();
    let name = name_end.get(start..)?;
    (!name.is_empty()).then_some((name, unquoted.is_some()))
}

/// The value that begins at a byte.
fn value_after(text: &str, start: usize) -> Option<Part> {
    let rest = text.get(start..)?;
    let value = rest.trim_start_matches(' ');
    let start = start + rest.len() - value.len();
    for quote in ["\\\"", "\"", "'"] {
        if let Some(inner) = value.strip_prefix(quote) {
            let start = start + quote.len();
            let end = inner.find(quote).unwrap_or(inner.len());
            return (end > 0).then_some((start, start + end));
        }
    }
    // What was hidden before is one word.
    if let Some(close) = value.find(']')
        && value.get(..=close).is_some_and(Mark::is_mark)
    {
        return Some((start, start + close + 1));
    }
    let mut end = word_end(value);
    // The scheme of an authorization is no secret, what follows is.
    if ["bearer", "basic", "token", "digest"].iter().any(|scheme| {
        value
            .get(..end)
            .is_some_and(|word| word.eq_ignore_ascii_case(scheme))
    }) && let Some(after) = value.get(end..).and_then(|rest| rest.strip_prefix(' '))
    {
        end += 1 + word_end(after);
    }
    (end > 0).then_some((start, start + end))
}

fn word_end(text: &str) -> usize {
    text.find(|it: char| {
        it.is_whitespace()
            || matches!(
                it,
                '&' | ';' | ',' | '"' | '\'' | '#' | ')' | ']' | '}' | '<' | '>' | '\\'
            )
    })
    .unwrap_or(text.len())
}
