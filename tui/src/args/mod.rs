//! The command line as typed; `settings` checks what it says.
//!
//! - `command`: what each command takes.
//! - `negated`: words of a query that begin with a dash.
//! - `help`: what help says beside the flags.

mod command;
mod help;
mod negated;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser};

use crate::env::{self, Setting};
use crate::settings::ColorWish;

pub use command::{
    Command, CompletionsArgs, CriticalPathArgs, DemoArgs, DemoCommand, DiffArgs, ImportArgs,
    LogsArgs, PatternsArgs, QueryArgs, QueryCommand, QueryTextArgs, RangeArgs, SearchArgs,
    ServeArgs, ServiceArgs, ServicesArgs, ShowArgs, StatusArgs, TailArgs, TailWhat, WalkArgs,
};
use negated::{guarded, unguard};

/// The debugger for distributed requests.
///
/// Without a command it opens the terminal interface. It asks the collector that runs here, or
/// starts one inside: services that export OTLP to its default endpoint appear by themselves.
#[derive(Debug, Parser)]
#[command(
    name = "spanwalk",
    version,
    styles = help::STYLES,
    max_term_width = 100,
    after_help = help::EXAMPLES,
    after_long_help = help::long_help(),
    subcommand_help_heading = "Commands"
)]
pub struct CommandLine {
    /// What the terminal interface takes.
    #[command(flatten)]
    pub ui: UiArgs,
    /// Where a collector listens.
    #[command(flatten)]
    pub listen: ListenArgs,
    /// Flags that every command takes.
    #[command(flatten)]
    pub global: GlobalArgs,
    /// The command; the terminal interface where there is none.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Flags that every command takes.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct GlobalArgs {
    /// Directory that the collector keeps its data in
    #[arg(long, global = true, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub data_dir: Option<PathBuf>,
    /// File with the token to show to the collector
    #[arg(long, global = true, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub token_file: Option<PathBuf>,
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
    /// Address that takes Zipkin's spans [default: 127.0.0.1:9411]
    #[arg(long, value_name = "ADDR")]
    pub zipkin: Option<String>,
    /// Address of the query API [default: 127.0.0.1:4320]
    #[arg(long, value_name = "ADDR")]
    pub api: Option<String>,
    /// Let these be where other machines reach them, although nothing is encrypted
    #[arg(long)]
    pub insecure: bool,
    /// File of the tokens that are let in
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub tokens: Option<PathBuf>,
}

impl CommandLine {
    /// Reads the arguments, the program's name among them.
    ///
    /// # Errors
    /// What is wrong with them, or the help that was asked for.
    pub fn read(arguments: &[OsString]) -> Result<Self, clap::Error> {
        let mut read = Self::try_parse_from(guarded(arguments))?;
        read.query_words().iter_mut().for_each(unguard);
        read.refuse_misplaced()?;
        Ok(read)
    }

    /// The words of a query, where the command has one.
    fn query_words(&mut self) -> &mut [String] {
        match &mut self.command {
            Some(Command::Search(search)) => &mut search.query,
            Some(Command::Logs(logs)) => &mut logs.query,
            Some(Command::Query(query)) => match &mut query.command {
                QueryCommand::Check(typed) | QueryCommand::Explain(typed) => &mut typed.text,
            },
            _ => &mut [],
        }
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
        let path = |value: &Option<PathBuf>| value.clone().map(OsString::from);
        let flag = |is_set: bool| is_set.then(|| OsString::from("true"));
        let listen = |own: &Option<String>, top: &Option<String>| text(own).or_else(|| text(top));
        let top = &self.listen;
        [
            (env::DATA_DIR, global.data_dir.clone().map(OsString::from)),
            (env::COLLECTOR, text(&global.collector)),
            (env::OTLP_GRPC, listen(&own.otlp_grpc, &top.otlp_grpc)),
            (env::OTLP_HTTP, listen(&own.otlp_http, &top.otlp_http)),
            (env::ZIPKIN, listen(&own.zipkin, &top.zipkin)),
            (env::API, listen(&own.api, &top.api)),
            (env::INSECURE, flag(own.insecure || top.insecure)),
            (env::TOKENS, path(&own.tokens).or_else(|| path(&top.tokens))),
            (env::TOKEN_FILE, path(&global.token_file)),
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
        let serves = matches!(command, Command::Serve(_));
        let listen = &self.listen;
        let misplaced = [
            ("--collector", self.global.collector.is_some() && serves),
            ("--query", self.ui.query.is_some()),
            ("--place", self.ui.place.is_some()),
            ("--otlp-grpc", listen.otlp_grpc.is_some() && !listens),
            ("--otlp-http", listen.otlp_http.is_some() && !listens),
            ("--zipkin", listen.zipkin.is_some() && !listens),
            ("--api", listen.api.is_some() && !listens),
            ("--insecure", listen.insecure && !listens),
            ("--tokens", listen.tokens.is_some() && !listens),
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
