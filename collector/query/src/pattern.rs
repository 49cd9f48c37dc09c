//! Patterns: literal text with `*` for any run of characters.

/// A part of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Exactly this text; never empty.
    Literal(String),
    /// Any run of characters, also none. Never two in a row.
    Any,
}

/// A text with wildcards. Matches whole texts, and tells upper from lower case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Pattern {
    pieces: Vec<Piece>,
}

impl Pattern {
    /// The pattern that matches this text alone.
    pub(crate) fn literal(text: &str) -> Self {
        let mut pattern = Self::default();
        pattern.push_text(text);
        pattern
    }

    /// Appends text that stands for itself.
    pub(crate) fn push_text(&mut self, text: &str) {
        match self.pieces.last_mut() {
            _ if text.is_empty() => {}
            Some(Piece::Literal(last)) => last.push_str(text),
            _ => self.pieces.push(Piece::Literal(text.to_owned())),
        }
    }

    /// Appends a wildcard.
    pub(crate) fn push_any(&mut self) {
        if self.pieces.last() != Some(&Piece::Any) {
            self.pieces.push(Piece::Any);
        }
    }

    /// The parts in order.
    pub(crate) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The only text that matches; `None` where there is a wildcard.
    pub(crate) fn as_literal(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether every text matches.
    pub(crate) fn is_any(&self) -> bool {
        self.pieces == [Piece::Any]
    }

    /// Whether the whole text matches. Takes the first place for each literal, which is
    /// enough where the only wildcard is "any run".
    pub(crate) fn matches(&self, text: &str) -> bool {
        let mut rest = text;
        let mut is_open = false;
        let last = self.pieces.len().saturating_sub(1);
        for (index, piece) in self.pieces.iter().enumerate() {
            match piece {
                Piece::Any => is_open = true,
                Piece::Literal(literal) => {
                    let after = if is_open && index == last {
                        rest.ends_with(literal.as_str()).then_some("")
                    } else if is_open {
                        rest.split_once(literal.as_str()).map(|(_, after)| after)
                    } else {
                        rest.strip_prefix(literal.as_str())
                    };
                    let Some(after) = after else {
                        return false;
                    };
                    rest = after;
                    is_open = false;
                }
            }
        }
        is_open || rest.is_empty()
    }
}

/// The literal text and `*` for each wildcard. Not told apart; see `print` for that.
impl std::fmt::Display for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.pieces.iter().try_for_each(|piece| match piece {
            Piece::Literal(text) => f.write_str(text),
            Piece::Any => f.write_str("*"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `*` is a wildcard, everything else itself.
    fn glob(text: &str) -> Pattern {
        let mut pattern = Pattern::default();
        for (index, part) in text.split('*').enumerate() {
            if index > 0 {
                pattern.push_any();
            }
            pattern.push_text(part);
        }
        pattern
    }

    /// The meaning, tried out in every way.
    fn naive(pattern: &[char], text: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some(('*', rest)) => (0..=text.len()).any(|skip| naive(rest, &text[skip..])),
            Some((first, rest)) => text
                .split_first()
                .is_some_and(|(head, tail)| head == first && naive(rest, tail)),
        }
    }

    #[test]
    fn wildcards_stand_for_any_run() {
        assert!(glob("/cart/*").matches("/cart/"));
        assert!(glob("*out*").matches("timeout after"));
        assert!(glob("a*b*c").matches("a-b-b-c"));
        assert!(!glob("a*bc").matches("abcd"));
        assert!(!glob("Cart").matches("cart"));
        assert!(glob("").matches("") && !glob("").matches("a"));
    }

    proptest! {
        #[test]
        fn matching_is_what_trying_every_way_gives(pattern in "[ab*]{0,8}", text in "[ab]{0,10}") {
            let letters: Vec<char> = pattern.chars().collect();
            let text_letters: Vec<char> = text.chars().collect();
            prop_assert_eq!(glob(&pattern).matches(&text), naive(&letters, &text_letters));
        }
    }
}
