//! `spanwalk`: the terminal interface.

use clap::error::ErrorKind;

use super::{CommandError, log_to_file, threaded_runtime, trace};
use crate::app::{self, Options, Place};
use crate::args::{CommandLine, UiArgs};
use crate::connection::Connection;
use crate::env::nearest;
use crate::local::{Listeners, LocalError};
use crate::output::{Exit, Output};
use crate::settings::Settings;

/// Opens the interface where the arguments say.
pub(super) fn run(
    args: &UiArgs,
    settings: &Settings,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    open(start(args)?, settings, output)
}

/// Opens the interface at a place.
pub(super) fn open(
    place: Place,
    settings: &Settings,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    if !output.is_terminal() {
        return Err(app::UiError::NoTerminal.into());
    }
    let runtime = threaded_runtime()?;
    log_to_file(settings)?;
    runtime.block_on(async {
        let listeners = Listeners::of(settings).with_some_api();
        let connection = Connection::open(settings, listeners).await?;
        if connection.ready().is_none() {
            // Told here, and not by an empty screen, where no collector answers.
            connection
                .client()
                .status()
                .await
                .map_err(LocalError::Client)?;
        }
        let options = options(&connection, settings, output);
        let outcome = app::run(connection.client().clone(), place, options).await;
        let closed = connection.close().await;
        outcome?;
        closed?;
        Ok(Exit::Done)
    })
}

/// How the interface looks, and what it says at its start: which listeners are missing.
pub(super) fn options(connection: &Connection, settings: &Settings, output: &Output) -> Options {
    Options {
        color: output.is_coloured(),
        ascii: settings.ascii,
        notice: connection.problems().join("; "),
    }
}

fn start(args: &UiArgs) -> Result<Place, CommandError> {
    if let Some(query) = &args.query {
        return Ok(Place::traces(query));
    }
    if let Some(place) = &args.place {
        let wrong = |error| CommandLine::wrong_use(ErrorKind::InvalidValue, error);
        return Ok(place.parse::<Place>().map_err(wrong)?);
    }
    if args.trace.is_empty() {
        return Ok(Place::traces(""));
    }
    trace::place(&args.trace).ok_or_else(|| unknown(&args.trace).into())
}

/// What is neither a command nor a trace.
fn unknown(words: &[String]) -> clap::Error {
    use clap::CommandFactory;
    let first = words.first().map_or("", String::as_str);
    let command = CommandLine::command();
    let known = command.get_subcommands().map(clap::Command::get_name);
    let hint = match nearest(first, known) {
        Some(meant) => format!("did you mean `spanwalk {meant}`?"),
        None => {
            "a trace is named by its 32 hex digits; `spanwalk --help` lists the commands".to_owned()
        }
    };
    let message = format!("`{first}` is neither a command nor a trace; {hint}");
    CommandLine::wrong_use(ErrorKind::InvalidSubcommand, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(args: &UiArgs) -> Result<String, String> {
        start(args)
            .map(|place| place.to_string())
            .map_err(|error| error.to_string())
    }

    fn named(word: &str) -> UiArgs {
        UiArgs {
            trace: vec![word.to_owned()],
            ..UiArgs::default()
        }
    }

    #[test]
    fn the_interface_opens_where_the_arguments_say() {
        assert_eq!(of(&UiArgs::default()), Ok("traces".to_owned()));
        let query = UiArgs {
            query: Some("status:error".to_owned()),
            ..UiArgs::default()
        };
        assert_eq!(of(&query), Ok("traces?q=status%3Aerror".to_owned()));
        let place = UiArgs {
            place: Some("logs?q=x".to_owned()),
            ..UiArgs::default()
        };
        assert_eq!(of(&place), Ok("logs?q=x".to_owned()));
        let id = "4bf92f3577b34da6a3ce929d0e0e4736";
        assert_eq!(of(&named(id)), Ok(format!("trace/{id}")));
    }

    #[test]
    fn a_slip_in_a_command_is_answered_with_the_command() {
        let error = of(&named("serch")).unwrap_err();
        assert!(error.contains("did you mean `spanwalk search`?"), "{error}");
        let error = of(&named("4bf92f")).unwrap_err();
        assert!(error.contains("32 hex digits"), "{error}");
    }
}
