//! The sole owner of standard output and standard error.
//!
//! Results go to standard output, everything else to standard error. Commands decide what is
//! told; the files here decide how it looks:
//!
//! - `exit`: the exit codes.
//! - `line`, `colour`, `table`: what human output is made of. Every text passes
//!   [`crate::text::sanitize`] when it enters a [`Line`], so that nothing a service sends can
//!   reach the terminal as a command.
//! - `json`: output for programs.
//! - `traces`, `logs`, `tail`, `services`, `status`, `tree`, `walk`, `import`, `ready`, `query`,
//!   `demo`: one answer each.
//! - `shown`: how much of what matches an answer shows.
//! - `problem`: what went wrong, for people; `usage`: the same from the parser of arguments.
//! - `log`: what the collector writes about itself.

mod colour;
pub mod critical_path;
pub mod demo;
pub mod diff;
mod exit;
#[cfg(test)]
pub(crate) mod fixture;
pub mod import;
mod json;
mod line;
pub mod log;
pub mod logs;
pub mod patterns;
pub mod problem;
pub mod query;
pub mod ready;
pub mod services;
pub mod shown;
pub mod status;
mod table;
pub mod tail;
pub mod traces;
pub mod tree;
mod usage;
pub mod walk;

use std::io::{self, BufWriter, IsTerminal, Write};
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::tz::TimeZone;
use serde::Serialize;

use crate::env::Environment;
use crate::settings::{ColorWish, Settings};
use crate::theme::{Glyphs, Theme};

pub use exit::{Exit, end_at_once};
pub use line::Line;

/// How human output looks.
#[derive(Debug, Clone)]
pub struct Look {
    /// Styles by meaning.
    pub theme: Theme,
    /// The characters of lines and marks.
    pub glyphs: Glyphs,
    /// Columns of the terminal; `None` where it is none, and then nothing is cut.
    pub columns: Option<usize>,
    /// The zone that moments are told in.
    pub zone: TimeZone,
    /// Now, nanoseconds since the epoch.
    pub now_ns: u64,
}

/// Where output goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stream {
    Out,
    Err,
}

/// Standard output and standard error.
pub struct Output {
    out: Box<dyn Write + Send>,
    err: Box<dyn Write + Send>,
    out_colour: bool,
    err_colour: bool,
    out_is_terminal: bool,
    is_quiet: bool,
    look: Look,
}

impl Output {
    /// Those of this process, before anything was said of colours.
    pub fn of_process() -> Self {
        let out = io::stdout();
        let is_terminal = out.is_terminal();
        let columns = match crossterm::terminal::size() {
            Ok((columns, _)) if is_terminal && columns > 0 => Some(usize::from(columns)),
            _ => None,
        };
        Self {
            out: Box::new(BufWriter::new(out)),
            err: Box::new(io::stderr()),
            out_colour: false,
            err_colour: false,
            out_is_terminal: is_terminal,
            is_quiet: false,
            look: Look {
                theme: Theme::new(true),
                glyphs: Glyphs::UNICODE,
                columns,
                zone: TimeZone::system(),
                now_ns: now_ns(),
            },
        }
    }

    /// Into memory, for tests: a pipe to look at, at a fixed time.
    #[cfg(test)]
    pub(crate) fn to(out: Box<dyn Write + Send>, err: Box<dyn Write + Send>) -> Self {
        Self {
            out: Box::new(BufWriter::new(out)),
            err,
            out_colour: false,
            err_colour: false,
            out_is_terminal: false,
            is_quiet: false,
            look: fixture::look(None),
        }
    }

    /// Heeds what the settings say of looks.
    pub fn configure(&mut self, settings: &Settings, environment: &Environment) {
        self.out_colour = colour::is_wanted(settings.color, environment, self.out_is_terminal);
        self.err_colour =
            colour::is_wanted(settings.color, environment, io::stderr().is_terminal());
        self.is_quiet = settings.quiet;
        self.look.glyphs = Glyphs::new(settings.ascii);
    }

    /// Heeds colours alone, for help and for errors before there are settings.
    pub fn configure_colour(&mut self, wish: ColorWish, environment: &Environment) {
        self.out_colour = colour::is_wanted(wish, environment, self.out_is_terminal);
        self.err_colour = colour::is_wanted(wish, environment, io::stderr().is_terminal());
    }

    /// How results look.
    pub fn look(&self) -> &Look {
        &self.look
    }

    /// Whether results go to a terminal.
    pub fn is_terminal(&self) -> bool {
        self.out_is_terminal
    }

    /// Whether results are coloured.
    pub fn is_coloured(&self) -> bool {
        self.out_colour
    }

    /// Whether standard error is coloured.
    pub fn is_error_coloured(&self) -> bool {
        self.err_colour
    }

    /// Whether remarks are left out.
    pub fn is_quiet(&self) -> bool {
        self.is_quiet
    }

    /// Writes lines of a result.
    ///
    /// # Errors
    /// Where standard output cannot be written.
    pub fn lines(&mut self, lines: impl IntoIterator<Item = Line>) -> io::Result<()> {
        lines
            .into_iter()
            .try_for_each(|line| self.write(Stream::Out, &line))
    }

    /// Writes a result as one line of JSON.
    ///
    /// # Errors
    /// Where standard output cannot be written.
    pub fn json(&mut self, value: &impl Serialize) -> io::Result<()> {
        json::write(&mut self.out, value)?;
        self.out.flush()
    }

    /// Writes a text of our own as it is, such as a completion script.
    ///
    /// # Errors
    /// Where standard output cannot be written.
    pub fn script(&mut self, text: &[u8]) -> io::Result<()> {
        self.out.write_all(text)
    }

    /// Tells something beside the result, unless remarks are unwanted.
    ///
    /// # Errors
    /// Where standard error cannot be written.
    pub fn remarks(&mut self, lines: impl IntoIterator<Item = Line>) -> io::Result<()> {
        if self.is_quiet {
            return Ok(());
        }
        self.errors(lines)
    }

    /// Tells what went wrong.
    ///
    /// # Errors
    /// Where standard error cannot be written.
    pub fn errors(&mut self, lines: impl IntoIterator<Item = Line>) -> io::Result<()> {
        // What was said before stands before, where both go to one terminal. Whether it could
        // be written is told at the end.
        let _ = self.out.flush();
        lines
            .into_iter()
            .try_for_each(|line| self.write(Stream::Err, &line))?;
        self.err.flush()
    }

    /// Tells what the parser of arguments has to say: help, version, or what is wrong.
    ///
    /// # Errors
    /// Where the stream cannot be written.
    pub fn clap(&mut self, error: &clap::Error) -> io::Result<()> {
        let text = error.render();
        let (stream, is_coloured): (&mut dyn Write, _) = if error.use_stderr() {
            (&mut self.err, self.err_colour)
        } else {
            (&mut self.out, self.out_colour)
        };
        let text = if is_coloured {
            usage::tamed(&text.ansi().to_string(), true)
        } else {
            usage::tamed(&text.to_string(), false)
        };
        stream.write_all(text.as_bytes())?;
        stream.flush()
    }

    /// Writes what is still held back.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn finish(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn write(&mut self, stream: Stream, line: &Line) -> io::Result<()> {
        let (stream, is_coloured): (&mut dyn Write, _) = match stream {
            Stream::Out => (&mut self.out, self.out_colour),
            Stream::Err => (&mut self.err, self.err_colour),
        };
        line.write(stream, is_coloured, self.look.glyphs == Glyphs::ASCII)
    }
}

/// Nanoseconds since the epoch: the command line's only look at the clock.
fn now_ns() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|passed| u64::try_from(passed.as_nanos()).ok())
        .unwrap_or(0)
}
