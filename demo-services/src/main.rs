//! The demo system alone: one service as `demo service`, or all of them as `run`.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use spanwalk_demo::{DemoError, ServiceOptions, System, SystemOptions, run_service};

#[derive(Parser)]
#[command(about = "A small shop of real services with real troubles", version)]
enum Command {
    /// Parts of the demo system.
    #[command(subcommand)]
    Demo(Part),
    /// Starts the whole system without a collector.
    Run(Run),
}

#[derive(Subcommand)]
enum Part {
    /// Runs one service until stdin is closed.
    Service(Service),
}

#[derive(clap::Args)]
struct Service {
    /// Which service.
    name: String,
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Where its database lies.
    #[arg(long)]
    data_dir: PathBuf,
    /// A service that it calls.
    #[arg(long = "peer", value_name = "NAME=URL", value_parser = peer)]
    peers: Vec<(String, String)>,
}

#[derive(clap::Args)]
struct Run {
    /// Where to send telemetry (OTLP over gRPC).
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:4317")]
    otlp: String,
    /// Visitors per second in the mean.
    #[arg(long, default_value_t = 5.0)]
    rate: f64,
    /// How long to run; without it until Ctrl-C.
    #[arg(long)]
    seconds: Option<u64>,
    /// The same number sends the same visitors.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where services keep their data and logs.
    #[arg(long, default_value = "spanwalk-demo-data")]
    data_dir: PathBuf,
}

fn peer(text: &str) -> Result<(String, String), String> {
    let (name, url) = text.split_once('=').ok_or("expected NAME=URL")?;
    Ok((name.to_owned(), url.to_owned()))
}

fn main() -> ExitCode {
    let done = match Command::parse() {
        Command::Demo(Part::Service(service)) => run_service(ServiceOptions {
            name: service.name,
            listen: service.listen,
            data_dir: service.data_dir,
            peers: service.peers,
        }),
        Command::Run(run) => run_system(run),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to tell when stderr is gone too.
            let _told = writeln!(std::io::stderr(), "spanwalk-demo: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run_system(run: Run) -> Result<(), DemoError> {
    let executable = std::env::current_exe().map_err(DemoError::Runtime)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(DemoError::Runtime)?;
    runtime.block_on(async {
        let system = System::start(SystemOptions {
            executable,
            otlp_endpoint: run.otlp,
            data_dir: run.data_dir,
            rate_per_s: run.rate,
            seed: run.seed,
        })
        .await?;
        say(&system.summary());
        let end = async {
            match run.seconds {
                Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = end => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        say(&system.summary());
        system.stop().await;
        Ok(())
    })
}

fn say(text: &str) {
    // The system runs whether somebody listens or not.
    let _said = writeln!(std::io::stdout(), "{text}");
}
