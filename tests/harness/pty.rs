//! Runs the terminal interface in a terminal of the test: keys in, the screen out.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::Instant;

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

use crate::binary::spanwalk;
use crate::command::Home;
use crate::wait::{DEADLINE, eventually};

/// A terminal with the binary in it; the process ends with this value.
pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    keyboard: Box<dyn Write + Send>,
    // Closing it hangs the terminal up.
    _master: Box<dyn MasterPty + Send>,
    shared: Arc<Shared>,
    _home: Home,
}

#[derive(Default)]
struct Shared {
    seen: Mutex<Option<Seen>>,
    changed: Condvar,
}

/// What came out of the process.
struct Seen {
    parser: vt100::Parser,
    bytes: Vec<u8>,
    is_ended: bool,
}

impl Seen {
    /// Whether a frame has begun and has not ended, as the interface says by the marks of a
    /// synchronised update.
    fn is_drawing(&self) -> bool {
        let last = |mark: &[u8]| {
            self.bytes
                .windows(mark.len())
                .rposition(|part| part == mark)
        };
        last(b"\x1b[?2026h") > last(b"\x1b[?2026l")
    }
}

impl Terminal {
    /// Runs the binary in a terminal of this size.
    ///
    /// # Panics
    /// Where no terminal can be had.
    pub fn run<A: AsRef<OsStr>>(
        columns: u16,
        rows: u16,
        arguments: impl IntoIterator<Item = A>,
    ) -> Self {
        let home = Home::new();
        let mut command = CommandBuilder::new(spanwalk());
        command.args(arguments);
        command.env_clear();
        for (name, value) in home.environment() {
            command.env(name, value);
        }
        command.env("TERM", "xterm-256color");
        command.env("COLORTERM", "truecolor");
        command.env("LANG", "C.UTF-8");
        let size = PtySize {
            rows,
            cols: columns,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size).expect("a terminal");
        let child = pair.slave.spawn_command(command).expect("the binary runs");
        // Held on here, it would keep the terminal open when the process has ended.
        drop(pair.slave);
        let shared = Arc::new(Shared::default());
        let sized = |length| NonZeroU16::new(length).expect("a terminal has a size");
        *lock(&shared) = Some(Seen {
            parser: vt100::Parser::new(sized(rows), sized(columns), 0),
            bytes: Vec::new(),
            is_ended: false,
        });
        let reader = pair.master.try_clone_reader().expect("a terminal is read");
        keep_reading(reader, Arc::clone(&shared));
        Self {
            child,
            keyboard: pair.master.take_writer().expect("a terminal is written to"),
            _master: pair.master,
            shared,
            _home: home,
        }
    }

    /// Types, byte by byte: letters as they are, `\r` for enter, `\x1b` for escape.
    ///
    /// # Panics
    /// Where the terminal is closed.
    pub fn keys(&mut self, keys: &str) {
        self.keyboard
            .write_all(keys.as_bytes())
            .and_then(|()| self.keyboard.flush())
            .expect("the terminal takes keys");
    }

    /// Waits until the screen holds all of these texts, and gives the screen.
    ///
    /// # Panics
    /// Where the deadline passes, or the process ends before.
    #[track_caller]
    pub fn wait_for(&self, texts: &[&str]) -> String {
        self.wait_until(&format!("{texts:?}"), |screen| {
            texts.iter().all(|text| screen.contains(text))
        })
    }

    /// Waits until the screen is so, and gives it.
    ///
    /// # Panics
    /// Where the deadline passes, or the process ends before.
    #[track_caller]
    pub fn wait_until(&self, what: &str, is_so: impl Fn(&str) -> bool) -> String {
        let is_so = |screen: &vt100::Screen| {
            let text = screen.contents();
            is_so(&text).then_some(text)
        };
        self.wait(what, is_so)
    }

    /// The text on the screen now.
    #[track_caller]
    pub fn screen(&self) -> String {
        self.with_screen(vt100::Screen::contents)
    }

    /// Looks at the screen with its colours.
    #[track_caller]
    pub fn with_screen<T>(&self, look: impl Fn(&vt100::Screen) -> T) -> T {
        self.wait("a whole frame", |screen| Some(look(screen)))
    }

    /// Waits until a whole frame has what is looked for.
    #[track_caller]
    fn wait<T>(&self, what: &str, look: impl Fn(&vt100::Screen) -> Option<T>) -> T {
        let deadline = Instant::now() + DEADLINE;
        let mut seen = lock(&self.shared);
        loop {
            let state = seen.as_ref().expect("the terminal was set up");
            let screen = state.parser.screen();
            // Half a frame is no screen that a person sees.
            if !state.is_drawing()
                && let Some(found) = look(screen)
            {
                return found;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                !state.is_ended && !left.is_zero(),
                "the screen does not show {what}{}:\n{}",
                if state.is_ended {
                    " and the process ended"
                } else {
                    ""
                },
                screen.contents()
            );
            seen = match self.shared.changed.wait_timeout(seen, left) {
                Ok((seen, _)) => seen,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
    }

    /// Everything that the process ever wrote to the terminal.
    pub fn bytes(&self) -> Vec<u8> {
        lock(&self.shared)
            .as_ref()
            .map(|seen| seen.bytes.clone())
            .unwrap_or_default()
    }

    /// Waits until the process ends by itself.
    ///
    /// # Panics
    /// Where it does not.
    #[track_caller]
    pub fn wait_for_end(mut self) -> ExitStatus {
        eventually("the end of the interface", || {
            self.child.try_wait().expect("a child can be asked")
        })
    }

    /// The process id.
    pub fn pid(&self) -> Option<u32> {
        self.child.process_id()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn keep_reading(mut from: Box<dyn Read + Send>, shared: Arc<Shared>) {
    thread::spawn(move || {
        let mut buffer = [0; 8192];
        loop {
            // A terminal whose other side is gone gives an error in place of an end.
            let length = from.read(&mut buffer).unwrap_or(0);
            if let Some(seen) = lock(&shared).as_mut() {
                let read = buffer.get(..length).unwrap_or_default();
                seen.parser.process(read);
                seen.bytes.extend_from_slice(read);
                seen.is_ended = length == 0;
            }
            shared.changed.notify_all();
            if length == 0 {
                return;
            }
        }
    });
}

/// A thread that failed an assertion leaves the value as it was.
fn lock(shared: &Shared) -> MutexGuard<'_, Option<Seen>> {
    match shared.seen.lock() {
        Ok(seen) => seen,
        Err(poisoned) => poisoned.into_inner(),
    }
}
