//! The commands: each decides what is asked and what is told; `output` decides how it looks.
//!
//! One file each. Beside them: `error` says what can go wrong, `paging` fetches lists that are
//! longer than a page, `range` reads times, `trace` finds the trace that a text names, and
//! `signals` waits for the wish to end.

mod completions;
mod critical_path;
mod demo;
mod diff;
mod error;
mod import;
mod listing;
mod logs;
mod paging;
mod patterns;
mod query;
mod range;
mod search;
mod serve;
mod services;
mod show;
mod signals;
mod status;
mod tail;
#[cfg(test)]
mod tests;
mod trace;
mod ui;
mod walk;

use std::ffi::OsString;
use std::io;

use tokio::runtime::{Builder, Runtime};

use crate::args::{Command, CommandLine, DemoCommand, color_wish};
use crate::client::{Client, ClientError};
use crate::env::Environment;
use crate::output::problem::warning;
use crate::output::{Exit, Output, log};
use crate::settings::Settings;
use crate::{connection, local};

pub use error::CommandError;

/// Threads of a process that runs a collector inside: one for it, one for the rest.
const WORKERS: usize = 2;

/// Runs what the arguments ask for, and tells what goes wrong.
pub fn run(arguments: &[OsString], environment: &Environment, output: &mut Output) -> Exit {
    output.configure_colour(color_wish(arguments), environment);
    let outcome = perform(arguments, environment, output);
    let outcome = match (outcome, output.finish()) {
        (Ok(_), Err(error)) => Err(CommandError::Output(error)),
        (outcome, _) => outcome,
    };
    match outcome {
        Ok(exit) => exit,
        Err(error) => error.tell(output),
    }
}

fn perform(
    arguments: &[OsString],
    environment: &Environment,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let line = CommandLine::read(arguments)?;
    // Before anything else is started: the service brings its own runtime and telemetry.
    if let Some(Command::Demo(demo)) = &line.command
        && let Some(DemoCommand::Service(service)) = &demo.command
    {
        return demo::service(service, line.global.data_dir.as_deref());
    }
    let config = line.global.config.as_deref();
    let settings = Settings::check(&line.settings(), config, environment)?;
    output.configure(&settings, environment);
    for (name, meant) in environment.misspelt() {
        let text = format!("the variable {name} is not read; did you mean {meant}?");
        let line = warning(&text, output.look());
        output.remarks([line])?;
    }
    match line.command {
        None => ui::run(&line.ui, &settings, output),
        Some(command) => dispatch(command, &settings, output),
    }
}

fn dispatch(
    command: Command,
    settings: &Settings,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    match command {
        Command::Serve(args) => serve::run(&args, settings, output),
        Command::Import(args) => import::run(&args, settings, output),
        Command::Search(args) => search::run(&args, settings, output),
        Command::Logs(args) => logs::run(&args, settings, output),
        Command::Tail(args) => tail::run(&args, settings, output),
        Command::Show(args) => show::run(&args, settings, output),
        Command::Walk(args) => walk::run(&args, settings, output),
        Command::CriticalPath(args) => critical_path::run(&args, settings, output),
        Command::Patterns(args) => patterns::run(&args, settings, output),
        Command::Diff(args) => diff::run(&args, settings, output),
        Command::Services(args) => services::run(&args, settings, output),
        Command::Status(args) => status::run(&args, settings, output),
        Command::Query(args) => query::run(&args, output),
        Command::Demo(args) => demo::run(&args, settings, output),
        Command::Completions(args) => completions::run(&args, output),
    }
}

/// A runtime for what runs a collector inside, or may have to.
fn threaded_runtime() -> Result<Runtime, CommandError> {
    Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .enable_all()
        .build()
        .map_err(CommandError::Runtime)
}

/// A runtime that has threads only where a collector may have to run inside.
fn runtime(settings: &Settings) -> Result<Runtime, CommandError> {
    if connection::may_run_inside(settings) {
        return threaded_runtime();
    }
    Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(CommandError::Runtime)
}

/// Asks one thing of the collector that runs, or of one inside.
fn ask<T>(
    settings: &Settings,
    question: impl AsyncFn(&Client) -> Result<T, ClientError>,
) -> Result<T, CommandError> {
    let runtime = runtime(settings)?;
    log_to_file(settings)?;
    Ok(runtime.block_on(connection::ask(settings, question))?)
}

/// Lets a collector inside write about itself to the file that the settings name, if any.
fn log_to_file(settings: &Settings) -> Result<(), CommandError> {
    let Some(path) = &settings.log_file else {
        return Ok(());
    };
    log::to_file(log_filter(settings), path).map_err(|source| CommandError::LogFile {
        path: path.clone(),
        source,
    })
}

/// What the collector writes about itself; the settings have checked the filter.
fn log_filter(settings: &Settings) -> tracing_subscriber::EnvFilter {
    let filter = settings.log.as_deref().unwrap_or(local::LOG_DEFAULT);
    tracing_subscriber::EnvFilter::new(filter)
}

/// Whether a write failed because nobody reads any more, as `| head` does.
fn is_broken_pipe(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::BrokenPipe
}
