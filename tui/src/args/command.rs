//! What each command takes.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::ListenArgs;

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the collector alone
    Serve(ServeArgs),
    /// Read files of traces and logs into the collector
    ///
    /// Takes OTLP as JSON or protobuf, Jaeger JSON and Zipkin v2 JSON, plain or compressed with
    /// gzip or zstd; the content tells which. What was imported before is not stored again, and
    /// imported data is kept whatever its age.
    Import(ImportArgs),
    /// Find traces
    Search(SearchArgs),
    /// Find log records
    Logs(LogsArgs),
    /// Show what comes in, as it comes
    ///
    /// What matches and comes faster than the rate is counted and told. Ends at Ctrl-C.
    Tail(TailArgs),
    /// Show one trace as a tree with its log records
    Show(ShowArgs),
    /// Walk one trace: everything that happened, causes before effects
    Walk(WalkArgs),
    /// Tell what one request waited for, section by section
    CriticalPath(CriticalPathArgs),
    /// Find shapes in one trace that cost time or hide trouble, each with its cure
    Patterns(PatternsArgs),
    /// Tell what a trace does differently from another
    Diff(DiffArgs),
    /// List the services seen
    Services(ServicesArgs),
    /// What the collector holds and has received
    Status(StatusArgs),
    /// Check or explain a query without asking anything
    Query(QueryArgs),
    /// Run the demo system and open the interface on it
    Demo(DemoArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
}

/// Of `serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Where to listen.
    #[command(flatten)]
    pub listen: ListenArgs,
    /// Print one line of JSON with the bound addresses when ready
    #[arg(long)]
    pub json: bool,
}

/// Of `import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// Files to read
    #[arg(required = true, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
    /// Report as JSON
    #[arg(long)]
    pub json: bool,
}

/// The time and the number of what is asked for.
#[derive(Debug, Clone, Default, Args)]
pub struct RangeArgs {
    /// Only what is younger than this, such as 15m, or than a moment
    #[arg(long, value_name = "TIME", conflicts_with = "from")]
    pub since: Option<String>,
    /// Only what is not before this moment, such as 2026-01-31T12:00:00Z or now-1h
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// Only what is before this moment; a date includes its day
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
    /// How many to show at most
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: Option<u64>,
}

/// Of `search`.
#[derive(Debug, Args)]
pub struct SearchArgs {
    /// What to find; everything where nothing is said
    #[arg(value_name = "QUERY")]
    pub query: Vec<String>,
    /// When and how many.
    #[command(flatten)]
    pub range: RangeArgs,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Of `logs`.
#[derive(Debug, Args)]
pub struct LogsArgs {
    /// What to find; everything where nothing is said
    #[arg(value_name = "QUERY")]
    pub query: Vec<String>,
    /// Only records of this trace
    #[arg(long, value_name = "TRACE")]
    pub trace: Option<String>,
    /// When and how many.
    #[command(flatten)]
    pub range: RangeArgs,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Of `tail`.
#[derive(Debug, Args)]
pub struct TailArgs {
    /// What to show; everything where nothing is said
    #[arg(value_name = "QUERY")]
    pub query: Vec<String>,
    /// Only spans, or only log records
    #[arg(long, value_enum, value_name = "WHAT")]
    pub what: Option<TailWhat>,
    /// How many a second at most [default: 50]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub rate: Option<u32>,
    /// End after so many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: Option<u64>,
    /// Print one line of JSON for each
    #[arg(long)]
    pub json: bool,
}

/// What a tail shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum TailWhat {
    /// Spans
    Spans,
    /// Log records
    Logs,
}

impl TailWhat {
    /// The word that the API knows.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Spans => "spans",
            Self::Logs => "logs",
        }
    }
}

/// Of `show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The trace: its id, a traceparent, or any text with a trace id in it
    #[arg(required = true, value_name = "TRACE")]
    pub trace: Vec<String>,
    /// Print the trace as an OTLP/JSON document
    #[arg(long)]
    pub json: bool,
}

/// Of `walk`.
#[derive(Debug, Args)]
pub struct WalkArgs {
    /// The trace: its id, a traceparent, or any text with a trace id in it
    #[arg(required = true, value_name = "TRACE")]
    pub trace: Vec<String>,
    /// Print plain text, as is done where standard output is no terminal
    #[arg(long)]
    pub plain: bool,
    /// Print the events as JSON
    #[arg(long, conflicts_with = "plain")]
    pub json: bool,
}

/// Of `critical-path`.
#[derive(Debug, Args)]
pub struct CriticalPathArgs {
    /// The trace: its id, a traceparent, or any text with a trace id in it
    #[arg(required = true, value_name = "TRACE")]
    pub trace: Vec<String>,
    /// Print the sections as JSON
    #[arg(long)]
    pub json: bool,
}

/// Of `patterns`.
#[derive(Debug, Args)]
pub struct PatternsArgs {
    /// The trace: its id, a traceparent, or any text with a trace id in it
    #[arg(required = true, value_name = "TRACE")]
    pub trace: Vec<String>,
    /// Print what was found as JSON
    #[arg(long)]
    pub json: bool,
}

/// Of `diff`.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The trace to compare with: its id or a traceparent
    pub before: String,
    /// The trace to explain: its id or a traceparent
    pub after: String,
    /// Print the comparison as JSON
    #[arg(long)]
    pub json: bool,
}

/// Of `services`.
#[derive(Debug, Args)]
pub struct ServicesArgs {
    /// List the operations of this service, the most frequent first
    #[arg(long, value_name = "SERVICE")]
    pub operations: Option<String>,
    /// How many to show at most
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: Option<u64>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Of `status`.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Of `query`.
#[derive(Debug, Args)]
pub struct QueryArgs {
    /// What to do with it.
    #[command(subcommand)]
    pub command: QueryCommand,
}

/// What can be done with a query.
#[derive(Debug, Subcommand)]
pub enum QueryCommand {
    /// Print the query in its canonical form, or what is wrong with it and where
    Check(QueryTextArgs),
    /// Tell what the query asks of the index
    Explain(QueryTextArgs),
}

/// Of `query check` and `query explain`.
#[derive(Debug, Args)]
pub struct QueryTextArgs {
    /// The query
    #[arg(required = true, value_name = "QUERY")]
    pub text: Vec<String>,
}

/// Of `demo`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = false)]
pub struct DemoArgs {
    /// Requests per second
    #[arg(long, value_name = "N", default_value_t = 3.0)]
    pub rate: f64,
    /// Seed of the load: the same seed gives the same requests
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Print the addresses and run until told to end
    #[arg(long)]
    pub no_ui: bool,
    /// Where to listen.
    #[command(flatten)]
    pub listen: ListenArgs,
    /// What the demo starts for itself.
    #[command(subcommand)]
    pub command: Option<DemoCommand>,
}

/// What the demo starts for itself.
#[derive(Debug, Subcommand)]
pub enum DemoCommand {
    /// Run one service of the demo
    #[command(hide = true)]
    Service(ServiceArgs),
}

/// Of `demo service`; its data directory is that of [`GlobalArgs`].
#[derive(Debug, Args)]
pub struct ServiceArgs {
    /// The service
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Where it listens
    #[arg(long, value_name = "ADDR")]
    pub listen: std::net::SocketAddr,
    /// A service that it calls
    #[arg(long = "peer", value_name = "NAME=URL", value_parser = peer)]
    pub peers: Vec<(String, String)>,
}

/// Of `completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: clap_complete::Shell,
}

fn peer(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, url)) if !name.is_empty() && !url.is_empty() => {
            Ok((name.to_owned(), url.to_owned()))
        }
        _ => Err("write it as NAME=URL".to_owned()),
    }
}
