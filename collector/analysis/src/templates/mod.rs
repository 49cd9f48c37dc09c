//! Log lines by the template they were written from.
//!
//! A line is masked first: numbers, ids, times, quoted text and the values of keys become
//! [`WILDCARD`]s, which makes most lines of a template equal. What is left is grouped by a
//! tree over the number of words and the first of them (Drain: He et al., "Drain: An Online
//! Log Parsing Approach with Fixed Depth Tree", ICWS 2017), and templates that differ in one
//! word with many values become one. Groups are formed from the set of masked lines in order
//! of text, so neither the templates nor their ids depend on the order in which lines came,
//! as long as no more than [`DISTINCT_MAX`] masked lines differ.
//!
//! - `mask`: one line masked.
//! - `word`: one word masked.
//! - `tree`: masked lines to groups.
//! - `merge`: groups that differ in one word with many values.

mod mask;
mod merge;
#[cfg(test)]
mod tests;
mod tree;
mod word;

use std::collections::HashMap;

use foldhash::fast::RandomState;

use mask::{Addresses, mask};
use tree::{Tree, words};

/// What stands for a part that varies.
pub const WILDCARD: &str = "<*>";

/// So many different masked lines are held before they are grouped for good.
pub const DISTINCT_MAX: usize = 100_000;

/// A template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// The hash of its text: the same text has the same id, in every run and everywhere.
    pub id: u64,
    /// The words that its lines share, with [`WILDCARD`]s between them.
    pub text: String,
    /// How many lines have it.
    pub line_count: u64,
}

/// The id of a template's text (FNV-1a, 64 bits).
pub fn template_id(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Gathers lines. [`Miner::finish`] tells their templates.
#[derive(Debug, Default)]
pub struct Miner {
    /// Masked lines that are not grouped yet, with their slots.
    pending: HashMap<Box<str>, u32, RandomState>,
    /// The group of each slot; `UNGROUPED` while pending.
    groups: Vec<u32>,
    line_counts: Vec<u64>,
    tree: Tree,
    buffer: String,
}

/// The group of a slot that is still pending.
const UNGROUPED: u32 = u32::MAX;

/// Where a line went; [`Templates::of_slot`] tells its template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Slot(u32);

impl Miner {
    /// No lines.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a line.
    pub fn add(&mut self, line: &str) -> Slot {
        mask(line, Addresses::Whole, &mut self.buffer);
        let slot = if let Some(slot) = self.pending.get(self.buffer.as_str()) {
            *slot
        } else {
            if self.pending.len() >= DISTINCT_MAX {
                self.group();
            }
            let slot = u32::try_from(self.groups.len()).unwrap_or(UNGROUPED);
            self.groups.push(UNGROUPED);
            self.line_counts.push(0);
            self.pending.insert(self.buffer.as_str().into(), slot);
            slot
        };
        if let Some(count) = self.line_counts.get_mut(slot as usize) {
            *count += 1;
        }
        Slot(slot)
    }

    fn group(&mut self) {
        let mut lines: Vec<(Box<str>, u32)> = self.pending.drain().collect();
        lines.sort_unstable();
        for (line, slot) in lines {
            let group = self.tree.add(words(&line));
            if let Some(place) = self.groups.get_mut(slot as usize) {
                *place = group;
            }
        }
    }

    /// The templates of all lines.
    pub fn finish(mut self) -> Templates {
        self.group();
        let mut merged = merge::merge(&self.tree);
        let mut templates: Vec<Template> = merged
            .texts
            .into_iter()
            .map(|text| Template {
                id: template_id(&text),
                text,
                line_count: 0,
            })
            .collect();
        for (group, count) in self.groups.iter_mut().zip(&self.line_counts) {
            *group = merged
                .template_of_group
                .get(*group as usize)
                .copied()
                .unwrap_or(UNGROUPED);
            if let Some(template) = templates.get_mut(*group as usize) {
                template.line_count += *count;
            }
        }
        merged.template_of_group.shrink_to_fit();
        Templates {
            all: templates,
            template_of_slot: self.groups,
            template_of_group: merged.template_of_group,
            tree: self.tree,
        }
    }
}

/// The templates of a set of lines.
#[derive(Debug, Default)]
pub struct Templates {
    all: Vec<Template>,
    template_of_slot: Vec<u32>,
    template_of_group: Vec<u32>,
    tree: Tree,
}

impl Templates {
    /// The templates of these lines, and the slot of each line in order.
    pub fn of<'a>(lines: impl IntoIterator<Item = &'a str>) -> (Self, Vec<Slot>) {
        let mut miner = Miner::new();
        let slots = lines.into_iter().map(|line| miner.add(line)).collect();
        (miner.finish(), slots)
    }

    /// All templates, each text once, in order of text.
    pub fn templates(&self) -> &[Template] {
        &self.all
    }

    /// The template of a line that was added.
    pub fn of_slot(&self, slot: Slot) -> Option<&Template> {
        let index = *self.template_of_slot.get(slot.0 as usize)?;
        self.all.get(index as usize)
    }

    /// The template of another line; `None` where it is like none of them.
    pub fn of_line(&self, line: &str) -> Option<&Template> {
        let mut masked = String::new();
        mask(line, Addresses::Whole, &mut masked);
        let group = self.tree.find(&words(&masked))?;
        let index = *self.template_of_group.get(group as usize)?;
        self.all.get(index as usize)
    }
}

/// A line alone as a template: masked, runs of wildcards made one. What differs only in
/// numbers, ids and values has the same.
pub fn template_of(line: &str) -> String {
    let mut masked = String::new();
    mask(line, Addresses::Whole, &mut masked);
    merge::text_of(&words(&masked))
}

/// The name of an operation, a statement or a URL without what varies: as [`template_of`],
/// but of addresses and paths only numbers and ids are masked, so that `GET /cart/17` is
/// `GET /cart/<*>`.
pub fn name_template_of(name: &str) -> String {
    let mut masked = String::new();
    mask(name, Addresses::Ids, &mut masked);
    merge::text_of(&words(&masked))
}
