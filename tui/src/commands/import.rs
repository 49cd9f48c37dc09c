//! `spanwalk import`: files into the collector.

use super::{CommandError, log_to_file, runtime};
use crate::args::ImportArgs;
use crate::connection::Connection;
use crate::import::{ClientSink, ImportReport, ProgressDisplay, import_files};
use crate::local::Listeners;
use crate::output::import::{ImportJson, lines};
use crate::output::{Exit, Output};
use crate::settings::Settings;

/// Imports the files and tells what became of each.
pub(super) fn run(
    args: &ImportArgs,
    settings: &Settings,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let runtime = runtime(settings)?;
    log_to_file(settings)?;
    let report = runtime.block_on(import(args, settings, output.is_quiet()))?;
    if args.json {
        output.json(&ImportJson::from(&report))?;
    } else {
        let look = output.look().clone();
        output.lines(lines(&report, &look))?;
    }
    Ok(if report.is_complete() {
        Exit::Done
    } else {
        Exit::NotAll
    })
}

async fn import(
    args: &ImportArgs,
    settings: &Settings,
    is_quiet: bool,
) -> Result<ImportReport, CommandError> {
    let connection = Connection::open(settings, Listeners::inside()).await?;
    let progress = (!is_quiet).then(ProgressDisplay::new);
    let sink = ClientSink::new(connection.client());
    let report = import_files(&args.files, &sink, |state| {
        if let Some(progress) = &progress {
            progress.show(state);
        }
    })
    .await;
    if let Some(progress) = &progress {
        progress.finish();
    }
    let closed = connection.close().await;
    let report = report?;
    closed?;
    Ok(report)
}
