//! How a command ended, for scripts.

use std::process::ExitCode;

/// The exit codes. Scripts rely on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Something was found, or everything was done.
    Done = 0,
    /// Nothing was found, or not everything was done.
    NotAll = 1,
    /// The command line, a setting or a query is wrong.
    WrongUse = 2,
    /// There is no collector to ask.
    NoCollector = 3,
    /// Something failed; the message says what.
    Failed = 4,
}

impl Exit {
    /// Whether something was found.
    pub fn of_found(is_found: bool) -> Self {
        if is_found { Self::Done } else { Self::NotAll }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Ends the process now, as a second signal asks: nothing is flushed and nobody is waited for.
/// What was acknowledged is in the wal.
pub fn end_at_once() -> ! {
    #[expect(
        clippy::exit,
        reason = "a second signal asks for the end without any cleaning up"
    )]
    std::process::exit(Exit::NotAll as i32)
}
