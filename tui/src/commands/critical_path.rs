//! `spanwalk critical-path`: what one request waited for.

use super::{CommandError, ask, trace};
use crate::args::CriticalPathArgs;
use crate::output::{Exit, Output, critical_path};
use crate::settings::Settings;

/// Tells which span a request waited for at every moment.
pub(super) fn run(
    args: &CriticalPathArgs,
    settings: &Settings,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let (id, _) = trace::named(&args.trace)?;
    let found = ask(settings, async |client| client.critical_path(id).await)
        .map_err(|error| CommandError::of_trace(error, id))?;
    if args.json {
        output.json(&found)?;
    } else {
        let look = output.look().clone();
        output.lines(critical_path::lines(&found, &look))?;
    }
    Ok(Exit::Done)
}
