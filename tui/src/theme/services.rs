//! Two letters and a hue for each service, the same on every screen of a session.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

/// Services that get marks of their own; later ones share the mark `··`. A system with more
/// has outgrown two letters, and names are read in the detail pane.
const SERVICES_MAX: usize = 4_096;

/// Words that say nothing about which service it is.
const FILLERS: [&str; 8] = ["service", "svc", "srv", "server", "api", "app", "ts", "ms"];

/// What stands for a service where there is little room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceMark {
    /// Two ASCII letters or digits.
    pub badge: String,
    /// Which hue of the theme; grows with each service.
    pub hue: usize,
}

/// The marks given so far. A service keeps its mark for the session; one that is seen first
/// gets the better letters.
#[derive(Debug, Clone)]
pub struct ServiceMarks {
    marks: HashMap<String, ServiceMark, RandomState>,
    taken: HashSet<String, RandomState>,
    none: ServiceMark,
}

impl Default for ServiceMarks {
    fn default() -> Self {
        Self {
            marks: HashMap::default(),
            taken: HashSet::default(),
            none: ServiceMark {
                badge: "..".to_owned(),
                hue: 0,
            },
        }
    }
}

impl ServiceMarks {
    /// Gives the service a mark where it has none.
    pub fn learn(&mut self, service: &str) {
        if self.marks.contains_key(service) || self.marks.len() >= SERVICES_MAX {
            return;
        }
        let badge = candidates(service)
            .find(|badge| !self.taken.contains(badge))
            .unwrap_or_else(|| self.none.badge.clone());
        self.taken.insert(badge.clone());
        let hue = self.marks.len();
        self.marks
            .insert(service.to_owned(), ServiceMark { badge, hue });
    }

    /// The services that have marks, in no order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.marks.keys().map(String::as_str)
    }

    /// The service's mark.
    pub fn get(&self, service: &str) -> &ServiceMark {
        self.marks.get(service).unwrap_or(&self.none)
    }
}

/// Badges for a name, best first: initials of its words, its first letters, its first letter
/// with each later one, then with digits and letters.
fn candidates(name: &str) -> impl Iterator<Item = String> {
    let all: Vec<Vec<char>> = name
        .split(|character: char| !character.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word.to_ascii_uppercase().chars().take(64).collect())
        .take(8)
        .collect();
    let telling: Vec<&Vec<char>> = all
        .iter()
        .filter(|word| {
            let word: String = word.iter().collect::<String>().to_ascii_lowercase();
            !FILLERS.contains(&word.as_str())
        })
        .collect();
    let words: Vec<&Vec<char>> = if telling.is_empty() {
        all.iter().collect()
    } else {
        telling
    };
    let letters: Vec<char> = words.iter().flat_map(|word| word.iter().copied()).collect();
    let initials: Vec<char> = words
        .iter()
        .filter_map(|word| word.first().copied())
        .collect();
    let first = letters.first().copied().unwrap_or('X');

    let mut badges = Vec::new();
    if let [one, two, ..] = initials.as_slice() {
        badges.push(format!("{one}{two}"));
    }
    badges.extend(
        letters
            .iter()
            .skip(1)
            .map(|letter| format!("{first}{letter}")),
    );
    badges.extend(('2'..='9').map(|digit| format!("{first}{digit}")));
    badges.extend(('A'..='Z').map(|letter| format!("{first}{letter}")));
    let rest = ('A'..='Z').flat_map(|one| ('0'..='9').map(move |two| format!("{one}{two}")));
    badges.into_iter().chain(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn badges(names: &[&str]) -> Vec<String> {
        let mut marks = ServiceMarks::default();
        for name in names {
            marks.learn(name);
        }
        names
            .iter()
            .map(|name| marks.get(name).badge.clone())
            .collect()
    }

    #[test]
    fn badges_are_short_telling_and_unlike() {
        assert_eq!(
            badges(&[
                "gateway",
                "checkout",
                "ts-order-service",
                "bank-stub",
                "cart",
                "catalogue"
            ]),
            ["GA", "CH", "OR", "BS", "CA", "CT"]
        );
    }

    #[test]
    fn any_name_gets_a_badge_of_two_columns() {
        for badge in badges(&["", "x", "世界", "\u{1b}[2J", "service", "----"]) {
            assert_eq!(badge.len(), 2, "{badge}");
        }
    }

    #[test]
    fn the_number_of_services_is_bounded() {
        let mut marks = ServiceMarks::default();
        for number in 0..SERVICES_MAX + 10 {
            marks.learn(&format!("service {number}"));
        }
        assert_eq!(marks.marks.len(), SERVICES_MAX);
        assert_eq!(marks.get("service 999999").badge, "..");
    }
}
