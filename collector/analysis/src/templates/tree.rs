//! Masked lines to groups: by how many words they have, by the first of these, then by how
//! many they share.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::WILDCARD;
use super::mask::TOUCHES;
use super::word::is_kept;

/// Words beyond these are one wildcard.
const WORDS_MAX: usize = 160;
/// So many of the first words lead to a leaf.
const DEPTH: usize = 3;
/// A leaf holds at most so many groups; beyond them the most similar takes a line in.
const LEAF_GROUPS_MAX: usize = 400;
/// The share of words that a line has in common with its group, in percent.
const SIMILARITY_PERCENT: usize = 60;

/// The words of a masked line. Lists of wildcards become one.
pub(super) fn words(masked: &str) -> Vec<&str> {
    let mut words: Vec<&str> = Vec::new();
    let parts = masked
        .split(' ')
        .flat_map(|chunk| chunk.split_inclusive(TOUCHES));
    for word in parts {
        if words.len() >= WORDS_MAX {
            words.push(WILDCARD);
            break;
        }
        match words.last_mut() {
            Some(last) if *last == "<*>," && word.starts_with(WILDCARD) => *last = word,
            Some(last) if *last == WILDCARD && word == WILDCARD => {}
            _ => words.push(word),
        }
    }
    words
}

/// Which leaf a line belongs to.
type Key = (usize, [u32; DEPTH]);

/// A group of lines: their words, `WILD` where they differ.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) words: Vec<u32>,
}

/// The symbol of a wildcard.
pub(super) const WILD: u32 = 0;

/// Groups of masked lines.
#[derive(Debug)]
pub(super) struct Tree {
    symbols: HashMap<Box<str>, u32, RandomState>,
    texts: Vec<Box<str>>,
    is_kept: Vec<bool>,
    leaves: HashMap<Key, Vec<u32>, RandomState>,
    groups: Vec<Group>,
}

impl Default for Tree {
    fn default() -> Self {
        let mut tree = Self {
            symbols: HashMap::default(),
            texts: Vec::new(),
            is_kept: Vec::new(),
            leaves: HashMap::default(),
            groups: Vec::new(),
        };
        tree.symbol(WILDCARD);
        tree
    }
}

impl Tree {
    pub(super) fn groups(&self) -> &[Group] {
        &self.groups
    }

    pub(super) fn text(&self, symbol: u32) -> &str {
        self.texts
            .get(symbol as usize)
            .map_or(WILDCARD, |text| text)
    }

    /// Whether a word is a level or verdict.
    pub(super) fn keeps(&self, symbol: u32) -> bool {
        self.is_kept.get(symbol as usize).copied().unwrap_or(false)
    }

    fn symbol(&mut self, word: &str) -> u32 {
        if let Some(symbol) = self.symbols.get(word) {
            return *symbol;
        }
        let symbol = u32::try_from(self.texts.len()).unwrap_or(WILD);
        self.symbols.insert(word.into(), symbol);
        self.texts.push(word.into());
        self.is_kept.push(is_kept(word));
        symbol
    }

    /// Puts a line into the group that it is most like, or into a new one.
    pub(super) fn add(&mut self, line: Vec<&str>) -> u32 {
        let words: Vec<u32> = line.into_iter().map(|word| self.symbol(word)).collect();
        let key = key(&words);
        if let Some(found) = self.best(key, &words) {
            if let Some(group) = self.groups.get_mut(found as usize) {
                for (own, other) in group.words.iter_mut().zip(&words) {
                    if own != other {
                        *own = WILD;
                    }
                }
            }
            return found;
        }
        let group = u32::try_from(self.groups.len()).unwrap_or(u32::MAX);
        self.groups.push(Group { words });
        self.leaves.entry(key).or_default().push(group);
        group
    }

    /// The group that a line belongs to.
    pub(super) fn find(&self, line: &[&str]) -> Option<u32> {
        // A word that was never seen equals none.
        let words: Vec<u32> = line
            .iter()
            .map(|word| self.symbols.get(*word).copied().unwrap_or(u32::MAX))
            .collect();
        self.best(key(&words), &words)
    }

    fn best(&self, key: Key, words: &[u32]) -> Option<u32> {
        let leaf = self.leaves.get(&key)?;
        let is_full = leaf.len() >= LEAF_GROUPS_MAX;
        let best = leaf
            .iter()
            .filter_map(|group| {
                let similarity =
                    self.similarity(&self.groups.get(*group as usize)?.words, words)?;
                Some((similarity, *group))
            })
            .max_by_key(|(similarity, group)| (*similarity, u32::MAX - group))?;
        (best.0 >= SIMILARITY_PERCENT || is_full).then_some(best.1)
    }

    /// The share of words that two lines of one length have in common, in percent, of those
    /// that are not wild in both; `None` where they differ in a level or verdict.
    fn similarity(&self, group: &[u32], line: &[u32]) -> Option<usize> {
        let mut said = 0_usize;
        let mut equal = 0_usize;
        for (own, other) in group.iter().zip(line) {
            if own == other {
                said += usize::from(*own != WILD);
                equal += usize::from(*own != WILD);
            } else {
                if self.keeps(*own) || self.keeps(*other) {
                    return None;
                }
                said += 1;
            }
        }
        Some((equal * 100_usize).checked_div(said).unwrap_or(100))
    }
}

fn key(words: &[u32]) -> Key {
    let mut first = [WILD; DEPTH];
    for (place, word) in first.iter_mut().zip(words) {
        *place = *word;
    }
    (words.len(), first)
}
