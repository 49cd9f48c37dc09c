//! What a run of like siblings comes to: how many, how long, how many failed.

use super::data::{SpanFacts, WalkData};
use super::rows::{RowTree, index};

/// A run of like siblings in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    /// Its row.
    pub row: u32,
    /// Spans of the run.
    pub count: u64,
    /// Spans of the run that failed.
    pub error_count: u64,
    /// Their durations together.
    pub sum_ns: u64,
    /// The duration that half of them do not exceed.
    pub p50_ns: u64,
    /// The duration that 99 of a hundred do not exceed.
    pub p99_ns: u64,
    /// The longest duration.
    pub longest_ns: u64,
    /// From the first start to the last end, nanoseconds since the start of the trace.
    pub time: (u64, u64),
}

/// The runs of a tree, in the order of their rows.
pub(super) fn runs<'a>(tree: &RowTree, span: impl Fn(u32) -> Option<SpanFacts<'a>>) -> Vec<Run> {
    let mut lengths = Vec::new();
    let one = |row: &u32| {
        lengths.clear();
        let mut run = Run {
            row: *row,
            count: 0,
            error_count: 0,
            sum_ns: 0,
            p50_ns: 0,
            p99_ns: 0,
            longest_ns: 0,
            time: (u64::MAX, 0),
        };
        for below in tree.beneath(*row) {
            let span = tree
                .rows()
                .get(below as usize)
                .and_then(|row| span(row.span));
            let Some(span) = span else {
                continue;
            };
            let length = span.end_ns.saturating_sub(span.start_ns);
            run.count += 1;
            run.error_count += u64::from(span.is_error);
            run.sum_ns = run.sum_ns.saturating_add(length);
            run.time.0 = run.time.0.min(span.start_ns);
            run.time.1 = run.time.1.max(span.end_ns);
            lengths.push(length);
        }
        run.p50_ns = percentile(&mut lengths, 50);
        run.p99_ns = percentile(&mut lengths, 99);
        run.longest_ns = percentile(&mut lengths, 100);
        run
    };
    tree.run_rows().iter().map(one).collect()
}

/// The smallest of the numbers that so many of a hundred do not exceed; zero for none.
pub(crate) fn percentile(numbers: &mut [u64], of_hundred: usize) -> u64 {
    let rank = (numbers.len() * of_hundred).div_ceil(100);
    let at = rank.saturating_sub(1);
    if at >= numbers.len() {
        return 0;
    }
    *numbers.select_nth_unstable(at).1
}

impl WalkData {
    /// The run that a row stands above.
    pub(super) fn run(&self, row: u32) -> Option<&Run> {
        let place = self.runs.binary_search_by_key(&row, |run| run.row).ok()?;
        self.runs.get(place)
    }

    /// How many rows stand beneath a row that are spans, events or records, and how many of
    /// them are failures.
    pub fn beneath(&self, row: u32) -> (u64, u64) {
        let Some(this) = self.tree().rows().get(row as usize) else {
            return (0, 0);
        };
        let end = row.saturating_add(this.size);
        let within = |rows: &[u32]| {
            let from = rows.partition_point(|at| *at <= row);
            let to = rows.partition_point(|at| *at < end);
            to.saturating_sub(from) as u64
        };
        let rows = u64::from(this.size.saturating_sub(1));
        let runs = within(self.tree().run_rows());
        (rows.saturating_sub(runs), within(self.error_rows()))
    }

    /// The rows of spans, events and records as if nothing were folded: the event that each
    /// stands for, and its depth among them.
    pub fn tree_rows(&self) -> impl Iterator<Item = (usize, u32)> + '_ {
        // Runs that the row stands in, as where they end: each adds a level of its own.
        let mut runs: Vec<u32> = Vec::new();
        let rows = (0..index(self.tree().rows().len())).zip(self.tree().rows());
        rows.filter_map(move |(at, row)| {
            while runs.last().is_some_and(|end| *end <= at) {
                runs.pop();
            }
            if self.tree().is_run(at) {
                runs.push(at.saturating_add(row.size));
                return None;
            }
            Some((
                row.event as usize,
                row.depth.saturating_sub(index(runs.len())),
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_numbers_that_occur() {
        assert_eq!(percentile(&mut [], 50), 0);
        assert_eq!(percentile(&mut [7], 99), 7);
        let mut numbers: Vec<u64> = (1..=200).rev().collect();
        assert_eq!(percentile(&mut numbers, 50), 100);
        assert_eq!(percentile(&mut numbers, 99), 198);
        assert_eq!(percentile(&mut numbers, 100), 200);
    }
}
