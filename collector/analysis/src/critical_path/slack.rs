//! How much of a span is its own work, and how much later it could have ended.

use spanwalk_model::trace::Trace;

use super::timeline::{Child, Timeline};

/// Nobody waits for the span.
pub(super) const UNBOUNDED: u64 = u64::MAX;

/// Nanoseconds by span index.
#[derive(Debug, Clone, Default)]
pub(super) struct Slack {
    pub(super) self_ns: Vec<u64>,
    /// `UNBOUNDED` where no path's end depends on the span.
    pub(super) slack_ns: Vec<u64>,
}

impl Slack {
    /// `starts` are the spans that paths begin at.
    ///
    /// A sibling that started after a child had ended depends on it and on everything else
    /// that had ended by then; the latest of those is what it waited for. So a child may end
    /// later by what it lies before that latest end, and by the slack of the sibling; of all
    /// such siblings, and of the parent's own end, the least counts.
    pub(super) fn of(trace: &Trace, timeline: &Timeline, starts: &[u32]) -> Self {
        let count = trace.spans().len();
        let mut slack = Self {
            self_ns: vec![0; count],
            slack_ns: vec![UNBOUNDED; count],
        };
        for start in starts {
            slack.set(*start, 0);
        }
        let mut room = Room::default();
        for rank in 0..trace.len() {
            let Some(span) = trace.at_rank(rank) else {
                continue;
            };
            room.children.clear();
            timeline.add_children(trace, span, &mut room.children);
            let own = timeline
                .length(span)
                .saturating_sub(covered_ns(&room.children));
            if let Some(place) = slack.self_ns.get_mut(span as usize) {
                *place = own;
            }
            let of_parent = slack.get(span);
            if !room.children.is_empty() && of_parent != UNBOUNDED {
                slack.add_children(&mut room, of_parent);
            }
        }
        slack
    }

    fn get(&self, span: u32) -> u64 {
        self.slack_ns
            .get(span as usize)
            .copied()
            .unwrap_or(UNBOUNDED)
    }

    fn set(&mut self, span: u32, slack_ns: u64) {
        if let Some(place) = self.slack_ns.get_mut(span as usize) {
            *place = slack_ns;
        }
    }

    fn add_children(&mut self, room: &mut Room, of_parent: u64) {
        room.order();
        // What the parent's end waits for: the child that ended last.
        let mut latest_ns = room.last_end_ns().saturating_add(of_parent);
        let mut later = room.children.len();
        for ended in room.by_end.iter().rev() {
            while later > 0 {
                let (Some(sibling), Some(waited)) =
                    (room.children.get(later - 1), room.waited.get(later - 1))
                else {
                    break;
                };
                if sibling.start_ns < ended.soft_end_ns {
                    break;
                }
                latest_ns = latest_ns.min(waited.saturating_add(self.get(sibling.span)));
                later -= 1;
            }
            self.set(ended.span, latest_ns.saturating_sub(ended.end_ns));
        }
    }
}

/// Buffers for the children of one span, used again for the next.
#[derive(Default)]
struct Room {
    /// By start.
    children: Vec<Child>,
    /// By the end from which siblings may count as later.
    by_end: Vec<Child>,
    /// For each child by start, the latest end of those that had ended before it.
    waited: Vec<u64>,
}

impl Room {
    fn order(&mut self) {
        self.by_end.clear();
        self.by_end.extend_from_slice(&self.children);
        self.by_end.sort_by_key(|child| child.soft_end_ns);
        self.waited.clear();
        let mut ended = self.by_end.iter().peekable();
        let mut latest_ns = 0;
        for child in &self.children {
            while let Some(earlier) = ended.next_if(|one| one.soft_end_ns <= child.start_ns) {
                latest_ns = latest_ns.max(earlier.end_ns);
            }
            self.waited.push(latest_ns);
        }
    }

    fn last_end_ns(&self) -> u64 {
        self.children
            .iter()
            .map(|child| child.end_ns)
            .max()
            .unwrap_or(0)
    }
}

/// The time in which at least one of the children ran; they come in order of their start.
fn covered_ns(children: &[Child]) -> u64 {
    let mut covered = 0_u64;
    let mut until = 0_u64;
    for child in children {
        let from = child.start_ns.max(until);
        covered = covered.saturating_add(child.end_ns.saturating_sub(from));
        until = until.max(child.end_ns);
    }
    covered
}
