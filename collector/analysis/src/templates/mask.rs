//! One line masked, in one pass over its bytes.

use super::WILDCARD;
use super::word::{is_kept, push_word};

/// Stands where a word ends without a space behind it: between brackets that touch.
pub(super) const TOUCHES: char = '\u{1}';

/// What lies behind so many bytes of a line is not looked at.
pub(super) const LINE_BYTES_MAX: usize = 8192;
/// A bracket or quote that is not closed within so many bytes counts as not closed.
const GROUP_BYTES_MAX: usize = 2048;
/// A value with spaces in it is at most so long.
const SPACED_VALUE_BYTES_MAX: usize = 64;

/// What is masked of addresses and paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Addresses {
    /// All of them: in log lines.
    Whole,
    /// Only numbers and ids in them: in names of operations, where the rest is the name.
    Ids,
}

/// Writes the line into `out`, with what varies replaced by wildcards and every run of white
/// space by one space.
///
/// Masked are numbers with their units, hexadecimal ids, uuids, times, addresses, paths,
/// quoted text, and what stands behind `key=` and `"key":`, brackets and all. Levels and
/// verdicts stay.
pub(super) fn mask(line: &str, addresses: Addresses, out: &mut String) {
    out.clear();
    let end = line.floor_char_boundary(LINE_BYTES_MAX);
    let text = line.get(..end).unwrap_or_default();
    let mut scanner = Scanner { text, at: 0 };
    while let Some(byte) = scanner.peek() {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => scanner.push_space(out),
            b'"' | b'`' => scanner.push_quoted(byte, out),
            b'\'' if !out.as_bytes().last().is_some_and(u8::is_ascii_alphanumeric) => {
                scanner.push_quoted(byte, out);
            }
            b'=' => scanner.push_assignment(out),
            b'[' if out.ends_with(']') => {
                out.push(TOUCHES);
                scanner.push_one(out);
            }
            _ if is_word(byte) => {
                let (word, kinds) = scanner.take_word();
                push_word(word, kinds, addresses, out);
            }
            _ => scanner.push_one(out),
        }
    }
    if out.ends_with(' ') {
        out.pop();
    }
}

/// A byte of a word: everything but white space, brackets, quotes and what parts lists.
const WORD: u8 = 1;
/// A digit.
pub(super) const DIGIT: u8 = 2;
/// A byte without which a word is no address, path or uuid.
pub(super) const OF_ADDRESS: u8 = 4;

/// What each byte can be.
const KINDS: [u8; 256] = kinds();

const fn kinds() -> [u8; 256] {
    let mut kinds = [WORD; 256];
    let parting = b" \t\r\n()[]{},;=\"'`|<>&";
    let mut place = 0;
    while place < parting.len() {
        kinds[parting[place] as usize] = 0;
        place += 1;
    }
    let mut digit = b'0';
    while digit <= b'9' {
        kinds[digit as usize] = WORD | DIGIT;
        digit += 1;
    }
    let of_address = b"/\\@-";
    let mut place = 0;
    while place < of_address.len() {
        kinds[of_address[place] as usize] = WORD | OF_ADDRESS;
        place += 1;
    }
    kinds
}

fn kind(byte: u8) -> u8 {
    KINDS.get(usize::from(byte)).copied().unwrap_or(WORD)
}

fn is_word(byte: u8) -> bool {
    kind(byte) & WORD != 0
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// From here to `to`, which becomes the place.
    fn take_to(&mut self, to: usize) -> &'a str {
        let taken = self.text.get(self.at..to).unwrap_or_default();
        self.at = to;
        taken
    }

    /// The word here, and all that its bytes can be.
    fn take_word(&mut self) -> (&'a str, u8) {
        let bytes = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let mut kinds = 0;
        let mut length = 0;
        for byte in bytes {
            let of_byte = kind(*byte);
            if of_byte & WORD == 0 {
                break;
            }
            kinds |= of_byte;
            length += 1;
        }
        (self.take_to(self.at + length), kinds)
    }

    fn take_while(&mut self, of: impl Fn(u8) -> bool) -> &'a str {
        let bytes = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let length = bytes.iter().take_while(|byte| of(**byte)).count();
        self.take_to(self.at + length)
    }

    fn push_space(&mut self, out: &mut String) {
        self.at += 1;
        if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    }

    /// Only called on an ASCII byte.
    fn push_one(&mut self, out: &mut String) {
        let one = self.take_to(self.at + 1);
        out.push_str(one);
    }

    /// Quoted text, or, where a colon follows, a key whose value is masked.
    fn push_quoted(&mut self, quote: u8, out: &mut String) {
        let Some(close) = self.closing_quote(quote) else {
            self.push_one(out);
            return;
        };
        if self.byte(close + 1) == Some(b':') {
            let key = self.take_to(close + 2);
            out.push_str(key);
            while self.peek() == Some(b' ') {
                self.at += 1;
            }
            self.push_value(out);
        } else {
            out.push(char::from(quote));
            out.push_str(WILDCARD);
            out.push(char::from(quote));
            self.at = close + 1;
        }
    }

    fn push_assignment(&mut self, out: &mut String) {
        let follows_key = out
            .as_bytes()
            .last()
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'>' | b']'));
        self.push_one(out);
        let has_value = self
            .peek()
            .is_some_and(|byte| !matches!(byte, b' ' | b'\t' | b'=' | b'>' | b'<' | b'~'));
        if follows_key && has_value {
            self.push_value(out);
        }
    }

    /// What stands behind a key, as one wildcard; a level or verdict stays.
    fn push_value(&mut self, out: &mut String) {
        let start = self.at;
        if let Some(quote @ (b'"' | b'\'' | b'`')) = self.peek() {
            match self.closing_quote(quote) {
                Some(close) => {
                    out.push_str(WILDCARD);
                    self.at = close + 1;
                }
                None => self.push_one(out),
            }
            return;
        }
        let word = self.take_while(is_word);
        if let Some(b'(' | b'[' | b'{') = self.peek()
            && let Some(close) = self.closing_bracket()
        {
            self.at = close + 1;
            out.push_str(WILDCARD);
            return;
        }
        if is_kept(word) {
            out.push_str(word);
            return;
        }
        if let Some(end) = self.end_of_spaced_value() {
            self.at = end;
        }
        if self.at > start {
            out.push_str(WILDCARD);
        }
    }

    /// Where a value goes on behind a space: in a list of `key=value, key=value)`, up to what
    /// ends it.
    fn end_of_spaced_value(&self) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let rest = bytes.get(self.at..)?;
        if rest.first() != Some(&b' ') {
            return None;
        }
        let length = rest
            .iter()
            .take(SPACED_VALUE_BYTES_MAX)
            .position(|byte| !is_word(*byte) && *byte != b' ')?;
        let end = self.at + length;
        let is_listed = match bytes.get(end)? {
            b')' | b']' | b'}' => true,
            b',' => {
                let behind = bytes.get(end + 1..)?;
                let key = behind
                    .iter()
                    .skip_while(|byte| **byte == b' ')
                    .position(|byte| !is_word(*byte))?;
                let spaces = behind.iter().take_while(|byte| **byte == b' ').count();
                key > 0 && behind.get(spaces + key) == Some(&b'=')
            }
            _ => false,
        };
        is_listed.then_some(end)
    }

    /// The quote that closes the one here.
    fn closing_quote(&self, quote: u8) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let mut is_escaped = false;
        for (offset, byte) in bytes
            .get(self.at + 1..)?
            .iter()
            .enumerate()
            .take(GROUP_BYTES_MAX)
        {
            if is_escaped {
                is_escaped = false;
            } else if *byte == b'\\' {
                is_escaped = true;
            } else if *byte == quote {
                let close = self.at + 1 + offset;
                let is_apostrophe = quote == b'\''
                    && self
                        .byte(close + 1)
                        .is_some_and(|next| next.is_ascii_alphanumeric());
                if !is_apostrophe {
                    return Some(close);
                }
            }
        }
        None
    }

    /// The bracket that closes the one here, with those between them in pairs.
    fn closing_bracket(&self) -> Option<usize> {
        let bytes = self.text.as_bytes().get(self.at..)?;
        let mut depth = 0_usize;
        for (offset, byte) in bytes.iter().enumerate().take(GROUP_BYTES_MAX) {
            match byte {
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return Some(self.at + offset);
                    }
                }
                _ => {}
            }
        }
        None
    }
}
