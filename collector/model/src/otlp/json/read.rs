//! A pull reader of JSON (RFC 8259) over borrowed bytes.

use std::borrow::Cow;

use super::super::issues::WarnReason;
use super::super::state::DecodeState;
use super::fault::{Fault, Segment};
use super::number;
use super::text::{Unescaped, unescape};

/// Reads one JSON text.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// What decoding carries along.
    pub(crate) state: DecodeState,
}

impl<'a> Reader<'a> {
    /// A reader at the front of the text.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            state: DecodeState::new(bytes.len()),
        }
    }

    /// A fault at the place that is read next.
    pub(crate) fn fault(&self, problem: impl Into<String>) -> Fault {
        Fault::at(self.at, problem)
    }

    fn unexpected(&mut self, expected: &str) -> Fault {
        let found = match self.peek() {
            None => "the end".to_owned(),
            Some(b'"') => "a string".to_owned(),
            Some(b'{') => "an object".to_owned(),
            Some(b'[') => "an array".to_owned(),
            Some(b'0'..=b'9' | b'-') => "a number".to_owned(),
            Some(byte) if byte.is_ascii_graphic() => format!("'{}'", char::from(byte)),
            Some(byte) => format!("byte 0x{byte:02x}"),
        };
        let ended = self.peek().is_none();
        let fault = self.fault(format!("expected {expected}, found {found}"));
        if ended { fault.by_the_end() } else { fault }
    }

    /// The next byte that is no white space, which stays.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        loop {
            match self.bytes.get(self.at) {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                other => return other.copied(),
            }
        }
    }

    fn eat(&mut self, byte: u8, expected: &str) -> Result<(), Fault> {
        if self.peek() == Some(byte) {
            self.at += 1;
            Ok(())
        } else {
            Err(self.unexpected(expected))
        }
    }

    /// Takes a `null`, where one stands next.
    pub(crate) fn null(&mut self) -> Result<bool, Fault> {
        if self.peek() == Some(b'n') {
            self.literal(b"null")?;
            Ok(true)
        } else {
            Ok(false)
        }
    }

    fn literal(&mut self, word: &'static [u8]) -> Result<(), Fault> {
        let end = self.at.saturating_add(word.len());
        if self.bytes.get(self.at..end) == Some(word) {
            self.at = end;
            Ok(())
        } else {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let fault = self.unexpected("a value");
            Err(if word.starts_with(rest) {
                fault.by_the_end()
            } else {
                fault
            })
        }
    }

    /// Reads an object, or `null` for none: `field` is called at each value. Returns
    /// whether there was an object.
    pub(crate) fn object(
        &mut self,
        mut field: impl FnMut(&mut Self, &str) -> Result<(), Fault>,
    ) -> Result<bool, Fault> {
        if self.null()? {
            return Ok(false);
        }
        self.eat(b'{', "an object")?;
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(true);
        }
        loop {
            let key = self.key()?;
            field(self, &key)
                .map_err(|fault| fault.within(|| Segment::Key(key.clone().into_owned())))?;
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(true);
                }
                _ => return Err(self.unexpected("',' or '}'")),
            }
        }
    }

    /// Reads an array, or `null` for an empty one: `item` is called at each value.
    pub(crate) fn array(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        if self.null()? {
            return Ok(());
        }
        self.eat(b'[', "an array")?;
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(());
        }
        let mut index = 0;
        loop {
            item(self).map_err(|fault| fault.within(|| Segment::Index(index)))?;
            index += 1;
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err(self.unexpected("',' or ']'")),
            }
        }
    }

    fn key(&mut self) -> Result<Cow<'a, str>, Fault> {
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a key in quotes"));
        }
        let key = self.raw_string()?;
        self.eat(b':', "':'")?;
        Ok(key)
    }

    /// A string; `None` for `null`.
    pub(crate) fn string(&mut self) -> Result<Option<Cow<'a, str>>, Fault> {
        if self.null()? {
            return Ok(None);
        }
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a string"));
        }
        self.raw_string().map(Some)
    }

    /// A string as owned text; empty for `null`.
    pub(crate) fn text(&mut self) -> Result<String, Fault> {
        Ok(self.string()?.map(Cow::into_owned).unwrap_or_default())
    }

    /// The string whose opening quote stands next.
    fn raw_string(&mut self) -> Result<Cow<'a, str>, Fault> {
        let start = self.at + 1;
        let (end, escaped) = self.string_end(start)?;
        self.at = end + 1;
        let raw = self.bytes.get(start..end).unwrap_or_default();
        if !escaped {
            return Ok(match std::str::from_utf8(raw) {
                Ok(text) => Cow::Borrowed(text),
                Err(_) => self.mended(String::from_utf8_lossy(raw).into_owned()),
            });
        }
        match unescape(raw) {
            Ok(Unescaped {
                text,
                mended: false,
            }) => Ok(Cow::Owned(text)),
            Ok(Unescaped { text, mended: true }) => Ok(self.mended(text)),
            Err(error) => Err(Fault::at(start + error.index, error.problem)),
        }
    }

    fn mended(&mut self, text: String) -> Cow<'a, str> {
        self.state.issues.warn(WarnReason::InvalidText);
        Cow::Owned(text)
    }

    /// Where the string that starts here ends, and whether it holds escapes.
    fn string_end(&self, start: usize) -> Result<(usize, bool), Fault> {
        let mut at = start;
        let mut escaped = false;
        loop {
            let rest = self.bytes.get(at..).unwrap_or_default();
            let stop = rest
                .iter()
                .position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f));
            let Some((stop, byte)) = stop.and_then(|stop| Some((stop, *rest.get(stop)?))) else {
                return Err(Fault::at(start - 1, "string without closing quote").by_the_end());
            };
            at += stop;
            match byte {
                b'"' => return Ok((at, escaped)),
                b'\\' => {
                    escaped = true;
                    // The escaped character cannot end the string.
                    at += 2;
                }
                _ => return Err(Fault::at(at, "control character in a string")),
            }
        }
    }

    /// The text of the number that stands next.
    pub(crate) fn number(&mut self) -> Result<&'a str, Fault> {
        if !matches!(self.peek(), Some(b'0'..=b'9' | b'-')) {
            return Err(self.unexpected("a number"));
        }
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        match number::prefix(rest) {
            Some(text) => {
                self.at += text.len();
                Ok(text)
            }
            None => Err(self.fault("not a number as JSON writes it")),
        }
    }

    /// A boolean; `None` for `null`.
    pub(crate) fn boolean(&mut self) -> Result<Option<bool>, Fault> {
        match self.peek() {
            Some(b'n') => self.literal(b"null").map(|()| None),
            Some(b't') => self.literal(b"true").map(|()| Some(true)),
            Some(b'f') => self.literal(b"false").map(|()| Some(false)),
            _ => Err(self.unexpected("true or false")),
        }
    }

    /// Reads the next value away. Depth costs a byte of memory per level and no stack.
    pub(crate) fn skip(&mut self) -> Result<(), Fault> {
        let mut open: Vec<u8> = Vec::new();
        loop {
            let closer = match self.peek() {
                Some(b'{') => Some(b'}'),
                Some(b'[') => Some(b']'),
                _ => {
                    self.skip_scalar()?;
                    None
                }
            };
            if let Some(closer) = closer {
                self.at += 1;
                if self.peek() == Some(closer) {
                    self.at += 1;
                } else {
                    if closer == b'}' {
                        self.key()?;
                    }
                    open.push(closer);
                    continue;
                }
            }
            if self.skip_ends(&mut open)? {
                return Ok(());
            }
        }
    }

    /// After a value: closes what ends here. Returns whether everything is closed, else
    /// stands before the next value.
    fn skip_ends(&mut self, open: &mut Vec<u8>) -> Result<bool, Fault> {
        while let Some(closer) = open.last().copied() {
            match self.peek() {
                Some(b',') => {
                    self.at += 1;
                    if closer == b'}' {
                        self.key()?;
                    }
                    return Ok(false);
                }
                Some(byte) if byte == closer => {
                    self.at += 1;
                    open.pop();
                }
                _ => return Err(self.unexpected("',' or the end of an object or array")),
            }
        }
        Ok(true)
    }

    fn skip_scalar(&mut self) -> Result<(), Fault> {
        match self.peek() {
            Some(b'"') => self.raw_string().map(|_| ()),
            Some(b'0'..=b'9' | b'-') => self.number().map(|_| ()),
            Some(b't' | b'f' | b'n') => self.boolean().map(|_| ()),
            _ => Err(self.unexpected("a value")),
        }
    }

    /// Reads the next value away and returns its text.
    pub(crate) fn raw(&mut self) -> Result<&'a [u8], Fault> {
        self.peek();
        let start = self.at;
        self.skip()?;
        Ok(self.bytes.get(start..self.at).unwrap_or_default())
    }

    /// Reads the next value with `read`; where that stops at a value of a wrong kind, the
    /// whole is skipped and the result is `None`. Text that is no JSON stays a fault.
    pub(crate) fn attempt<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Fault>,
    ) -> Result<Option<T>, Fault> {
        let start = self.at;
        match read(self) {
            Ok(value) => Ok(Some(value)),
            Err(fault) if fault.is_of_text() => {
                self.at = start;
                self.skip()?;
                Ok(None)
            }
            Err(fault) => Err(fault),
        }
    }

    /// Holds that nothing but white space is left.
    pub(crate) fn end(&mut self) -> Result<(), Fault> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.unexpected("the end")),
        }
    }
}
