//! Raw mode and the alternate screen, given back in every end that a process can see.

use std::io::{self, Write};
use std::sync::{Mutex, Once};
use std::thread::{self, ThreadId};

use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{
    EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
    enable_raw_mode,
};
use crossterm::{cursor, execute};

/// Holds the terminal while it lives. A panic gives it back before its message is printed.
#[derive(Debug)]
pub struct Guard(());

impl Guard {
    /// Takes the terminal: raw mode, alternate screen, pastes in one piece, no cursor.
    ///
    /// # Errors
    /// Where the terminal refuses; it is then as it was.
    pub fn take() -> io::Result<Self> {
        give_back_on_panic();
        enable_raw_mode()?;
        set_owner(Some(thread::current().id()));
        let guard = Self(());
        execute!(
            io::stdout(),
            EnterAlternateScreen,
            EnableBracketedPaste,
            cursor::Hide
        )?;
        Ok(guard)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        give_back();
        set_owner(None);
    }
}

/// The thread that drew on the terminal last; none while nobody holds it.
static OWNER: Mutex<Option<ThreadId>> = Mutex::new(None);

fn set_owner(owner: Option<ThreadId>) {
    if let Ok(mut held) = OWNER.lock() {
        *held = owner;
    }
}

/// Whether the terminal is held by a loop on another thread, which goes on.
fn is_held_elsewhere() -> bool {
    let owner = OWNER.lock().ok().and_then(|held| *held);
    owner.is_some_and(|owner| owner != thread::current().id())
}

/// Undoes everything that [`Guard::take`] did. Failures are not told: there is no terminal
/// left to tell them on.
fn give_back() {
    let mut stdout = io::stdout();
    let _ = execute!(
        stdout,
        EndSynchronizedUpdate,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        cursor::Show
    );
    let _ = stdout.flush();
    let _ = disable_raw_mode();
}

fn give_back_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            // A worker's panic is told on the screen by the loop that waits for its answer;
            // printed here it would only tear the frame.
            if is_held_elsewhere() {
                return;
            }
            give_back();
            previous(panic);
        }));
    });
}
