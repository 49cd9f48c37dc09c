//! Errors of the use of this program as the parser of arguments words them: what was typed comes
//! back in them, and may have been pasted from anywhere.

use crate::text::sanitize;

/// What begins a change of colour.
const COLOUR: &str = "\x1b[";

/// The text with everything that a terminal obeys made visible, line by line; changes of colour
/// stay where they are wanted.
pub(super) fn tamed(text: &str, is_coloured: bool) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(COLOUR).filter(|_| is_coloured) {
        let (before, from) = rest.split_at(at);
        push_lines(&mut safe, before);
        let length = colour_length(from);
        let (colour, behind) = from.split_at(length.unwrap_or(1));
        if length.is_some() {
            safe.push_str(colour);
        } else {
            push_lines(&mut safe, colour);
        }
        rest = behind;
    }
    push_lines(&mut safe, rest);
    safe
}

/// Bytes of the change of colour that the text begins with; `None` where it is another command.
fn colour_length(text: &str) -> Option<usize> {
    let numbers = text.strip_prefix(COLOUR)?;
    let end = numbers.find(|letter: char| !letter.is_ascii_digit() && letter != ';')?;
    numbers
        .get(end..)?
        .starts_with('m')
        .then_some(COLOUR.len() + end + 1)
}

fn push_lines(safe: &mut String, text: &str) {
    let mut lines = text.split('\n');
    if let Some(first) = lines.next() {
        push_line(safe, first);
    }
    for line in lines {
        safe.push('\n');
        push_line(safe, line);
    }
}

fn push_line(safe: &mut String, line: &str) {
    safe.push_str(&sanitize(line));
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPED: &str =
        "error: \x1b[1mno\x1b[0m `a\x1b[2J\u{9b}31m\u{202e}b\r`\n\nUsage: spanwalk\n";

    #[test]
    fn what_was_typed_is_shown_and_not_obeyed() {
        assert_eq!(
            tamed(TYPED, false),
            "error: ␛[1mno␛[0m `a␛[2J⟨U+009B⟩31m⟨U+202E⟩b␍`\n\nUsage: spanwalk\n"
        );
    }

    #[test]
    fn colours_stay_where_they_are_wanted() {
        assert_eq!(
            tamed(TYPED, true),
            "error: \x1b[1mno\x1b[0m `a␛[2J⟨U+009B⟩31m⟨U+202E⟩b␍`\n\nUsage: spanwalk\n"
        );
    }
}
