//! `spanwalk status`: the collector about itself.

use super::{CommandError, ask};
use crate::args::StatusArgs;
use crate::output::{Exit, Output, status};
use crate::settings::Settings;

/// Tells what the collector holds and has received.
pub(super) fn run(
    args: &StatusArgs,
    settings: &Settings,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let (found, url) = ask(settings, async |client| {
        let status = client.status().await?;
        Ok((status, client.base_url().to_owned()))
    })?;
    if args.json {
        output.json(&found)?;
    } else {
        let look = output.look().clone();
        output.lines(status::lines(&found, &url, &look))?;
    }
    Ok(Exit::Done)
}
