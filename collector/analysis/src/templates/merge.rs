//! From groups to templates: groups that differ in one word with many values are one.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::RandomState;

use super::WILDCARD;
use super::mask::TOUCHES;
use super::tree::{Tree, WILD};

/// So many values in one place make it a parameter.
const VALUES_MIN: usize = 6;
/// Each round can free one more place.
const ROUNDS: usize = 3;

/// Templates, and which one each group has.
pub(super) struct Merged {
    /// Each text once, in order.
    pub(super) texts: Vec<String>,
    pub(super) template_of_group: Vec<u32>,
}

pub(super) fn merge(tree: &Tree) -> Merged {
    let mut groups: Vec<Vec<u32>> = tree
        .groups()
        .iter()
        .map(|group| group.words.clone())
        .collect();
    for _ in 0..ROUNDS {
        if !free_one_place(tree, &mut groups) {
            break;
        }
    }
    let texts: Vec<String> = groups
        .iter()
        .map(|words| {
            text_of(
                &words
                    .iter()
                    .map(|word| tree.text(*word))
                    .collect::<Vec<_>>(),
            )
        })
        .collect();
    let places: BTreeMap<&str, u32> = texts.iter().map(|text| (text.as_str(), 0)).collect();
    let places: BTreeMap<&str, u32> = places.into_keys().zip(0_u32..).collect();
    Merged {
        template_of_group: texts
            .iter()
            .map(|text| places.get(text.as_str()).copied().unwrap_or(u32::MAX))
            .collect(),
        texts: places.keys().map(|text| (*text).to_owned()).collect(),
    }
}

/// A place, and the words of a group with that place wild.
type Freed = (usize, Vec<u32>);

/// Makes a place wild where groups that agree in everything else have many values in it.
/// Levels and verdicts are not values, and one word at least must stay.
fn free_one_place(tree: &Tree, groups: &mut [Vec<u32>]) -> bool {
    let mut by_rest: HashMap<Freed, Vec<usize>, RandomState> = HashMap::default();
    for (index, words) in groups.iter().enumerate() {
        if words.iter().filter(|word| **word != WILD).count() < 2 {
            continue;
        }
        for (place, word) in words.iter().enumerate() {
            if *word == WILD || tree.keeps(*word) {
                continue;
            }
            let mut rest = words.clone();
            if let Some(at) = rest.get_mut(place) {
                *at = WILD;
            }
            by_rest.entry((place, rest)).or_default().push(index);
        }
    }
    let mut found: Vec<(Freed, Vec<usize>)> = by_rest
        .into_iter()
        .filter(|(_, members)| members.len() >= VALUES_MIN)
        .collect();
    // The largest first: a place with more values is more surely a parameter.
    found.sort_by(|a, b| b.1.len().cmp(&a.1.len()).then_with(|| a.cmp(b)));
    let mut is_taken = vec![false; groups.len()];
    let mut has_changed = false;
    for ((_, rest), members) in found {
        let free: Vec<usize> = members
            .into_iter()
            .filter(|member| is_taken.get(*member) == Some(&false))
            .collect();
        if free.len() < VALUES_MIN {
            continue;
        }
        for member in free {
            if let (Some(words), Some(taken)) = (groups.get_mut(member), is_taken.get_mut(member)) {
                words.clone_from(&rest);
                *taken = true;
                has_changed = true;
            }
        }
    }
    has_changed
}

/// The words in one text; neighbouring wildcards are one.
pub(super) fn text_of(words: &[&str]) -> String {
    let mut text = String::new();
    let mut last = "";
    for word in words {
        if *word == WILDCARD && last == WILDCARD {
            continue;
        }
        if !text.is_empty() && !last.ends_with(TOUCHES) {
            text.push(' ');
        }
        text.push_str(word.trim_end_matches(TOUCHES));
        last = word;
    }
    text
}
