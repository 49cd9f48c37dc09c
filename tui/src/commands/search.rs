//! `spanwalk search`: traces that match.

use spanwalk_api::SearchParams;

use super::listing::{self, List};
use super::{CommandError, ask, paging, range};
use crate::args::SearchArgs;
use crate::output::shown::Listed;
use crate::output::{Exit, Output, traces};
use crate::settings::Settings;

/// Traces shown where nothing else is said.
const LIMIT_DEFAULT: u64 = 50;

/// Finds traces.
pub(super) fn run(
    args: &SearchArgs,
    settings: &Settings,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let now_ns = output.look().now_ns;
    let (text, _) = range::query(&args.query, now_ns)?;
    let (from_ns, to_ns) = range::bounds(range::range(&args.range, now_ns)?);
    let params = SearchParams {
        q: text.clone(),
        from_ns,
        to_ns,
        ..SearchParams::default()
    };
    let limit = args.range.limit.unwrap_or(LIMIT_DEFAULT);
    let found = ask(settings, async |client| {
        paging::traces(client, &params, limit).await
    })
    .map_err(|error| CommandError::of_query(error, &text))?;
    Ok(listing::print(
        &found,
        args.json,
        |look| traces::lines(&found.traces, look),
        &List {
            listed: Listed {
                noun: "trace",
                is_asked: true,
            },
            count: found.traces.len(),
            completeness: &found.completeness,
            notes: &found.notes,
        },
        output,
    )?)
}
