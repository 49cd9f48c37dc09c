//! `spanwalk services`: what has reported.

use spanwalk_api::{Completeness, CutReason, OperationsParams};

use super::listing::{self, List};
use super::{CommandError, ask};
use crate::args::ServicesArgs;
use crate::output::shown::Listed;
use crate::output::{Exit, Output, services};
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
    Ok(listing::print(
        &found,
        args.json,
        |look| services::lines(&found.services, look),
        &List {
            listed: Listed {
                noun: "service",
                is_asked: false,
            },
            count: found.services.len(),
            completeness: &found.completeness,
            notes: &[],
        },
        output,
    )?)
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
    Ok(listing::print(
        &found,
        args.json,
        |look| services::operation_lines(&found.operations, look),
        &List {
            listed: Listed {
                noun: "operation",
                is_asked: false,
            },
            count: found.operations.len(),
            completeness: &found.completeness,
            notes: &[],
        },
        output,
    )?)
}
