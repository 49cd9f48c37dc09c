//! What can be typed next in a query: keys, fixed values, and the services seen.

use std::ops::Range;

use spanwalk_query::complete::{fixed_values, written_value};
use spanwalk_query::field::INTRINSICS;
use spanwalk_query::{CompletionKind, complete};

use crate::theme::ServiceMarks;

/// Choices offered at a time: as many as fit a row.
const CHOICES_MAX: usize = 12;

/// What can stand at the place of typing, the best first, and which one is chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choices {
    replace: Range<usize>,
    texts: Vec<String>,
    chosen: usize,
}

impl Choices {
    /// The choices at this byte of the text.
    pub fn at(text: &str, cursor: usize, marks: &ServiceMarks) -> Self {
        let place = complete(text, cursor);
        let offered = match &place.kind {
            CompletionKind::Key => INTRINSICS
                .iter()
                .map(|intrinsic| format!("{}:", intrinsic.key))
                .collect(),
            CompletionKind::Value { key, .. } => values(key, marks),
            CompletionKind::AttributeKey | CompletionKind::Word => Vec::new(),
        };
        let typed = place.prefix.to_lowercase();
        let mut texts: Vec<String> = offered
            .into_iter()
            .filter(|text| text.to_lowercase().contains(&typed) && *text != place.prefix)
            .collect();
        // Stable: of equal ones the order in which they were offered stays.
        texts.sort_by_key(|text| !text.to_lowercase().starts_with(&typed));
        texts.truncate(CHOICES_MAX);
        Self {
            replace: place.replace,
            texts,
            chosen: 0,
        }
    }

    /// The texts with whether each is chosen.
    pub fn iter(&self) -> impl Iterator<Item = (&str, bool)> {
        self.texts
            .iter()
            .enumerate()
            .map(|(index, text)| (text.as_str(), index == self.chosen))
    }

    /// Whether nothing is offered.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// Chooses the next one, or the previous one.
    pub fn choose(&mut self, forward: bool) {
        self.chosen = if forward {
            (self.chosen + 1).min(self.texts.len().saturating_sub(1))
        } else {
            self.chosen.saturating_sub(1)
        };
    }

    /// The bytes to replace and what to write there; a value is followed by a blank.
    pub fn accepted(&self) -> Option<(Range<usize>, String)> {
        let text = self.texts.get(self.chosen)?;
        let blank = if text.ends_with(':') { "" } else { " " };
        Some((self.replace.clone(), format!("{text}{blank}")))
    }
}

/// The values of a key that are known without asking.
fn values(key: &str, marks: &ServiceMarks) -> Vec<String> {
    if matches!(key, "service" | "root.service") {
        let mut names: Vec<String> = marks.names().map(written_value).collect();
        names.sort_unstable();
        return names;
    }
    fixed_values(key).into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let mut marks = ServiceMarks::default();
        for service in ["cart", "checkout", "odd name"] {
            marks.learn(service);
        }
        let choices = Choices::at(text, text.len(), &marks);
        let texts: Vec<&str> = choices.iter().map(|(text, _)| text).collect();
        assert_eq!(texts, expected, "{text}");
    }

    #[test]
    fn keys_values_and_services_are_offered_where_they_belong() {
        check("stat", &["status:"]);
        check("status:", &["error", "ok", "unset"]);
        check("name:x level:wa", &["warn"]);
        check("service:c", &["cart", "checkout"]);
        check("service:odd", &["\"odd name\""]);
        check("\"card dec", &[]);
    }

    #[test]
    fn the_chosen_one_takes_the_place_of_what_was_typed() {
        let mut choices = Choices::at("name:x service:c", 16, &ServiceMarks::default());
        assert_eq!(choices.accepted(), None);
        choices = Choices::at("status:e x", 8, &ServiceMarks::default());
        choices.choose(true);
        choices.choose(false);
        assert_eq!(choices.accepted(), Some((7..8, "error ".to_owned())));
    }
}
