//! `spanwalk serve`: the collector alone.

use super::signals::Signals;
use super::{CommandError, log_filter, log_to_file, threaded_runtime};
use crate::args::ServeArgs;
use crate::local::{self, Inside, Listeners, LocalError};
use crate::output::problem::error;
use crate::output::{Exit, Line, Output, log, ready};
use crate::settings::Settings;

/// Runs until it is told to end. A second signal ends it at once.
pub(super) fn run(
    args: &ServeArgs,
    settings: &Settings,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let runtime = threaded_runtime()?;
    if settings.log_file.is_some() {
        log_to_file(settings)?;
    } else {
        log::to_stderr(log_filter(settings), output.is_error_coloured());
    }
    runtime.block_on(serve(args, settings, output))
}

async fn serve(
    args: &ServeArgs,
    settings: &Settings,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    // Before anyone can be told that it runs, so that no signal is missed.
    let mut signals = Signals::listen()?;
    let data_dir = local::data_dir(settings)?;
    let inside = tokio::select! {
        started = Inside::start(settings, &data_dir, Listeners::of(settings)) => {
            started.map_err(start_error)?
        }
        // Told to end before it could begin: what the directory holds stays as it is.
        () = signals.next() => return Ok(Exit::Done),
    };
    let told = tell(args, &inside, output);
    let is_whole = told.is_ok() && inside.problems().is_empty();
    if told.is_ok() {
        signals.next().await;
        output.remarks([Line::of("ending; once more to end at once")])?;
    }
    signals.end_at_the_next();
    inside.stop().await?;
    told?;
    Ok(if is_whole { Exit::Done } else { Exit::NotAll })
}

/// A directory that another process has is no missing collector here, but a wrong wish.
fn start_error(error: LocalError) -> LocalError {
    match error {
        LocalError::Held { reason } => LocalError::Start {
            reason: format!(
                "{reason}; end that process, or name another directory with --data-dir"
            ),
        },
        other => other,
    }
}

fn tell(args: &ServeArgs, inside: &Inside, output: &mut Output) -> Result<(), CommandError> {
    let look = output.look().clone();
    output.remarks(ready::lines(inside.ready(), &look))?;
    let problems = inside.problems();
    output.errors(problems.iter().map(|problem| error(problem, &look)))?;
    if args.json {
        output.json(inside.ready())?;
    }
    Ok(())
}
