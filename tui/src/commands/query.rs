//! `spanwalk query`: what a query means, without asking anything.

use super::{CommandError, range};
use crate::args::{QueryArgs, QueryCommand};
use crate::output::{Exit, Output, query};

/// Checks or explains a query.
pub(super) fn run(args: &QueryArgs, output: &mut Output) -> Result<Exit, CommandError> {
    let look = output.look().clone();
    let (QueryCommand::Check(typed) | QueryCommand::Explain(typed)) = &args.command;
    let (_, parsed) = range::query(&typed.text, look.now_ns)?;
    match args.command {
        QueryCommand::Check(_) => output.lines([query::canonical(&parsed)])?,
        QueryCommand::Explain(_) => output.lines(query::explained(&parsed, &look))?,
    }
    output.remarks(query::notes(&parsed, &look))?;
    Ok(Exit::Done)
}
