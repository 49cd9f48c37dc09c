//! How long a request would have taken had some of its spans taken another time.

use spanwalk_model::trace::Trace;

use super::CriticalPath;
use super::timeline::Child;

/// What is changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The service whose spans are changed.
    pub service: String,
    /// The operation that is changed; of every service where `service` is empty.
    pub operation: String,
    /// What its spans take.
    pub to: Target,
}

/// How long a span takes after a change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Target {
    /// So many nanoseconds, such as the operation's median.
    DurationNs(u64),
    /// So many percent of what it took; less than zero counts as zero.
    Percent(f64),
}

/// What a change makes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WhatIf {
    /// What it took, nanoseconds.
    pub before_ns: u64,
    /// What it would have taken, nanoseconds.
    pub after_ns: u64,
    /// How many spans were changed; of spans within one another the outermost.
    pub changed_span_count: u64,
}

impl CriticalPath {
    /// What the path that begins at `start` would take under a change. Spans keep their
    /// order: what began after others had ended still waits for them, for as long as before.
    pub fn what_if(&self, trace: &Trace, start: u32, change: &Change) -> WhatIf {
        self.replay(trace, start, |span| {
            let is_meant = trace.name(span) == change.operation
                && (change.service.is_empty() || trace.service(span) == change.service);
            is_meant.then_some(change.to)
        })
    }

    /// As [`CriticalPath::what_if`], with a target for whichever spans one likes.
    pub fn replay(
        &self,
        trace: &Trace,
        start: u32,
        target: impl Fn(u32) -> Option<Target>,
    ) -> WhatIf {
        let ranks = trace.subtree(start);
        let first = ranks.start;
        let mut replay = Replay {
            path: self,
            trace,
            first,
            lengths: vec![0; ranks.len()],
            changed: vec![0; ranks.len()],
            children: Vec::new(),
            by_end: Vec::new(),
        };
        // Children have higher ranks than their parents, so theirs are known first.
        for rank in ranks.rev() {
            let Some(span) = trace.at_rank(rank) else {
                continue;
            };
            let (length, changed) = match target(span) {
                Some(target) => (replay.changed_length(span, target), 1),
                None => replay.replayed_length(span),
            };
            replay.put(rank, length, changed);
        }
        WhatIf {
            before_ns: self.timeline.length(start),
            after_ns: replay.lengths.first().copied().unwrap_or(0),
            changed_span_count: replay.changed.first().copied().unwrap_or(0),
        }
    }
}

struct Replay<'a> {
    path: &'a CriticalPath,
    trace: &'a Trace,
    first: u32,
    /// New lengths by rank behind `first`.
    lengths: Vec<u64>,
    /// How many spans were changed below, by rank behind `first`.
    changed: Vec<u64>,
    children: Vec<Child>,
    /// Soft ends with the places of their children.
    by_end: Vec<(u64, usize)>,
}

impl Replay<'_> {
    fn put(&mut self, rank: u32, length: u64, changed: u64) {
        let place = rank.saturating_sub(self.first) as usize;
        if let (Some(of_length), Some(of_changed)) =
            (self.lengths.get_mut(place), self.changed.get_mut(place))
        {
            *of_length = length;
            *of_changed = changed;
        }
    }

    fn place(&self, span: u32) -> usize {
        self.trace.rank(span).saturating_sub(self.first) as usize
    }

    fn new_length(&self, span: u32) -> u64 {
        self.lengths.get(self.place(span)).copied().unwrap_or(0)
    }

    /// A span that was cut to its parent keeps the same share of its new length.
    fn changed_length(&self, span: u32, target: Target) -> u64 {
        let length = self.path.timeline.length(span);
        match target {
            Target::Percent(percent) => scaled(length, percent),
            Target::DurationNs(wanted) => {
                let own = self
                    .trace
                    .span_end_ns(span)
                    .saturating_sub(self.trace.span_start_ns(span));
                if own == length || own == 0 {
                    return wanted;
                }
                let share = u128::from(length) * u128::from(wanted) / u128::from(own);
                u64::try_from(share).unwrap_or(u64::MAX)
            }
        }
    }

    /// The length of a span whose children have new lengths, and how many spans were changed
    /// in it. Between the end of what was waited for and what came next lies the span's own
    /// work, which stays as long as it was.
    fn replayed_length(&mut self, span: u32) -> (u64, u64) {
        self.children.clear();
        let timeline = &self.path.timeline;
        timeline.add_children(self.trace, span, &mut self.children);
        if self.children.is_empty() {
            return (timeline.length(span), 0);
        }
        self.by_end.clear();
        let soft_ends = self.children.iter().map(|child| child.soft_end_ns);
        self.by_end.extend(soft_ends.zip(0_usize..));
        self.by_end.sort_unstable();
        let mut waited = Waited {
            old_ns: timeline.start(span),
            new_ns: 0,
        };
        let mut new_ends: Vec<u64> = Vec::with_capacity(self.children.len());
        let mut ended = self.by_end.iter().copied().peekable();
        let mut changed = 0;
        for child in &self.children {
            while let Some((_, earlier)) = ended.next_if(|(soft, _)| *soft <= child.start_ns) {
                waited.add(earlier, &self.children, &new_ends);
            }
            let new_start = waited.new_moment_ns(child.start_ns);
            new_ends.push(new_start.saturating_add(self.new_length(child.span)));
            changed += self
                .changed
                .get(self.place(child.span))
                .copied()
                .unwrap_or(0);
        }
        for (_, earlier) in ended {
            waited.add(earlier, &self.children, &new_ends);
        }
        (waited.new_moment_ns(timeline.end(span)), changed)
    }
}

/// The latest end of what is over: as it was, and as it would be, from the parent's start.
struct Waited {
    old_ns: u64,
    new_ns: u64,
}

impl Waited {
    fn add(&mut self, place: usize, children: &[Child], new_ends: &[u64]) {
        let old_end = children.get(place).map_or(0, |child| child.end_ns);
        self.old_ns = self.old_ns.max(old_end);
        self.new_ns = self.new_ns.max(new_ends.get(place).copied().unwrap_or(0));
    }

    /// Where an old moment comes to lie: as far behind the latest end as before.
    fn new_moment_ns(&self, old_moment_ns: u64) -> u64 {
        if old_moment_ns >= self.old_ns {
            self.new_ns.saturating_add(old_moment_ns - self.old_ns)
        } else {
            self.new_ns.saturating_sub(self.old_ns - old_moment_ns)
        }
    }
}

fn scaled(length: u64, percent: f64) -> u64 {
    let share = (length as f64) * (percent.max(0.0) / 100.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float to integer cast saturates, and the share is not negative"
    )]
    let rounded = share.round() as u64;
    rounded
}
