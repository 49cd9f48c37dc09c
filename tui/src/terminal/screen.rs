//! Draws frames on the real terminal.

use std::io::{self, BufWriter, Stdout, Write};

use crossterm::queue;
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

use super::{Guard, clipboard};
use crate::app::{Port, State, view};

type Output = CrosstermBackend<BufWriter<Stdout>>;

/// The terminal with what was drawn last.
#[derive(Debug)]
pub struct Screen {
    /// Before the guard, so that buffered bytes leave before the terminal is given back.
    terminal: Terminal<Output>,
    guard: Option<Guard>,
}

impl Screen {
    /// Takes the terminal.
    ///
    /// # Errors
    /// Where it refuses.
    pub fn take() -> io::Result<Self> {
        let guard = Guard::take()?;
        let terminal = Terminal::new(CrosstermBackend::new(BufWriter::new(io::stdout())))?;
        Ok(Self {
            terminal,
            guard: Some(guard),
        })
    }
}

impl Port for Screen {
    fn draw(&mut self, state: &State) -> io::Result<()> {
        // The terminal shows the frame at once and not cell by cell; those that do not know
        // the sequence ignore it.
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        self.terminal.draw(|frame| view(state, frame))?;
        queue!(self.terminal.backend_mut(), EndSynchronizedUpdate)?;
        self.terminal.backend_mut().flush()
    }

    fn copy(&mut self, text: &str) -> Result<String, String> {
        clipboard::copy(self.terminal.backend_mut(), text)
    }

    fn suspend(&mut self) -> io::Result<()> {
        drop(self.guard.take());
        // The signal that cannot be caught: the shell sees a stopped job, and the next line
        // runs when it is continued.
        rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::STOP)?;
        self.guard = Some(Guard::take()?);
        self.terminal.clear()
    }
}
