//! `spanwalk services`: what has reported.

use spanwalk_api::{Completeness, CutReason};

use super::{CommandError, ask};
use crate::args::ServicesArgs;
use crate::output::{Exit, Output, services, shown};
use crate::settings::Settings;

/// Lists the services.
pub(super) fn run(
    args: &ServicesArgs,
    settings: &Settings,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let mut found = ask(settings, async |client| client.services().await)?;
    let known = found.services.len();
    let limit = args.limit.and_then(|limit| usize::try_from(limit).ok());
    found.services.truncate(limit.unwrap_or(usize::MAX));
    if found.services.len() < known {
        found.completeness = Completeness {
            matched: found.completeness.matched.max(known as u64),
            returned: found.services.len() as u64,
            cut: Some(CutReason::Limit),
            ..found.completeness
        };
    }
    if args.json {
        output.json(&found)?;
    } else {
        let look = output.look().clone();
        output.lines(services::lines(&found.services, &look))?;
        let shown_count = found.services.len() as u64;
        output.remarks(shown::lines(
            shown::Listed {
                noun: "service",
                is_asked: false,
            },
            shown_count,
            &found.completeness,
            &[],
            &look,
        ))?;
    }
    Ok(Exit::of_found(!found.services.is_empty()))
}
