//! Phrases: words that stand beside each other in a text.

use crate::pattern::{Pattern, Piece};
use crate::text::{word_places, words};

/// Words to find one after another in one text, in any case. A word may hold wildcards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Phrase {
    source: Pattern,
    words: Vec<Pattern>,
}

impl Phrase {
    /// The phrase that is written this way; `None` where it holds neither a letter nor a digit.
    pub(crate) fn new(source: Pattern) -> Option<Self> {
        let mut words = Vec::new();
        // The word under construction, open to what follows without a gap.
        let mut open: Option<Pattern> = None;
        for piece in source.pieces() {
            match piece {
                Piece::Any => open.get_or_insert_default().push_any(),
                Piece::Literal(text) => {
                    let mut end = 0;
                    for place in word_places(text) {
                        let joins = place.start == 0;
                        if !joins {
                            words.extend(open.take());
                        }
                        // Only what a wildcard touches becomes one word with it.
                        open.get_or_insert_default().push_text(&place.word);
                        end = place.end;
                        if end < text.len() {
                            words.extend(open.take());
                        }
                    }
                    if end < text.len() {
                        words.extend(open.take());
                    }
                }
            }
        }
        words.extend(open);
        let has_word = words.iter().any(|word| !word.is_any());
        has_word.then_some(Self { source, words })
    }

    /// The phrase as it was written.
    pub(crate) fn source(&self) -> &Pattern {
        &self.source
    }

    /// The words that are known to the letter, in order.
    pub(crate) fn exact_words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().filter_map(Pattern::as_literal)
    }

    /// Whether the words stand one after another somewhere in the text.
    pub(crate) fn occurs_in(&self, text: &str) -> bool {
        if let [only] = self.words.as_slice() {
            return words(text).any(|word| only.matches(&word));
        }
        let found: Vec<_> = words(text).collect();
        found.windows(self.words.len()).any(|window| {
            window
                .iter()
                .zip(&self.words)
                .all(|(word, pattern)| pattern.matches(word))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phrase(text: &str) -> Phrase {
        let mut pattern = Pattern::default();
        for (index, part) in text.split('*').enumerate() {
            if index > 0 {
                pattern.push_any();
            }
            pattern.push_text(part);
        }
        Phrase::new(pattern).unwrap()
    }

    #[test]
    fn words_of_a_phrase_stand_side_by_side_in_any_case() {
        assert!(phrase("card declined").occurs_in("the Card-DECLINED by bank"));
        assert!(!phrase("card declined").occurs_in("card was declined"));
        assert!(!phrase("card").occurs_in("cards"));
    }

    #[test]
    fn a_wildcard_joins_the_word_it_touches() {
        assert!(phrase("time*").occurs_in("a TIMEOUT here"));
        assert!(phrase("*out").occurs_in("timeout"));
        assert!(phrase("gate-time*").occurs_in("gate timed out"));
        assert!(phrase("after * ms").occurs_in("after 1500 ms"));
        assert!(!phrase("after * ms").occurs_in("after ms"));
        assert_eq!(
            phrase("gate-time* x").exact_words().collect::<Vec<_>>(),
            ["gate", "x"]
        );
    }

    #[test]
    fn characters_without_spaces_between_words_form_a_phrase() {
        assert!(phrase("漢字").occurs_in("この漢字です"));
        assert!(!phrase("字漢").occurs_in("この漢字です"));
    }

    #[test]
    fn without_letters_there_is_no_phrase() {
        assert_eq!(Phrase::new(Pattern::literal("--")), None);
        let mut any = Pattern::default();
        any.push_any();
        assert_eq!(Phrase::new(any), None);
    }
}
