//! The tree of a trace's spans, and which spans stand in a relation; without recursion, and
//! never slower than sorting.

use std::collections::{HashMap, HashSet};

use spanwalk_model::{Scoped, Span, SpanId};

use crate::traceql::ast::Relation;

/// Parents, and the order in which a walk enters and leaves each span.
///
/// A span without a stored parent is the top of a tree. Where parents form a circle, its span
/// of the lowest index is taken as the top.
#[derive(Debug, Default)]
pub(super) struct Tree {
    parent: Vec<Option<usize>>,
    child_count: Vec<usize>,
    /// When the walk enters and leaves; numbers from one.
    bounds: Vec<(usize, usize)>,
    /// The parent's id as the span says, by which siblings are known.
    parent_id: Vec<Option<SpanId>>,
}

impl Tree {
    pub(super) fn new(spans: &[Scoped<Span>]) -> Self {
        let mut first_of_id: HashMap<SpanId, usize> = HashMap::with_capacity(spans.len());
        for (index, span) in spans.iter().enumerate() {
            first_of_id.entry(span.item.span_id).or_insert(index);
        }
        let parent_id: Vec<Option<SpanId>> =
            spans.iter().map(|span| span.item.parent_span_id).collect();
        let mut parent: Vec<Option<usize>> = parent_id
            .iter()
            .enumerate()
            .map(|(index, id)| {
                let found = id.and_then(|id| first_of_id.get(&id).copied());
                found.filter(|found| *found != index)
            })
            .collect();
        cut_circles(&mut parent);
        let mut child_count = vec![0; parent.len()];
        for above in parent.iter().flatten() {
            if let Some(count) = child_count.get_mut(*above) {
                *count += 1;
            }
        }
        let bounds = walk(&parent);
        Self {
            parent,
            child_count,
            bounds,
            parent_id,
        }
    }

    /// The stored parent.
    pub(super) fn parent(&self, index: usize) -> Option<usize> {
        self.parent.get(index).copied().flatten()
    }

    /// How many stored children there are; `None` where there is no such span.
    pub(super) fn child_count(&self, index: usize) -> Option<usize> {
        self.child_count.get(index).copied()
    }

    /// When a walk enters the span and when it leaves it, from one; `None` where there is no
    /// such span.
    pub(super) fn bounds(&self, index: usize) -> Option<(usize, usize)> {
        self.bounds.get(index).copied()
    }

    /// For each span of `right`, whether it is this to one of `left`.
    pub(super) fn related(&self, relation: Relation, left: &[usize], right: &[usize]) -> Vec<bool> {
        match relation {
            Relation::Child => {
                let above: HashSet<usize> = left.iter().copied().collect();
                let is_below = |index: &usize| {
                    self.parent(*index)
                        .is_some_and(|parent| above.contains(&parent))
                };
                right.iter().map(is_below).collect()
            }
            Relation::Parent => {
                let above: HashSet<usize> = left
                    .iter()
                    .filter_map(|index| self.parent(*index))
                    .collect();
                right.iter().map(|index| above.contains(index)).collect()
            }
            Relation::Sibling => self.siblings(left, right),
            Relation::Descendant => self.descendants(left, right),
            Relation::Ancestor => self.ancestors(left, right),
        }
    }

    fn siblings(&self, left: &[usize], right: &[usize]) -> Vec<bool> {
        let family = |index: &usize| self.parent_id.get(*index).copied().flatten();
        let own: HashSet<usize> = left.iter().copied().collect();
        let mut count_of: HashMap<Option<SpanId>, usize> = HashMap::new();
        for index in left {
            *count_of.entry(family(index)).or_default() += 1;
        }
        let has_other = |index: &usize| {
            let count = count_of.get(&family(index)).copied().unwrap_or(0);
            count > usize::from(own.contains(index))
        };
        right.iter().map(has_other).collect()
    }

    fn descendants(&self, left: &[usize], right: &[usize]) -> Vec<bool> {
        let mut above: Vec<(usize, usize)> = left
            .iter()
            .filter_map(|index| self.bounds(*index))
            .collect();
        above.sort_unstable();
        let mut order: Vec<(usize, usize)> = right
            .iter()
            .enumerate()
            .filter_map(|(place, index)| Some((self.bounds(*index)?.0, place)))
            .collect();
        order.sort_unstable();
        let mut found = vec![false; right.len()];
        let mut entered = above.into_iter().peekable();
        // Subtrees lie within or beside each other: whoever is entered before and left last
        // is above, if anybody is.
        let mut last_left = 0;
        for (enter, place) in order {
            while let Some((_, leave)) = entered.next_if(|(before, _)| *before < enter) {
                last_left = last_left.max(leave);
            }
            if let Some(is_below) = found.get_mut(place) {
                *is_below = last_left > enter;
            }
        }
        found
    }

    fn ancestors(&self, left: &[usize], right: &[usize]) -> Vec<bool> {
        let mut entered: Vec<usize> = left
            .iter()
            .filter_map(|index| self.bounds(*index))
            .map(|(enter, _)| enter)
            .collect();
        entered.sort_unstable();
        let has_below = |index: &usize| {
            self.bounds(*index).is_some_and(|(enter, leave)| {
                let next = entered.partition_point(|other| *other <= enter);
                entered.get(next).is_some_and(|other| *other < leave)
            })
        };
        right.iter().map(has_below).collect()
    }
}

/// Takes the parent of one span of each circle away.
fn cut_circles(parent: &mut [Option<usize>]) {
    #[derive(Clone, Copy, PartialEq, Eq)]
    enum Seen {
        Never,
        Now,
        Before,
    }
    let mut seen = vec![Seen::Never; parent.len()];
    let mut path = Vec::new();
    for start in 0..parent.len() {
        let mut at = Some(start);
        while let Some(index) = at {
            let Some(state) = seen.get_mut(index).filter(|state| **state == Seen::Never) else {
                break;
            };
            *state = Seen::Now;
            path.push(index);
            at = parent.get(index).copied().flatten();
        }
        let is_circle = |index: &usize| seen.get(*index) == Some(&Seen::Now);
        if let Some(entry) = at.filter(is_circle) {
            let circle = path.iter().rev().take_while(|index| **index != entry);
            let top = circle.copied().chain([entry]).min().unwrap_or(entry);
            if let Some(above) = parent.get_mut(top) {
                *above = None;
            }
        }
        for index in path.drain(..) {
            if let Some(state) = seen.get_mut(index) {
                *state = Seen::Before;
            }
        }
    }
}

/// When a walk from the tops enters and leaves each span, in order of their indexes.
fn walk(parent: &[Option<usize>]) -> Vec<(usize, usize)> {
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); parent.len()];
    let mut tops = Vec::new();
    for (index, above) in parent.iter().enumerate() {
        match above.and_then(|above| children.get_mut(above)) {
            Some(siblings) => siblings.push(index),
            None => tops.push(index),
        }
    }
    let mut bounds = vec![(0, 0); parent.len()];
    let mut clock = 0;
    // What is still to do, last first: enter a span, or leave it.
    let mut to_do: Vec<(usize, bool)> = tops.into_iter().rev().map(|top| (top, true)).collect();
    while let Some((index, enters)) = to_do.pop() {
        clock += 1;
        let Some(own) = bounds.get_mut(index) else {
            continue;
        };
        if enters {
            own.0 = clock;
            to_do.push((index, false));
            let below = children.get(index).map_or(&[][..], Vec::as_slice);
            to_do.extend(below.iter().rev().map(|child| (*child, true)));
        } else {
            own.1 = clock;
        }
    }
    bounds
}
