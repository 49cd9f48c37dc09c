//! Escapes in JSON strings.

/// A string without its escapes.
pub(super) struct Unescaped {
    pub(super) text: String,
    /// Whether something in it was not Unicode and became U+FFFD.
    pub(super) mended: bool,
}

/// An escape that JSON does not have.
pub(super) struct EscapeError {
    pub(super) problem: &'static str,
    /// Where in the string.
    pub(super) index: usize,
}

/// Resolves the escapes of a string's content. Half of a surrogate pair that stands alone
/// becomes U+FFFD, like bytes that are no UTF-8.
pub(super) fn unescape(raw: &[u8]) -> Result<Unescaped, EscapeError> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut mended = false;
    let mut at = 0;
    while let Some(&byte) = raw.get(at) {
        if byte != b'\\' {
            bytes.push(byte);
            at += 1;
            continue;
        }
        let error = |problem| EscapeError { problem, index: at };
        let escape = raw.get(at + 1).ok_or(error("unfinished escape"))?;
        let plain = match escape {
            b'"' | b'\\' | b'/' => *escape,
            b'b' => 0x08,
            b'f' => 0x0c,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let (character, length) = unicode(raw, at)?;
                mended |= character.is_none();
                let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
                bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                at += length;
                continue;
            }
            _ => return Err(error("unknown escape in a string")),
        };
        bytes.push(plain);
        at += 2;
    }
    Ok(match String::from_utf8(bytes) {
        Ok(text) => Unescaped { text, mended },
        Err(error) => Unescaped {
            text: String::from_utf8_lossy(error.as_bytes()).into_owned(),
            mended: true,
        },
    })
}

/// The character of the `\u` escape at `at` and the bytes it takes, `None` for half a pair.
fn unicode(raw: &[u8], at: usize) -> Result<(Option<char>, usize), EscapeError> {
    let first = hex4(raw, at).ok_or(EscapeError {
        problem: "\\u without four hex digits",
        index: at,
    })?;
    if let Some(character) = char::from_u32(first) {
        return Ok((Some(character), 6));
    }
    // Half a surrogate pair: only the first half, followed by the second, is a character.
    let second = match raw.get(at + 6..at + 8) {
        Some(b"\\u") => hex4(raw, at + 6),
        _ => None,
    };
    match second {
        Some(second @ 0xdc00..=0xdfff) if first < 0xdc00 => {
            let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            Ok((char::from_u32(code), 12))
        }
        _ => Ok((None, 6)),
    }
}

/// The number of the escape at `at`.
fn hex4(raw: &[u8], at: usize) -> Option<u32> {
    let digits = raw.get(at + 2..at + 6)?;
    digits.iter().try_fold(0, |number, digit| {
        Some((number << 4) | char::from(*digit).to_digit(16)?)
    })
}
