//! `spanwalk logs`: log records that match.

use spanwalk_api::LogsParams;

use super::listing::{self, List};
use super::{CommandError, ask, paging, range, trace};
use crate::args::LogsArgs;
use crate::output::shown::Listed;
use crate::output::{Exit, Output, logs};
use crate::settings::Settings;

/// Records shown where nothing else is said.
const LIMIT_DEFAULT: u64 = 100;

/// Finds log records.
pub(super) fn run(
    args: &LogsArgs,
    settings: &Settings,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let now_ns = output.look().now_ns;
    let (text, _) = range::query(&args.query, now_ns)?;
    let (from_ns, to_ns) = range::bounds(range::range(&args.range, now_ns)?);
    let asked = match &args.trace {
        None => text.clone(),
        Some(named) => {
            let (id, _) = trace::named(std::slice::from_ref(named))?;
            of_trace(&text, &id.to_hex())
        }
    };
    let params = LogsParams {
        q: asked.clone(),
        from_ns,
        to_ns,
        ..LogsParams::default()
    };
    let limit = args.range.limit.unwrap_or(LIMIT_DEFAULT);
    let found = ask(settings, async |client| {
        paging::logs(client, &params, limit).await
    })
    .map_err(|error| CommandError::of_query(error, &asked))?;
    Ok(listing::print(
        &found,
        args.json,
        |look| logs::lines(&found.logs, look),
        &List {
            listed: Listed {
                noun: "log record",
                is_asked: true,
            },
            count: found.logs.len(),
            completeness: &found.completeness,
            notes: &found.notes,
        },
        output,
    )?)
}

/// The query, narrowed to one trace.
fn of_trace(text: &str, id: &str) -> String {
    if text.trim().is_empty() {
        format!("trace:{id}")
    } else {
        format!("({text}) trace:{id}")
    }
}
