//! `spanwalk services`: what has reported.

use spanwalk_api::{Completeness, CutReason, OperationsParams};

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
    if let Some(service) = &args.operations {
        return operations(service, args, settings, output);
    }
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

/// Operations shown where nothing else is said, and at most.
const OPERATIONS_DEFAULT: u64 = 100;
const OPERATIONS_MAX: u64 = 10_000;

/// Lists the operations of a service.
fn operations(
    service: &str,
    args: &ServicesArgs,
    settings: &Settings,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let limit = args.limit.unwrap_or(OPERATIONS_DEFAULT).min(OPERATIONS_MAX);
    let params = OperationsParams {
        service: service.to_owned(),
        limit: u32::try_from(limit).ok(),
        ..OperationsParams::default()
    };
    let found = ask(settings, async |client| client.operations(&params).await)?;
    if args.json {
        output.json(&found)?;
    } else {
        let look = output.look().clone();
        output.lines(services::operation_lines(&found.operations, &look))?;
        output.remarks(shown::lines(
            shown::Listed {
                noun: "operation",
                is_asked: false,
            },
            found.operations.len() as u64,
            &found.completeness,
            &[],
            &look,
        ))?;
    }
    Ok(Exit::of_found(!found.operations.is_empty()))
}
