//! `spanwalk patterns`: shapes in one trace that cost time or hide trouble.

use super::{CommandError, ask, trace};
use crate::args::PatternsArgs;
use crate::output::{Exit, Output, patterns};
use crate::settings::Settings;

/// Tells what was recognised in a trace; nothing found is told to scripts by the exit code.
pub(super) fn run(
    args: &PatternsArgs,
    settings: &Settings,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let (id, _) = trace::named(&args.trace)?;
    let found = ask(settings, async |client| client.patterns(id).await)
        .map_err(|error| CommandError::of_trace(error, id))?;
    if args.json {
        output.json(&found)?;
    } else {
        let look = output.look().clone();
        output.lines(patterns::lines(&found, &look))?;
    }
    Ok(Exit::of_found(!found.patterns.is_empty()))
}
