//! `spanwalk search`: traces that match.

use spanwalk_api::SearchParams;

use super::{CommandError, ask, paging, range};
use crate::args::SearchArgs;
use crate::output::{Exit, Output, shown, traces};
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
    if args.json {
        output.json(&found)?;
    } else {
        let look = output.look().clone();
        output.lines(traces::lines(&found.traces, &look))?;
        let shown_count = found.traces.len() as u64;
        output.remarks(shown::lines(
            shown::Listed {
                noun: "trace",
                is_asked: true,
            },
            shown_count,
            &found.completeness,
            &found.notes,
            &look,
        ))?;
    }
    Ok(Exit::of_found(!found.traces.is_empty()))
}
