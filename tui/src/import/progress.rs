//! The progress of an import on the terminal.

use std::fmt::Write as _;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::report::Progress;
use crate::text::number;

/// A bar on standard error; nothing where that is no terminal.
pub struct ProgressDisplay {
    bar: ProgressBar,
    started: Instant,
}

impl ProgressDisplay {
    /// A display that begins now.
    pub fn new() -> Self {
        let target = if std::io::stderr().is_terminal() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(None, target);
        bar.set_style(style());
        Self {
            bar,
            started: Instant::now(),
        }
    }

    /// Shows how far the import is.
    pub fn show(&self, progress: &Progress) {
        self.bar.set_length(progress.bytes_total);
        self.bar.set_position(progress.bytes_done);
        self.bar
            .set_message(summary(progress, self.started.elapsed()));
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Default for ProgressDisplay {
    fn default() -> Self {
        Self::new()
    }
}

fn style() -> ProgressStyle {
    let style = ProgressStyle::with_template("{bar:24} {amount}  {msg}  {left}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    style
        .with_key(
            "amount",
            |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                let total = state.len().unwrap_or_default();
                // A bar that cannot be drawn is no reason to stop an import.
                let _ = write!(
                    out,
                    "{} of {}",
                    number::bytes(state.pos()),
                    number::bytes(total)
                );
            },
        )
        .with_key(
            "left",
            |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                let seconds = state.eta().as_secs();
                let _ = write!(out, "{}:{:02} left", seconds / 60, seconds % 60);
            },
        )
}

/// Items and how many per second, and files where there are several.
fn summary(progress: &Progress, elapsed: Duration) -> String {
    let mut summary = number::counted(progress.items_done, "item");
    let millis = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    if let Some(rate) = progress.items_done.saturating_mul(1000).checked_div(millis) {
        let _ = write!(summary, ", {}/s", number::short_count(rate));
    }
    if progress.files_total > 1 {
        let (done, total) = (progress.files_done, progress.files_total);
        let _ = write!(summary, ", {done} of {total} files");
    }
    summary
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_tells_items_rate_and_files() {
        let mut progress = Progress {
            items_done: 12_000,
            files_total: 1,
            ..Progress::default()
        };
        let second = Duration::from_secs(1);
        assert_eq!(summary(&progress, Duration::ZERO), "12,000 items");
        assert_eq!(summary(&progress, 2 * second), "12,000 items, 6.0k/s");
        progress.files_total = 3;
        progress.files_done = 1;
        assert_eq!(
            summary(&progress, second),
            "12,000 items, 12k/s, 1 of 3 files"
        );
    }
}
