//! `spanwalk show`: one trace as a tree.

use super::{CommandError, ask, trace};
use crate::args::ShowArgs;
use crate::output::{Exit, Output, tree};
use crate::screens::walk::WalkData;
use crate::settings::Settings;

/// Shows a trace.
pub(super) fn run(
    args: &ShowArgs,
    settings: &Settings,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let (id, _) = trace::named(&args.trace)?;
    let of_trace = |error| CommandError::of_trace(error, id);
    if args.json {
        let document = ask(settings, async |client| client.trace_json(id).await);
        output.json(&document.map_err(of_trace)?)?;
        return Ok(Exit::Done);
    }
    let items = ask(settings, async |client| client.trace(id).await).map_err(of_trace)?;
    let data = WalkData::new(items);
    let look = output.look().clone();
    output.lines(tree::lines(&data, &look))?;
    Ok(Exit::Done)
}
