//! One word masked: numbers with their units, hexadecimal ids, times, addresses, paths.

use super::WILDCARD;
use super::mask::{Addresses, DIGIT, OF_ADDRESS};

/// Hexadecimal digits from which on a piece is an id.
const HEX_DIGITS_MIN: usize = 6;
/// Letters of a unit behind a number, such as `ms` or `GiB`.
const UNIT_LETTERS_MAX: usize = 3;
/// Letters and digits mixed are a name up to this length, such as `k8s`.
const NAME_BYTES_MAX: usize = 4;

/// A word with so many bytes for each of its digits is a name with a digit in it.
const NAME_LETTERS_PER_DIGIT: usize = 6;

/// Words that are never masked and never become wildcards: what they say is the point.
const KEPT: [&str; 24] = [
    "trace",
    "debug",
    "info",
    "notice",
    "warn",
    "warning",
    "error",
    "fatal",
    "critical",
    "ok",
    "success",
    "succeeded",
    "fail",
    "failed",
    "failure",
    "true",
    "false",
    "null",
    "none",
    "timeout",
    "denied",
    "refused",
    "accepted",
    "rejected",
];

/// Whether a word is a level or a verdict.
pub(super) fn is_kept(word: &str) -> bool {
    let bare = word.trim_matches(|letter: char| !letter.is_ascii_alphanumeric());
    // The longest of them has nine letters; most words are told apart by that.
    bare.len() <= 9 && bare.len() >= 2 && KEPT.iter().any(|kept| kept.eq_ignore_ascii_case(bare))
}

/// Appends a word with what varies in it masked; `kinds` is all that its bytes can be.
pub(super) fn push_word(word: &str, kinds: u8, addresses: Addresses, out: &mut String) {
    let is_whole = kinds & OF_ADDRESS != 0
        && (is_uuid(word)
            || addresses == Addresses::Whole
                && (word.contains("://") || is_email(word) || is_path(word)));
    if is_whole {
        let end = word.trim_end_matches(['.', ':', ',', '?', '!']);
        out.push_str(WILDCARD);
        out.push_str(word.get(end.len()..).unwrap_or_default());
    } else if kinds & DIGIT != 0 {
        push_pieces(word, out);
    } else {
        out.push_str(word);
    }
}

fn is_email(word: &str) -> bool {
    word.split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
}

fn is_path(word: &str) -> bool {
    let is_rooted =
        word.starts_with('/') || word.starts_with("./") || word.get(1..3) == Some(":\\");
    is_rooted
        && word
            .bytes()
            .filter(|byte| matches!(byte, b'/' | b'\\'))
            .count()
            >= 2
}

fn is_uuid(word: &str) -> bool {
    word.len() >= 36
        && word.bytes().take(36).enumerate().all(|(place, byte)| {
            if matches!(place, 8 | 13 | 18 | 23) {
                byte == b'-'
            } else {
                byte.is_ascii_hexdigit()
            }
        })
        && !word
            .as_bytes()
            .get(36)
            .is_some_and(u8::is_ascii_alphanumeric)
}

/// Masks the pieces between punctuation, and makes what stands between two masked pieces part
/// of them: `2020-01-02T03:04:05.678Z` and `10.0.0.1:80` are one.
fn push_pieces(word: &str, out: &mut String) {
    let mut rest = word;
    let from = out.len();
    // Punctuation behind a masked piece, kept back until it is known what follows.
    let mut held = "";
    let mut is_masked = false;
    while !rest.is_empty() {
        let length = rest
            .bytes()
            .take_while(|byte| byte.is_ascii_alphanumeric() || *byte >= 0x80)
            .count();
        let (piece, behind) = rest.split_at_checked(length).unwrap_or((rest, ""));
        let gap = behind
            .bytes()
            .take_while(|byte| !byte.is_ascii_alphanumeric() && *byte < 0x80)
            .count();
        let (punctuation, next) = behind.split_at_checked(gap).unwrap_or((behind, ""));
        // A group of a uuid may be of letters alone.
        let is_hex_group = is_masked
            && held == "-"
            && piece.len() == 4
            && piece.bytes().all(|byte| byte.is_ascii_hexdigit());
        let mask = if is_hex_group {
            Mask::Whole
        } else {
            piece_mask(piece)
        };
        let joins = is_masked && mask == Mask::Whole && held.len() == 1;
        if !joins {
            out.push_str(held);
            match mask {
                Mask::None => out.push_str(piece),
                Mask::Whole => {
                    // A sign belongs to its number.
                    if out.len() == from + 1 && matches!(out.as_bytes().last(), Some(b'-' | b'+')) {
                        out.pop();
                    }
                    out.push_str(WILDCARD);
                }
                Mask::Behind(letters) => {
                    out.push_str(piece.get(..letters).unwrap_or_default());
                    out.push_str(WILDCARD);
                }
            }
        }
        is_masked = mask != Mask::None;
        held = punctuation;
        rest = next;
    }
    // A percent sign is a unit.
    out.push_str(held.strip_prefix('%').filter(|_| is_masked).unwrap_or(held));
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mask {
    None,
    Whole,
    /// So many letters stay in front.
    Behind(usize),
}

fn piece_mask(piece: &str) -> Mask {
    let bytes = piece.as_bytes();
    if !bytes.iter().any(u8::is_ascii_digit) {
        return Mask::None;
    }
    let digits = bytes
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let is_number = digits > 0 && bytes.len() - digits <= UNIT_LETTERS_MAX;
    let is_hex = bytes.len() >= HEX_DIGITS_MIN && bytes.iter().all(u8::is_ascii_hexdigit);
    if is_number || is_hex || bytes.starts_with(b"0x") {
        return Mask::Whole;
    }
    let letters = bytes
        .iter()
        .take_while(|byte| !byte.is_ascii_digit())
        .count();
    let all_digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    let is_numbered = letters > 0 && letters + all_digits == bytes.len();
    // A version, such as `v2`, is part of a name, and so is a digit within a long word.
    let is_version = is_numbered && matches!(bytes.first(), Some(b'v' | b'V')) && bytes.len() <= 3;
    let is_name = letters > 0
        && (bytes.len() <= NAME_BYTES_MAX || bytes.len() >= all_digits * NAME_LETTERS_PER_DIGIT);
    if is_version && letters == 1 {
        Mask::None
    } else if is_numbered {
        Mask::Behind(letters)
    } else if is_name {
        Mask::None
    } else {
        Mask::Whole
    }
}
