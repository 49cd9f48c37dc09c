//! `spanwalk diff`: what one trace does differently from another.

use super::{CommandError, ask, trace};
use crate::args::DiffArgs;
use crate::output::{Exit, Output, diff};
use crate::settings::Settings;

/// Compares two traces.
pub(super) fn run(
    args: &DiffArgs,
    settings: &Settings,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let (before, _) = trace::named(std::slice::from_ref(&args.before))?;
    let (after, _) = trace::named(std::slice::from_ref(&args.after))?;
    let found = ask(settings, async |client| client.diff(before, after).await)
        .map_err(|error| CommandError::of_trace(error, after))?;
    if args.json {
        output.json(&found)?;
    } else {
        let look = output.look().clone();
        output.lines(diff::lines(&found, &look))?;
    }
    Ok(Exit::Done)
}
