//! How much of what matches an answer shows, and how to see more.

use spanwalk_api::{Completeness, CutReason};

use super::{Line, Look};
use crate::text::number::{count, counted};
use crate::text::time::ago;

/// What a list holds.
#[derive(Debug, Clone, Copy)]
pub struct Listed {
    /// One of its items.
    pub noun: &'static str,
    /// Whether a query and a time were asked for, which can be narrowed.
    pub is_asked: bool,
}

/// What stands below a list of which `shown_count` items are shown: how many match, whether
/// that number is exact, and what to do to see the others.
pub fn lines(
    listed: Listed,
    shown_count: u64,
    completeness: &Completeness,
    notes: &[String],
    look: &Look,
) -> Vec<Line> {
    let Listed { noun, is_asked } = listed;
    let notes = notes
        .iter()
        .map(|note| Line::new().text("note: ", look.theme.strong()).plain(note));
    let mut lines: Vec<Line> = notes.collect();
    let matched = completeness.matched.max(shown_count);
    let at_least = if completeness.estimate {
        "at least "
    } else {
        ""
    };
    if shown_count == 0 && matched == 0 {
        lines.push(Line::of(&nothing(noun, completeness, look)));
    } else if shown_count < matched || completeness.estimate {
        let of = counted(matched, noun);
        lines.push(Line::of(&format!(
            "{} of {at_least}{of}",
            count(shown_count)
        )));
    } else {
        lines.push(Line::of(&counted(shown_count, noun)));
    }
    let narrow = "narrow the query or its time, such as --since 15m";
    match completeness.cut {
        None => {}
        Some(CutReason::Limit) => {
            let tenfold = shown_count.saturating_mul(10).max(10);
            // A bound says nothing of how many there are.
            let more = if completeness.estimate {
                tenfold
            } else {
                tenfold.min(matched)
            };
            let hint = if is_asked {
                format!("see more with --limit {more}, or {narrow}")
            } else {
                format!("see more with --limit {more}")
            };
            lines.push(Line::new().text(&hint, look.theme.dim()));
        }
        Some(CutReason::Timeout) => lines.push(
            Line::new()
                .text("not everything was looked at: ", look.theme.warning())
                .plain(&format!("the time allowed ran out; {narrow}")),
        ),
    }
    lines
}

fn nothing(noun: &str, completeness: &Completeness, look: &Look) -> String {
    match completeness.newest_ns {
        0 => format!("no {noun}s: nothing is stored yet"),
        newest => format!(
            "no {noun}s match; the newest moment stored was {}",
            ago(newest, look.now_ns)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{self, NOW};
    use super::*;

    fn told(shown_count: u64, completeness: &Completeness) -> String {
        let notes = ["http.status_code is http.response.status_code now".to_owned()];
        let notes = if shown_count == 7 { &notes[..] } else { &[] };
        fixture::plain(lines(
            Listed {
                noun: "trace",
                is_asked: true,
            },
            shown_count,
            completeness,
            notes,
            &fixture::look(None),
        ))
    }

    fn completeness(matched: u64, estimate: bool, cut: Option<CutReason>) -> Completeness {
        Completeness {
            matched,
            estimate,
            cut,
            newest_ns: NOW - 125_000_000_000,
            ..Completeness::default()
        }
    }

    #[test]
    fn what_is_left_out_is_said_with_the_way_to_see_it() {
        assert_eq!(told(3, &completeness(3, false, None)), "3 traces\n");
        assert_eq!(
            told(50, &completeness(1_234, false, Some(CutReason::Limit))),
            "50 of 1,234 traces\n\
             see more with --limit 500, or narrow the query or its time, such as --since 15m\n"
        );
        assert_eq!(
            told(50, &completeness(51, true, Some(CutReason::Limit))),
            "50 of at least 51 traces\n\
             see more with --limit 500, or narrow the query or its time, such as --since 15m\n"
        );
        assert_eq!(
            told(7, &completeness(7, true, Some(CutReason::Timeout))),
            "note: http.status_code is http.response.status_code now\n\
             7 of at least 7 traces\n\
             not everything was looked at: the time allowed ran out; narrow the query or its \
             time, such as --since 15m\n"
        );
    }

    #[test]
    fn nothing_found_is_told_apart_from_nothing_stored() {
        assert_eq!(
            told(0, &completeness(0, false, None)),
            "no traces match; the newest moment stored was 2m05s ago\n"
        );
        assert_eq!(
            told(0, &Completeness::default()),
            "no traces: nothing is stored yet\n"
        );
    }
}
