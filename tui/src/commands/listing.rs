//! Prints a list: its rows on standard output, and beside them how much of what matches it is.

use std::io;

use serde::Serialize;
use spanwalk_api::Completeness;

use crate::output::shown::{self, Listed};
use crate::output::{Exit, Line, Look, Output};

/// What is told of a list beside its rows.
pub(super) struct List<'a> {
    /// What its items are.
    pub(super) listed: Listed,
    /// How many it holds.
    pub(super) count: usize,
    /// How complete it is.
    pub(super) completeness: &'a Completeness,
    /// Remarks for people.
    pub(super) notes: &'a [String],
}

/// Prints the answer as it came where JSON is wanted, else its rows. Scripts learn by the exit
/// code whether there are any.
///
/// # Errors
/// Where the output cannot be written.
pub(super) fn print(
    answer: &impl Serialize,
    is_json: bool,
    rows: impl FnOnce(&Look) -> Vec<Line>,
    list: &List<'_>,
    output: &mut Output,
) -> io::Result<Exit> {
    if is_json {
        output.json(answer)?;
    } else {
        let look = output.look().clone();
        output.lines(rows(&look))?;
        output.remarks(shown::lines(
            list.listed,
            list.count as u64,
            list.completeness,
            list.notes,
            &look,
        ))?;
    }
    Ok(Exit::of_found(list.count > 0))
}
