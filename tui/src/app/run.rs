//! Opens the UI on this terminal.

use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::tz::TimeZone;

use super::{Options, Place, State, UiError, drive};
use crate::client::Client;
use crate::terminal::{Screen, input};

/// Opens the UI at a place and returns when the user leaves it, or the process is told to end.
///
/// # Errors
/// Where there is no terminal, or it fails.
pub async fn run(client: Client, start: Place, options: Options) -> Result<(), UiError> {
    if !io::IsTerminal::is_terminal(&io::stdout()) || !io::IsTerminal::is_terminal(&io::stdin()) {
        return Err(UiError::NoTerminal);
    }
    let failed = |doing| move |source| UiError::Terminal { doing, source };
    let mut screen = Screen::take().map_err(failed("taking the screen"))?;
    let size = crossterm::terminal::size().map_err(failed("asking for its size"))?;
    let mut state = State::new(&start, &options, TimeZone::system(), size);
    let messages = input::messages().map_err(failed("listening for signals"))?;
    let outcome = drive(&mut state, client, messages, &mut screen, now_ns).await;
    // Given back before any error is told, which would vanish with the screen otherwise.
    drop(screen);
    outcome.map_err(failed("drawing"))
}

/// Nanoseconds since the epoch; the UI's only look at the clock.
fn now_ns() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|passed| u64::try_from(passed.as_nanos()).ok())
        .unwrap_or(0)
}
