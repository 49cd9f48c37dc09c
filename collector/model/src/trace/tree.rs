//! Parents, children, ranks and sizes, without recursion: a chain may be as deep as a trace
//! is long.

use super::NONE;
use super::finding::{FindingKind, Findings};

/// A forest over span indexes.
#[derive(Debug, Clone, Default)]
pub(super) struct Tree {
    parent: Vec<u32>,
    child_starts: Vec<u32>,
    children: Vec<u32>,
    pub(super) roots: Vec<u32>,
    pub(super) depth: Vec<u32>,
    pub(super) rank: Vec<u32>,
    pub(super) by_rank: Vec<u32>,
    pub(super) size: Vec<u32>,
}

impl Tree {
    /// The forest of these parents (`NONE` for none). Cycles are cut at their lowest index,
    /// which is the earliest span.
    pub(super) fn of(mut parent: Vec<u32>, findings: &mut Findings) -> Self {
        cut_cycles(&mut parent, findings);
        let count = parent.len();
        let mut tree = Self {
            depth: vec![0; count],
            rank: vec![0; count],
            size: vec![1; count],
            by_rank: Vec::with_capacity(count),
            ..Self::default()
        };
        tree.collect_children(&parent);
        tree.parent = parent;
        tree.rank_spans();
        tree.add_sizes();
        tree
    }

    pub(super) fn parent(&self, index: u32) -> Option<u32> {
        self.parent
            .get(index as usize)
            .copied()
            .filter(|parent| *parent != NONE)
    }

    pub(super) fn children(&self, index: u32) -> &[u32] {
        let index = index as usize;
        let bounds = (
            self.child_starts.get(index),
            self.child_starts.get(index.saturating_add(1)),
        );
        match bounds {
            (Some(start), Some(end)) => self
                .children
                .get(*start as usize..*end as usize)
                .unwrap_or_default(),
            _ => &[],
        }
    }

    /// Fills children in compressed rows: indexes run by start, so filling in order of index
    /// leaves each row in order of start.
    fn collect_children(&mut self, parent: &[u32]) {
        let (starts, children) = rows(parent.iter().copied(), parent.len());
        self.child_starts = starts;
        self.children = children;
        self.roots = indexes(parent)
            .filter(|(_, parent)| *parent == NONE)
            .map(|(index, _)| index)
            .collect();
    }

    fn rank_spans(&mut self) {
        let mut stack: Vec<u32> = self.roots.iter().rev().copied().collect();
        while let Some(index) = stack.pop() {
            let rank = u32::try_from(self.by_rank.len()).unwrap_or(NONE);
            self.by_rank.push(index);
            set(&mut self.rank, index, rank);
            let depth = self
                .parent(index)
                .and_then(|parent| self.depth.get(parent as usize))
                .map_or(0, |depth| depth.saturating_add(1));
            set(&mut self.depth, index, depth);
            stack.extend(self.children(index).iter().rev());
        }
    }

    fn add_sizes(&mut self) {
        for place in (0..self.by_rank.len()).rev() {
            let Some(index) = self.by_rank.get(place).copied() else {
                continue;
            };
            let size = self.size.get(index as usize).copied().unwrap_or(1);
            if let Some(parent) = self.parent(index)
                && let Some(sum) = self.size.get_mut(parent as usize)
            {
                *sum = sum.saturating_add(size);
            }
        }
    }
}

/// Items by owner in compressed rows: where each owner's items begin, and the items.
pub(super) fn rows(
    owners: impl Iterator<Item = u32> + Clone,
    owner_count: usize,
) -> (Vec<u32>, Vec<u32>) {
    let mut starts = vec![0_u32; owner_count + 1];
    for owner in owners.clone() {
        if let Some(count) = starts.get_mut((owner as usize).saturating_add(1)) {
            *count += 1;
        }
    }
    for place in 1..starts.len() {
        let before = starts.get(place - 1).copied().unwrap_or(0);
        if let Some(start) = starts.get_mut(place) {
            *start += before;
        }
    }
    let mut next = starts.clone();
    let mut items = vec![0; starts.last().copied().unwrap_or(0) as usize];
    for (item, owner) in owners.enumerate() {
        if (owner as usize) >= owner_count {
            continue;
        }
        if let Some(place) = next.get_mut(owner as usize) {
            set(&mut items, *place, u32::try_from(item).unwrap_or(NONE));
            *place += 1;
        }
    }
    (starts, items)
}

fn indexes(values: &[u32]) -> impl Iterator<Item = (u32, u32)> + '_ {
    (0_u32..).zip(values.iter().copied())
}

fn set(values: &mut [u32], index: u32, value: u32) {
    if let Some(place) = values.get_mut(index as usize) {
        *place = value;
    }
}

/// Walks up from every span; a walk that meets itself has found a cycle, whose lowest index
/// becomes a root.
fn cut_cycles(parent: &mut [u32], findings: &mut Findings) {
    /// Not seen yet.
    const UNSEEN: u32 = 0;
    let mut seen_in = vec![UNSEEN; parent.len()];
    for start in 0..u32::try_from(parent.len()).unwrap_or(NONE) {
        let walk = start.saturating_add(1);
        let mut at = start;
        while let Some(seen) = seen_in.get_mut(at as usize) {
            if *seen == walk {
                cut(parent, at, findings);
                break;
            }
            if *seen != UNSEEN {
                break;
            }
            *seen = walk;
            at = parent.get(at as usize).copied().unwrap_or(NONE);
        }
    }
}

fn cut(parent: &mut [u32], member: u32, findings: &mut Findings) {
    let mut lowest = member;
    let mut at = member;
    loop {
        findings.add(FindingKind::ParentCycle, at);
        lowest = lowest.min(at);
        at = parent.get(at as usize).copied().unwrap_or(NONE);
        if at == member || at == NONE {
            break;
        }
    }
    set(parent, lowest, NONE);
}
