//! Why a command ended without its answer, and what that means to scripts and people.

use std::io;
use std::path::PathBuf;

use spanwalk_model::TraceId;

use super::is_broken_pipe;
use crate::app::UiError;
use crate::client::{ClientError, is_not_found};
use crate::import::ImportError;
use crate::local::LocalError;
use crate::output::problem::{self, QueryProblem};
use crate::output::{Exit, Output};
use crate::settings::SettingError;

/// Why a command ended without its answer.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The arguments are wrong, or ask for help.
    #[error(transparent)]
    Usage(Box<clap::Error>),
    /// Settings are wrong; all of them.
    #[error("{} settings are wrong", .0.len())]
    Settings(Vec<SettingError>),
    /// The query is wrong.
    #[error("{}", .0.message)]
    Query(Box<QueryProblem>),
    /// No collector is there, or it cannot say.
    #[error(transparent)]
    Local(#[from] LocalError),
    /// An import ended before its files did.
    #[error(transparent)]
    Import(#[from] ImportError<ClientError>),
    /// The trace is not stored.
    #[error("trace {0} is not stored")]
    NoTrace(TraceId),
    /// The interface could not be shown.
    #[error(transparent)]
    Ui(#[from] UiError),
    /// The demo could not run.
    #[error("the demo could not run: {0}")]
    Demo(#[from] spanwalk_demo::DemoError),
    /// There is no place for the data of the demo.
    #[error("the demo has no place for its data; name one with --data-dir DIR")]
    NoDemoDir,
    /// The collector does not take what the demo sends.
    #[error(
        "the collector at {url} takes no OTLP over gRPC, which the demo sends; end it, or name another with --collector"
    )]
    NoReceiver {
        /// The collector.
        url: String,
    },
    /// The path of this program is not known, so that it cannot start itself.
    #[error("the path of this program is not known: {0}")]
    Executable(io::Error),
    /// Threads could not be made.
    #[error("the program could not start its threads: {0}")]
    Runtime(io::Error),
    /// Signals cannot be listened to.
    #[error("signals cannot be listened to: {0}")]
    Signals(io::Error),
    /// The file of the collector's log cannot be written.
    #[error("cannot write the log file {}: {source}", path.display())]
    LogFile {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// There is nothing to follow.
    #[error(
        "no collector runs here; start one with `spanwalk serve`, or name one with --collector URL"
    )]
    NoneRuns,
    /// The output cannot be written.
    #[error("cannot write the output: {0}")]
    Output(io::Error),
}

impl From<io::Error> for CommandError {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<clap::Error> for CommandError {
    fn from(error: clap::Error) -> Self {
        Self::Usage(Box::new(error))
    }
}

impl From<Vec<SettingError>> for CommandError {
    fn from(errors: Vec<SettingError>) -> Self {
        Self::Settings(errors)
    }
}

impl CommandError {
    /// The error of a query that the collector was asked: where it speaks of the text, with
    /// the place in it.
    pub(super) fn of_query(error: Self, text: &str) -> Self {
        match error {
            Self::Local(LocalError::Client(ClientError::Problem(problem)))
                if problem.position.is_some() =>
            {
                let start = problem.position.and_then(|at| usize::try_from(at).ok());
                let start = start.unwrap_or(0).min(text.len());
                Self::Query(Box::new(QueryProblem {
                    message: problem.detail,
                    text: text.to_owned(),
                    range: start..start,
                    expected: None,
                    suggestion: problem.suggestion,
                }))
            }
            other => other,
        }
    }

    /// The error of a trace that was asked for.
    pub(super) fn of_trace(error: Self, id: TraceId) -> Self {
        match error {
            Self::Local(LocalError::Client(error)) if is_not_found(&error) => Self::NoTrace(id),
            other => other,
        }
    }

    /// Tells people; the answer is for scripts.
    pub(super) fn tell(&self, output: &mut Output) -> Exit {
        let look = output.look().clone();
        let told = match self {
            // The reader went away, which it may.
            Self::Output(error) if is_broken_pipe(error) => return Exit::Done,
            Self::Usage(error) => output.clap(error),
            Self::Settings(errors) => output.errors(
                errors
                    .iter()
                    .map(|error| problem::error(&error.to_string(), &look)),
            ),
            Self::Query(query) => output.errors(problem::query(query, &look)),
            other => output.errors([problem::error(&other.to_string(), &look)]),
        };
        // Where nothing can be told any more, the exit code still says it.
        let _ = told;
        self.exit()
    }

    fn exit(&self) -> Exit {
        match self {
            Self::Usage(error) if !error.use_stderr() => Exit::Done,
            Self::Usage(_)
            | Self::Settings(_)
            | Self::Query(_)
            | Self::NoDemoDir
            | Self::Ui(UiError::NoTerminal) => Exit::WrongUse,
            Self::NoTrace(_) => Exit::NotAll,
            Self::NoReceiver { .. } | Self::NoneRuns => Exit::NoCollector,
            Self::Local(error) => local_exit(error),
            Self::Import(ImportError::Sink(error)) => client_exit(error),
            Self::Import(ImportError::Reader)
            | Self::Ui(UiError::Terminal { .. })
            | Self::Demo(_)
            | Self::Executable(_)
            | Self::Runtime(_)
            | Self::Signals(_)
            | Self::LogFile { .. }
            | Self::Output(_) => Exit::Failed,
        }
    }
}

fn local_exit(error: &LocalError) -> Exit {
    match error {
        LocalError::NoDataDir | LocalError::Start { .. } | LocalError::Token { .. } => {
            Exit::WrongUse
        }
        LocalError::Held { .. } | LocalError::NoApi { .. } => Exit::NoCollector,
        LocalError::Stop { .. } => Exit::Failed,
        LocalError::Client(error) => client_exit(error),
    }
}

fn client_exit(error: &ClientError) -> Exit {
    match error {
        ClientError::Url { .. } => Exit::WrongUse,
        ClientError::Problem(problem) if problem.status == 400 => Exit::WrongUse,
        ClientError::Problem(_) if is_not_found(error) => Exit::NotAll,
        ClientError::Setup { .. } | ClientError::Problem(_) => Exit::Failed,
        ClientError::Unreachable { .. }
        | ClientError::Timeout { .. }
        | ClientError::Foreign { .. }
        | ClientError::Garbled { .. } => Exit::NoCollector,
    }
}
