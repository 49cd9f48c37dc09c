//! `spanwalk demo`: a small system with troubles, and the interface on it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::error::ErrorKind;
use spanwalk_demo::{ServiceOptions, System, SystemOptions};
use tokio::time::{Instant, timeout_at};

use super::signals::Signals;
use super::{CommandError, log_to_file, threaded_runtime, ui};
use crate::app::{self, Place};
use crate::args::{CommandLine, DemoArgs, ServiceArgs};
use crate::connection::Connection;
use crate::local::Listeners;
use crate::output::demo::{self, Addresses};
use crate::output::problem::warning;
use crate::output::{Exit, Line, Output};
use crate::settings::{Given, Origin, Settings};

/// Where the services keep their data, within that of the demo.
const SERVICES_FOLDER: &str = "demo-services";
/// How long services may take to end.
const SERVICES_STOP_MAX: Duration = Duration::from_secs(4);
/// How long everything may take to end.
const STOP_MAX: Duration = Duration::from_secs(5);

/// Runs one service of the demo until it is told to end.
pub(super) fn service(args: &ServiceArgs, data_dir: Option<&Path>) -> Result<Exit, CommandError> {
    let Some(data_dir) = data_dir else {
        let message = "a service of the demo needs --data-dir DIR";
        return Err(CommandLine::wrong_use(ErrorKind::MissingRequiredArgument, message).into());
    };
    spanwalk_demo::run_service(ServiceOptions {
        name: args.name.clone(),
        listen: args.listen,
        data_dir: data_dir.to_owned(),
        peers: args.peers.clone(),
    })?;
    Ok(Exit::Done)
}

/// Runs the demo until it is left.
pub(super) fn run(
    args: &DemoArgs,
    settings: &Settings,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    if !args.no_ui && !output.is_terminal() {
        return Err(app::UiError::NoTerminal.into());
    }
    if !(args.rate.is_finite() && args.rate > 0.0) {
        let message = format!("--rate: {} is no number of requests per second", args.rate);
        return Err(CommandLine::wrong_use(ErrorKind::InvalidValue, message).into());
    }
    let runtime = threaded_runtime()?;
    log_to_file(settings)?;
    let outcome = runtime.block_on(demo(args, settings, output));
    // What has not ended in its time is not waited for.
    runtime.shutdown_background();
    outcome
}

async fn demo(
    args: &DemoArgs,
    settings: &Settings,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let mut signals = Signals::listen()?;
    let data_dir = demo_dir(settings)?;
    let connection = collector(settings, &data_dir).await?;
    output.remarks([Line::of("starting the demo: its services, then its load")])?;
    let system = tokio::select! {
        started = start(args, &connection, data_dir.join(SERVICES_FOLDER)) => started,
        () = signals.next() => {
            stop(None, connection, output).await?;
            return Ok(Exit::NotAll);
        }
    };
    let system = match system {
        Ok(system) => system,
        Err(error) => {
            stop(None, connection, output).await?;
            return Err(error);
        }
    };
    let outcome = if args.no_ui {
        let told = tell(&system, &connection, &data_dir, output);
        if told.is_ok() {
            signals.next().await;
        }
        told
    } else {
        // The interface hears the signals itself; what it heard must not count again.
        drop(signals);
        let options = ui::options(&connection, settings, output);
        let client = connection.client().clone();
        let outcome = app::run(client, Place::traces(""), options).await;
        signals = Signals::listen()?;
        outcome.map_err(CommandError::from)
    };
    signals.end_at_the_next();
    let summary = system.summary();
    stop(Some(system), connection, output).await?;
    outcome?;
    output.remarks(summary.lines().map(Line::of))?;
    Ok(Exit::Done)
}

/// Where the demo keeps what it needs; it stays there for the next time.
fn demo_dir(settings: &Settings) -> Result<PathBuf, CommandError> {
    let named = settings.data_dir.as_ref().map(|dir| dir.value.clone());
    named
        .or_else(|| settings.demo_dir.clone())
        .ok_or(CommandError::NoDemoDir)
}

/// The collector that runs, else one inside; on free ports where the usual ones are taken.
async fn collector(settings: &Settings, data_dir: &Path) -> Result<Connection, CommandError> {
    if let Some(running) = Connection::of_running(settings).await? {
        return Ok(running);
    }
    let own = Settings {
        data_dir: Some(Given {
            value: data_dir.to_owned(),
            origin: Origin::Flag("--data-dir"),
        }),
        collector: None,
        ..settings.clone()
    };
    let listeners = Listeners::of(settings).with_free_ports();
    Ok(Connection::open(&own, listeners).await?)
}

async fn start(
    args: &DemoArgs,
    connection: &Connection,
    data_dir: PathBuf,
) -> Result<System, CommandError> {
    let Some(otlp_endpoint) = connection.otlp_grpc_url().await? else {
        return Err(CommandError::NoReceiver {
            url: connection.client().base_url().to_owned(),
        });
    };
    Ok(System::start(SystemOptions {
        executable: std::env::current_exe().map_err(CommandError::Executable)?,
        otlp_endpoint,
        data_dir,
        rate_per_s: args.rate,
        seed: args.seed,
    })
    .await?)
}

fn tell(
    system: &System,
    connection: &Connection,
    data_dir: &Path,
    output: &mut Output,
) -> Result<(), CommandError> {
    let addresses = Addresses {
        gateway: system.gateway_url(),
        api: connection.client().base_url(),
        data_dir: &data_dir.display().to_string(),
    };
    let look = output.look().clone();
    output.lines(demo::lines(&addresses, &look))?;
    output.finish()?;
    Ok(())
}

/// Ends everything, in bounded time.
async fn stop(
    system: Option<System>,
    connection: Connection,
    output: &mut Output,
) -> Result<(), CommandError> {
    let began = Instant::now();
    let mut is_late = false;
    if let Some(system) = system {
        is_late = timeout_at(began + SERVICES_STOP_MAX, system.stop())
            .await
            .is_err();
    }
    match timeout_at(began + STOP_MAX, connection.close()).await {
        Ok(closed) => closed?,
        Err(_) => is_late = true,
    }
    if is_late {
        let line = warning(
            "not everything of the demo ended in its time",
            output.look(),
        );
        output.errors([line])?;
    }
    Ok(())
}
