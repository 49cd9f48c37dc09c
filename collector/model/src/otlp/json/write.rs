//! JSON written by hand into one string.

use std::fmt::Write as _;

/// Appends JSON to a string.
#[derive(Debug, Default)]
pub(super) struct Writer {
    out: String,
}

/// The fields of one object. What holds protobuf's default is left out, except where a
/// function's name says `present`.
#[derive(Debug)]
pub(super) struct Fields<'w> {
    writer: &'w mut Writer,
    first: bool,
}

impl Writer {
    /// What was written.
    pub(super) fn into_string(self) -> String {
        self.out
    }

    /// An object whose fields `fill` writes.
    pub(super) fn object(&mut self, fill: impl FnOnce(&mut Fields<'_>)) {
        self.out.push('{');
        fill(&mut Fields {
            writer: self,
            first: true,
        });
        self.out.push('}');
    }

    fn array<T>(&mut self, items: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.out.push('[');
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            write(self, item);
        }
        self.out.push(']');
    }

    /// A string with what JSON asks to escape escaped.
    pub(super) fn string(&mut self, text: &str) {
        self.out.push('"');
        let mut rest = text;
        while let Some(at) = rest.find(|c: char| matches!(c, '"' | '\\' | '\0'..='\x1f')) {
            let (plain, tail) = rest.split_at(at);
            self.out.push_str(plain);
            let mut characters = tail.chars();
            if let Some(character) = characters.next() {
                self.escape(character);
            }
            rest = characters.as_str();
        }
        self.out.push_str(rest);
        self.out.push('"');
    }

    fn escape(&mut self, character: char) {
        match character {
            '"' => self.out.push_str("\\\""),
            '\\' => self.out.push_str("\\\\"),
            '\n' => self.out.push_str("\\n"),
            '\r' => self.out.push_str("\\r"),
            '\t' => self.out.push_str("\\t"),
            other => self.display(format_args!("\\u{:04x}", u32::from(other))),
        }
    }

    /// Whatever displays as JSON.
    fn display(&mut self, value: impl std::fmt::Display) {
        // Writing to a string cannot fail.
        let _ = write!(self.out, "{value}");
    }
}

impl Fields<'_> {
    /// The writer, at the value of this key.
    pub(super) fn present(&mut self, key: &str) -> &mut Writer {
        if !self.first {
            self.writer.out.push(',');
        }
        self.first = false;
        self.writer.string(key);
        self.writer.out.push(':');
        self.writer
    }

    /// A string.
    pub(super) fn text(&mut self, key: &str, text: &str) {
        if !text.is_empty() {
            self.present_text(key, text);
        }
    }

    /// A string, written also when empty.
    pub(super) fn present_text(&mut self, key: &str, text: &str) {
        self.present(key).string(text);
    }

    /// Whatever displays as a hex id.
    pub(super) fn id(&mut self, key: &str, id: impl std::fmt::Display) {
        self.present(key).display(format_args!("\"{id}\""));
    }

    /// A 32-bit number, as number.
    pub(super) fn number(&mut self, key: &str, number: impl Into<i64>) {
        let number = number.into();
        if number != 0 {
            self.present(key).display(number);
        }
    }

    /// A 64-bit number, as string, because many readers of JSON have only doubles.
    pub(super) fn uint64(&mut self, key: &str, number: u64) {
        if number != 0 {
            self.present(key).display(format_args!("\"{number}\""));
        }
    }

    /// A signed 64-bit number as string, zero written too.
    pub(super) fn present_int64(&mut self, key: &str, number: i64) {
        self.present(key).display(format_args!("\"{number}\""));
    }

    /// A boolean, false written too.
    pub(super) fn present_boolean(&mut self, key: &str, flag: bool) {
        self.present(key).display(flag);
    }

    /// A double; what JSON has no number for becomes a string.
    pub(super) fn present_double(&mut self, key: &str, number: f64) {
        match non_finite(number) {
            Some(name) => self.present_text(key, name),
            // The debug form has an exponent where it is shorter, and reads back exactly.
            None => self.present(key).display(format_args!("{number:?}")),
        }
    }

    /// A list.
    pub(super) fn list<T>(&mut self, key: &str, items: &[T], write: impl FnMut(&mut Writer, &T)) {
        if !items.is_empty() {
            self.present_list(key, items, write);
        }
    }

    /// A list, written also when empty.
    pub(super) fn present_list<T>(
        &mut self,
        key: &str,
        items: &[T],
        write: impl FnMut(&mut Writer, &T),
    ) {
        self.present(key).array(items, write);
    }
}

/// The protobuf JSON name of a double that JSON has no number for.
pub(super) fn non_finite(number: f64) -> Option<&'static str> {
    if number.is_nan() {
        Some("NaN")
    } else if number == f64::INFINITY {
        Some("Infinity")
    } else if number == f64::NEG_INFINITY {
        Some("-Infinity")
    } else {
        None
    }
}
