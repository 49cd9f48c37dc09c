//! The command line as typed; `settings` checks what it says.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::styling::{AnsiColor, Styles};
use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand};

use crate::env::{self, Setting};
use crate::settings::ColorWish;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

const EXIT_CODES: &str = "Exit codes: 0 found or done, 1 nothing found or not all done, 2 wrong \
                          use, 3 no collector, 4 something failed.";

const EXAMPLES: &str = "\
Examples:
  spanwalk                                     look at what services here send
  spanwalk import traces.json.gz               read files of traces and logs
  spanwalk search 'status:error service:cart'  find traces, in plain text
  spanwalk walk 4bf92f3577b34da6a3ce929d0e0e4736
  spanwalk demo                                a small system with troubles, to try it";

/// The debugger for distributed requests.
///
/// Without a command it opens the terminal interface. It asks the collector that runs here, or
/// starts one inside: services that export OTLP to its default endpoint appear by themselves.
#[derive(Debug, Parser)]
#[command(
    name = "spanwalk",
    version,
    styles = STYLES,
    max_term_width = 100,
    after_help = EXAMPLES,
    after_long_help = long_help(),
    subcommand_help_heading = "Commands"
)]
pub struct CommandLine {
    /// Flags that every command takes.
    #[command(flatten)]
    pub global: GlobalArgs,
    /// What the terminal interface takes.
    #[command(flatten)]
    pub ui: UiArgs,
    /// Where a collector listens.
    #[command(flatten)]
    pub listen: ListenArgs,
    /// The command; the terminal interface where there is none.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Flags that every command takes.
#[derive(Debug, Clone, Default, Args)]
pub struct GlobalArgs {
    /// Directory that the collector keeps its data in
    #[arg(long, global = true, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub data_dir: Option<PathBuf>,
    /// Which collector to ask.
    #[arg(
        long,
        global = true,
        value_name = "URL",
        value_hint = clap::ValueHint::Url,
        help = "Ask the collector at this URL, such as http://127.0.0.1:4320"
    )]
    pub collector: Option<String>,
    /// The configuration file.
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        value_hint = clap::ValueHint::FilePath,
        help = "Configuration file [default: $XDG_CONFIG_HOME/spanwalk/config.toml]"
    )]
    pub config: Option<PathBuf>,
    /// Colours
    #[arg(long, global = true, value_name = "WHEN", value_parser = ["auto", "always", "never"])]
    pub color: Option<String>,
    /// Draw lines, bars and marks in ASCII
    #[arg(long, global = true)]
    pub ascii: bool,
    /// Say nothing but results and errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

/// What the terminal interface takes.
#[derive(Debug, Clone, Default, Args)]
pub struct UiArgs {
    /// Trace to open: its id, a traceparent, or any text with a trace id in it
    #[arg(value_name = "TRACE")]
    pub trace: Vec<String>,
    /// Open the trace list with this query
    #[arg(long, value_name = "QUERY", conflicts_with_all = ["trace", "place"])]
    pub query: Option<String>,
    /// Open this place, such as `logs?q=timeout`, as the interface writes it
    #[arg(long, value_name = "PLACE", conflicts_with = "trace")]
    pub place: Option<String>,
}

/// Where a collector listens. Each is an address, with port 0 for a free one, or `off`.
#[derive(Debug, Clone, Default, Args)]
pub struct ListenArgs {
    /// Address that takes OTLP over gRPC [default: 127.0.0.1:4317]
    #[arg(long, value_name = "ADDR")]
    pub otlp_grpc: Option<String>,
    /// Address that takes OTLP over HTTP [default: 127.0.0.1:4318]
    #[arg(long, value_name = "ADDR")]
    pub otlp_http: Option<String>,
    /// Address of the query API [default: 127.0.0.1:4320]
    #[arg(long, value_name = "ADDR")]
    pub api: Option<String>,
}

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
    /// Show one trace as a tree with its log records
    Show(ShowArgs),
    /// Walk one trace: everything that happened, causes before effects
    Walk(WalkArgs),
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

/// Of `services`.
#[derive(Debug, Args)]
pub struct ServicesArgs {
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

impl CommandLine {
    /// Reads the arguments, the program's name among them.
    ///
    /// # Errors
    /// What is wrong with them, or the help that was asked for.
    pub fn read(arguments: &[OsString]) -> Result<Self, clap::Error> {
        let read = Self::try_parse_from(arguments)?;
        read.refuse_misplaced()?;
        Ok(read)
    }

    /// The settings that flags give, as typed.
    pub fn settings(&self) -> Vec<(Setting, OsString)> {
        let global = &self.global;
        let own = match &self.command {
            Some(Command::Serve(serve)) => serve.listen.clone(),
            Some(Command::Demo(demo)) => demo.listen.clone(),
            _ => ListenArgs::default(),
        };
        let text = |value: &Option<String>| value.clone().map(OsString::from);
        let flag = |is_set: bool| is_set.then(|| OsString::from("true"));
        let listen = |own: &Option<String>, top: &Option<String>| text(own).or_else(|| text(top));
        let top = &self.listen;
        [
            (env::DATA_DIR, global.data_dir.clone().map(OsString::from)),
            (env::COLLECTOR, text(&global.collector)),
            (env::OTLP_GRPC, listen(&own.otlp_grpc, &top.otlp_grpc)),
            (env::OTLP_HTTP, listen(&own.otlp_http, &top.otlp_http)),
            (env::API, listen(&own.api, &top.api)),
            (env::COLOR, text(&global.color)),
            (env::ASCII, flag(global.ascii)),
            (env::QUIET, flag(global.quiet)),
        ]
        .into_iter()
        .filter_map(|(setting, value)| Some((setting, value?)))
        .collect()
    }

    /// An error of the use of this program, as the parser of arguments tells them.
    pub fn wrong_use(kind: ErrorKind, message: impl std::fmt::Display) -> clap::Error {
        Self::command().error(kind, message)
    }

    /// Flags of the interface before a command would be passed over in silence.
    fn refuse_misplaced(&self) -> Result<(), clap::Error> {
        let Some(command) = &self.command else {
            return Ok(());
        };
        let listens = matches!(command, Command::Serve(_) | Command::Demo(_));
        let listen = &self.listen;
        let misplaced = [
            ("--query", self.ui.query.is_some()),
            ("--place", self.ui.place.is_some()),
            ("--otlp-grpc", listen.otlp_grpc.is_some() && !listens),
            ("--otlp-http", listen.otlp_http.is_some() && !listens),
            ("--api", listen.api.is_some() && !listens),
        ];
        match misplaced.iter().find(|(_, is_given)| *is_given) {
            None => Ok(()),
            Some((flag, _)) => Err(Self::wrong_use(
                ErrorKind::ArgumentConflict,
                format!("{flag} means nothing to this command"),
            )),
        }
    }
}

/// What `--color` says, read before anything else so that help and errors of the other
/// arguments heed it too.
pub fn color_wish(arguments: &[OsString]) -> ColorWish {
    let mut rest = arguments.iter().filter_map(|argument| argument.to_str());
    let mut wish = ColorWish::Auto;
    while let Some(argument) = rest.next() {
        let value = match argument.strip_prefix("--color=") {
            Some(value) => Some(value),
            None if argument == "--color" => rest.next(),
            None if argument == "--" => break,
            None => continue,
        };
        wish = match value {
            Some("always") => ColorWish::Always,
            Some("never") => ColorWish::Never,
            _ => wish,
        };
    }
    wish
}

/// The settings with their variables, keys and defaults, and the exit codes.
fn long_help() -> String {
    use std::fmt::Write as _;
    let mut text =
        format!("{EXAMPLES}\n\nSettings, by variable and key of the configuration file:\n");
    for setting in env::SETTINGS {
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "  {}, {}\n          {} [default: {}]",
            setting.variable, setting.key, setting.help, setting.default
        );
    }
    let _ = write!(
        text,
        "  {}\n          the configuration file, as --config\n\nFlags win over variables, \
         variables over the file.\n\n{EXIT_CODES}",
        env::CONFIG_VARIABLE
    );
    text
}
