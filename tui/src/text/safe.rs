//! The only door of foreign text to a terminal.
//!
//! Whatever a service sends may hold escape sequences, bidirectional overrides, invisible
//! characters or floods of combining marks. None of it reaches a terminal: it is shown in a
//! visible form and never dropped in silence, so that a reader sees that something is odd.
//!
//! | in the text | shown as |
//! |---|---|
//! | C0 controls and DEL | their pictures: `␛`, `␇`, `␀` |
//! | tab | spaces up to the next multiple of four |
//! | line feed, with or without carriage return | `⏎` |
//! | C1 controls, bidi, zero-width, fillers, tags, noncharacters | `⟨U+202E⟩` |
//! | combining marks beyond [`MARKS_MAX`] on one character | `⟨+7 marks⟩` |
//! | a variation selector after a symbol | nothing: it only asks for a colour picture |

use std::borrow::Cow;
use std::fmt;

use unicode_width::UnicodeWidthChar;

/// Combining marks that one character keeps. Vietnamese, Hebrew and Thai need at most three.
pub const MARKS_MAX: usize = 3;

/// Columns between tab stops.
const TAB_COLUMNS: usize = 4;

/// Text that a terminal shows and does not obey: one line, without control, bidirectional or
/// invisible characters. Made by [`sanitize`] alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SafeText<'a>(Cow<'a, str>);

impl SafeText<'_> {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same text with nothing borrowed.
    pub fn into_owned(self) -> SafeText<'static> {
        SafeText(Cow::Owned(self.0.into_owned()))
    }

    /// The text as a string.
    pub fn into_string(self) -> String {
        self.0.into_owned()
    }
}

impl std::ops::Deref for SafeText<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for SafeText<'_> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// Honours width, fill and alignment of the format, counted in characters.
impl fmt::Display for SafeText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Makes a text safe to show on one line. Clean text is borrowed, not copied.
pub fn sanitize(text: &str) -> SafeText<'_> {
    let plain_ascii = text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    if plain_ascii || is_clean(text) {
        return SafeText(Cow::Borrowed(text));
    }
    let mut sanitizer = Sanitizer::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        if character == '\r' && rest.peek() == Some(&'\n') {
            continue;
        }
        sanitizer.push(character);
    }
    SafeText(Cow::Owned(sanitizer.finish()))
}

/// Makes the first `characters_max` characters of a text safe to show on one line, so that a
/// row of a list costs the same however long its text is. A cut is marked with `…`.
pub fn sanitize_start(text: &str, characters_max: usize) -> SafeText<'_> {
    if text.len() <= characters_max {
        return sanitize(text);
    }
    match text.char_indices().nth(characters_max) {
        None => sanitize(text),
        Some((end, _)) => {
            let start = text.get(..end).unwrap_or_default();
            SafeText(Cow::Owned(format!("{}…", sanitize(start))))
        }
    }
}

/// Makes a text of several lines, such as a stack trace, safe line by line.
pub fn sanitize_lines(text: &str) -> impl Iterator<Item = SafeText<'_>> {
    text.lines().map(sanitize)
}

/// Whether a terminal shows the character and does not obey or hide it.
pub fn is_harmless(character: char) -> bool {
    !is_control(character) && !is_hidden(character)
}

/// Whether nothing in the text needs another form.
fn is_clean(text: &str) -> bool {
    let mut marks = 0;
    let mut at_start = true;
    for character in text.chars() {
        if !is_harmless(character) {
            return false;
        }
        if character.width() == Some(0) {
            marks += 1;
            if at_start || marks > MARKS_MAX {
                return false;
            }
        } else {
            marks = 0;
        }
        at_start = false;
    }
    true
}

fn is_control(character: char) -> bool {
    character.is_control()
}

/// Characters that change the order of others, take no room or look like nothing: bidi
/// controls, zero-width characters, invisible operators, fillers, annotation marks, variation
/// selectors, tags, shorthand and musical controls, line separators, noncharacters (Unicode
/// 16, properties `Default_Ignorable_Code_Point` and `Bidi_Control`).
fn is_hidden(character: char) -> bool {
    let code = character as u32;
    matches!(
        code,
        0xad | 0x34f
            | 0x61c
            | 0x115f..=0x1160
            | 0x17b4..=0x17b5
            | 0x180b..=0x180f
            | 0x200b..=0x200f
            | 0x2028..=0x202e
            | 0x2060..=0x206f
            | 0x3164
            | 0xfe00..=0xfe0f
            | 0xfeff
            | 0xffa0
            | 0xfff0..=0xfffb
            | 0x1_bca0..=0x1_bca3
            | 0x1_d173..=0x1_d17a
            | 0xe_0000..=0xe_0fff
    ) || code & 0xfffe == 0xfffe
        || matches!(code, 0xfdd0..=0xfdef)
}

/// Builds the visible form, character by character.
struct Sanitizer {
    output: String,
    column: usize,
    marks: usize,
    marks_left_out: usize,
    /// The last character, where it was kept and takes room.
    base: Option<char>,
}

impl Sanitizer {
    fn with_capacity(capacity: usize) -> Self {
        Self {
            output: String::with_capacity(capacity),
            column: 0,
            marks: 0,
            marks_left_out: 0,
            base: None,
        }
    }

    fn push(&mut self, character: char) {
        let is_presentation = matches!(character, '\u{fe0e}' | '\u{fe0f}');
        if is_presentation && self.base.take().is_some_and(|base| !base.is_ascii()) {
            return;
        }
        if is_control(character) {
            self.push_control(character);
        } else if is_hidden(character) {
            self.push_shown(&format!("⟨U+{:04X}⟩", character as u32));
        } else if character.width() == Some(0) {
            self.push_mark(character);
        } else {
            self.end_marks();
            self.output.push(character);
            self.column += character.width().unwrap_or(1);
            self.marks = 0;
            self.base = Some(character);
        }
    }

    fn push_control(&mut self, character: char) {
        match character {
            '\t' => {
                let spaces = TAB_COLUMNS - self.column % TAB_COLUMNS;
                self.push_shown(&" ".repeat(spaces));
            }
            '\n' => self.push_shown("⏎"),
            '\u{7f}' => self.push_shown("␡"),
            '\0'..='\u{1f}' => {
                let picture = char::from_u32(0x2400 + character as u32).unwrap_or('\u{fffd}');
                self.push_shown(picture.encode_utf8(&mut [0; 4]));
            }
            _ => self.push_shown(&format!("⟨U+{:04X}⟩", character as u32)),
        }
    }

    fn push_mark(&mut self, mark: char) {
        if self.output.is_empty() {
            self.push_shown("◌");
        }
        self.marks += 1;
        if self.marks <= MARKS_MAX {
            self.output.push(mark);
        } else {
            self.marks_left_out += 1;
        }
    }

    fn push_shown(&mut self, text: &str) {
        self.end_marks();
        self.output.push_str(text);
        self.column += text.chars().count();
        self.marks = 0;
        self.base = None;
    }

    fn end_marks(&mut self) {
        let left_out = std::mem::take(&mut self.marks_left_out);
        if left_out > 0 {
            let shown = format!("⟨+{left_out} marks⟩");
            self.column += shown.chars().count();
            self.output.push_str(&shown);
        }
    }

    fn finish(mut self) -> String {
        self.end_marks();
        self.output
    }
}

/// Whether a terminal may be given this text as it is; the tests of the screens ask it of every
/// cell drawn.
pub fn is_safe(text: &str) -> bool {
    !text
        .chars()
        .any(|character| is_control(character) || is_hidden(character))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(sanitize(text).as_str(), expected);
    }

    #[test]
    fn clean_text_is_borrowed() {
        for text in ["", "GET /cart", "Grüße, 世界", "e\u{301}te\u{301}", "🛒"] {
            assert!(matches!(sanitize(text).0, Cow::Borrowed(_)), "{text}");
        }
    }

    #[test]
    fn controls_are_shown_as_pictures() {
        check("\u{1b}[2J\u{7}", "␛[2J␇");
        check("a\0b\u{7f}", "a␀b␡");
        check("\u{9b}31m", "⟨U+009B⟩31m");
        check("one\r\ntwo\nthree\r", "one⏎two⏎three␍");
    }

    #[test]
    fn tabs_go_to_the_next_stop() {
        check("a\tb\t\tc", "a   b       c");
    }

    #[test]
    fn what_hides_or_reorders_is_named() {
        check("admin\u{202e}nimda", "admin⟨U+202E⟩nimda");
        check("a\u{200b}b\u{feff}", "a⟨U+200B⟩b⟨U+FEFF⟩");
        check("x\u{e0041}", "x⟨U+E0041⟩");
        check("x\u{fe0f}", "x⟨U+FE0F⟩");
        check("⚠\u{fe0f} hot", "⚠ hot");
    }

    #[test]
    fn floods_of_marks_are_counted() {
        let flood = format!("a{}b", "\u{301}".repeat(10));
        check(&flood, "a\u{301}\u{301}\u{301}⟨+7 marks⟩b");
        check("\u{301}a", "◌\u{301}a");
    }

    #[test]
    fn the_start_of_a_long_text_is_cut_at_a_character() {
        assert_eq!(sanitize_start("héllo wörld", 4).as_str(), "héll…");
        assert_eq!(sanitize_start("héllo", 5).as_str(), "héllo");
    }

    proptest! {
        #[test]
        fn nothing_unsafe_comes_out_and_twice_is_once(text in any::<String>()) {
            let once = sanitize(&text).into_string();
            prop_assert!(is_safe(&once));
            let twice = sanitize(&once);
            prop_assert_eq!(twice.as_str(), once.as_str());
        }
    }
}
