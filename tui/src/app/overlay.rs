//! What lies over a screen: help, palette, the menu of what to copy, and passing words.

use crate::action::{Action, Context, Spec, available};
use crate::widgets::input::Input;

/// What lies over the screen and takes the keys.
#[derive(Debug, Clone)]
pub enum Overlay {
    /// The keys of the screen beneath, filtered by what is typed.
    Help {
        /// The filter.
        filter: Input,
        /// The first row shown.
        offset: usize,
    },
    /// Actions found by name.
    Palette {
        /// What is typed.
        input: Input,
        /// The entry chosen.
        selected: usize,
    },
    /// What to copy.
    Yank,
}

/// Words in the last row until the next key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    /// The words.
    pub text: String,
    /// Whether something went wrong.
    pub is_problem: bool,
}

impl Toast {
    /// Something was done.
    pub fn done(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            is_problem: false,
        }
    }

    /// Something could not be done.
    pub fn problem(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            is_problem: true,
        }
    }
}

/// The actions whose words or keys hold the filter, in the registry's order.
pub(super) fn help_entries(contexts: &[Context], filter: &str) -> Vec<&'static Spec> {
    let filter = filter.to_lowercase();
    available(contexts)
        .filter(|spec| {
            spec.help.to_lowercase().contains(&filter)
                || spec.id.contains(&filter)
                || spec.keys_text().contains(&filter)
        })
        .collect()
}

/// The actions of the palette, the best match first.
pub(super) fn palette_entries(contexts: &[Context], typed: &str) -> Vec<&'static Spec> {
    use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
    use nucleo_matcher::{Config, Matcher, Utf32Str};

    let offered = available(contexts).filter(|spec| spec.action != Action::Palette);
    if typed.trim().is_empty() {
        return offered.collect();
    }
    let pattern = Pattern::parse(typed, CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    let mut scored: Vec<(u32, &'static Spec)> = offered
        .filter_map(|spec| {
            let text = format!("{} {}", spec.id, spec.help);
            let score = pattern.score(Utf32Str::new(&text, &mut buffer), &mut matcher)?;
            Some((score, spec))
        })
        .collect();
    // Stable: of equal scores the registry's order stays.
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    scored.into_iter().map(|(_, spec)| spec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_palette_finds_an_action_by_scattered_letters() {
        let entries = palette_entries(&[Context::Walk], "eror orig");
        assert!(entries.is_empty() || entries[0].action == Action::ErrorOrigin);
        let entries = palette_entries(&[Context::Walk], "origin");
        assert_eq!(entries[0].action, Action::ErrorOrigin);
        assert!(palette_entries(&[Context::Walk], "").len() > 20);
    }

    #[test]
    fn help_is_filtered_by_words_and_keys() {
        let entries = help_entries(&[Context::Walk], "callee");
        assert_eq!(entries.len(), 1);
        assert!(help_entries(&[Context::Walk], "f10").len() >= 2);
    }
}
