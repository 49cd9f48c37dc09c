//! `spanwalk walk`: one trace as a walk.

use super::{CommandError, ask, trace, ui};
use crate::args::WalkArgs;
use crate::output::{Exit, Output, walk};
use crate::settings::Settings;

/// Walks a trace: in the interface on a terminal, else as text.
pub(super) fn run(
    args: &WalkArgs,
    settings: &Settings,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let (id, place) = trace::named(&args.trace)?;
    if !args.plain && !args.json && output.is_terminal() {
        return ui::open(place, settings, output);
    }
    let found = ask(settings, async |client| client.walk(id).await)
        .map_err(|error| CommandError::of_trace(error, id))?;
    if args.json {
        output.json(&found)?;
    } else {
        let look = output.look().clone();
        output.lines(walk::lines(&found, &look))?;
    }
    Ok(Exit::Done)
}
