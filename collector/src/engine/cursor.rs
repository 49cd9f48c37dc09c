//! Where a page ended, as text.
//!
//! A cursor names the last item by what it is and not by where it is stored, so that the next
//! page begins right behind it although data came, was flushed or was merged in between. Its
//! form is a matter of this version; to others it is opaque.

use std::cmp::Reverse;

use spanwalk_model::{TraceId, UnixNanos};

/// The text is no cursor of this version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a cursor; take the one that the page before gave as `next_cursor`")]
pub struct CursorError {
    /// The text.
    pub text: String,
}

/// A place among traces: newest first, of equal beginnings by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TracePlace {
    /// When the trace began.
    pub(super) start_ns: Reverse<UnixNanos>,
    /// The trace.
    pub(super) trace_id: TraceId,
}

/// A place among log records: newest first, of equal moments by content, of equal contents
/// by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LogPlace {
    /// The record's moment.
    pub(super) moment_ns: Reverse<UnixNanos>,
    /// Hash of the record's content.
    pub(super) content: u64,
    /// Which of the records of this moment and content.
    pub(super) number: u32,
}

/// A place and how many items matched up to there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cursor<P> {
    /// The last item that was looked at.
    pub(super) place: P,
    /// Items that matched, that one included.
    pub(super) matched: u64,
}

impl Cursor<TracePlace> {
    /// Reads what [`Cursor::to_text`] wrote.
    pub(super) fn parse(text: &str) -> Result<Self, CursorError> {
        let [start_ns, trace_id, matched] = parts(text, "t")?;
        let place = || {
            Some(TracePlace {
                start_ns: Reverse(start_ns.parse().ok()?),
                trace_id: trace_id.parse().ok()?,
            })
        };
        build(text, place(), matched)
    }

    /// The cursor as text.
    pub(super) fn to_text(self) -> String {
        let Reverse(start_ns) = self.place.start_ns;
        format!("t.{start_ns}.{}.{}", self.place.trace_id, self.matched)
    }
}

impl Cursor<LogPlace> {
    /// Reads what [`Cursor::to_text`] wrote.
    pub(super) fn parse(text: &str) -> Result<Self, CursorError> {
        let [moment_ns, content, number, matched] = parts(text, "l")?;
        let place = || {
            Some(LogPlace {
                moment_ns: Reverse(moment_ns.parse().ok()?),
                content: content.parse().ok()?,
                number: number.parse().ok()?,
            })
        };
        build(text, place(), matched)
    }

    /// The cursor as text.
    pub(super) fn to_text(self) -> String {
        let Reverse(moment_ns) = self.place.moment_ns;
        let LogPlace {
            content, number, ..
        } = self.place;
        format!("l.{moment_ns}.{content}.{number}.{}", self.matched)
    }
}

/// The parts behind the letter, as many as are asked for.
fn parts<'a, const COUNT: usize>(
    text: &'a str,
    letter: &str,
) -> Result<[&'a str; COUNT], CursorError> {
    let all: Vec<&str> = text.splitn(COUNT + 2, '.').collect();
    match all.split_first() {
        Some((first, rest)) if *first == letter => rest.try_into().map_err(|_| wrong(text)),
        _ => Err(wrong(text)),
    }
}

fn build<P>(text: &str, place: Option<P>, matched: &str) -> Result<Cursor<P>, CursorError> {
    let cursor = || {
        Some(Cursor {
            place: place?,
            matched: matched.parse().ok()?,
        })
    };
    cursor().ok_or_else(|| wrong(text))
}

fn wrong(text: &str) -> CursorError {
    // A hostile text is not repeated at any length.
    CursorError {
        text: text.chars().take(100).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back() {
        let traces = Cursor {
            place: TracePlace {
                start_ns: Reverse(u64::MAX),
                trace_id: TraceId::from_u128(7).unwrap(),
            },
            matched: 3,
        };
        assert_eq!(Cursor::<TracePlace>::parse(&traces.to_text()), Ok(traces));
        let logs = Cursor {
            place: LogPlace {
                moment_ns: Reverse(0),
                content: u64::MAX,
                number: 2,
            },
            matched: 0,
        };
        assert_eq!(Cursor::<LogPlace>::parse(&logs.to_text()), Ok(logs));
        assert!(Cursor::<TracePlace>::parse(&logs.to_text()).is_err());
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "t",
            "t.1",
            "t.1.2.3",
            "t.1.2.3.4",
            "l.1.2.3",
            "l.-1.2.3.4",
            "é",
        ] {
            assert!(Cursor::<TracePlace>::parse(text).is_err(), "{text}");
            assert!(Cursor::<LogPlace>::parse(text).is_err(), "{text}");
        }
        let long = "x".repeat(1_000);
        let error = Cursor::<LogPlace>::parse(&long).unwrap_err();
        assert_eq!(error.text.len(), 100);
    }
}
