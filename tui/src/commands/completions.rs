//! `spanwalk completions`: a script for a shell.

use clap::CommandFactory;

use super::CommandError;
use crate::args::{CommandLine, CompletionsArgs};
use crate::output::{Exit, Output};

/// Prints the script.
pub(super) fn run(args: &CompletionsArgs, output: &mut Output) -> Result<Exit, CommandError> {
    let mut script = Vec::new();
    clap_complete::generate(
        args.shell,
        &mut CommandLine::command(),
        "spanwalk",
        &mut script,
    );
    output.script(&script)?;
    Ok(Exit::Done)
}
