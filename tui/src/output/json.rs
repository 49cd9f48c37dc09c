//! Output for programs: JSON on one line, which no terminal can be harmed by.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::Formatter;

use crate::text::safe::is_harmless;

/// Writes a value and a line end.
pub(super) fn write(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, Escaping);
    value.serialize(&mut serializer)?;
    out.write_all(b"\n")
}

/// Escapes what a terminal would obey or hide beside what JSON itself wants escaped. The value
/// stays the same.
struct Escaping;

impl Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if fragment.chars().all(is_harmless) {
            return writer.write_all(fragment.as_bytes());
        }
        for character in fragment.chars() {
            if is_harmless(character) {
                write!(writer, "{character}")?;
            } else {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_holds_the_same_text_and_harms_no_terminal() {
        let text = "a\x1b[2J\u{7f}\u{9b}31m\u{202e}ü世\u{e0041}\n\"";
        let mut bytes = Vec::new();
        write(&mut bytes, &text).unwrap();
        let written = String::from_utf8(bytes).unwrap();
        assert_eq!(
            written,
            "\"a\\u001b[2J\\u007f\\u009b31m\\u202eü世\\udb40\\udc41\\n\\\"\"\n"
        );
        assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
    }
}
