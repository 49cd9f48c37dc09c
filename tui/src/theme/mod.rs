//! Colours by meaning, glyphs by level, and the marks of services.
//!
//! Only the terminal's own 16 colours are used, so that every palette a user has chosen stays
//! readable. Without colour everything is told by words, glyphs, bold and reversed video.

mod glyphs;
mod services;

use ratatui::style::{Color, Modifier, Style};
use spanwalk_model::SeverityLevel;

pub use glyphs::Glyphs;
pub use services::{ServiceMark, ServiceMarks};

/// Styles by meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    colour: bool,
}

impl Theme {
    /// The styles, with or without colour.
    pub fn new(colour: bool) -> Self {
        Self { colour }
    }

    /// What is read first.
    pub fn text(self) -> Style {
        Style::new()
    }

    /// What may be overlooked: rules, units, labels.
    pub fn dim(self) -> Style {
        if self.colour {
            Style::new().fg(Color::DarkGray)
        } else {
            Style::new().add_modifier(Modifier::DIM)
        }
    }

    /// A heading, or the name of what one looks at.
    pub fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// Something failed.
    pub fn error(self) -> Style {
        self.foreground(Color::Red).add_modifier(Modifier::BOLD)
    }

    /// Something is suspicious.
    pub fn warning(self) -> Style {
        self.foreground(Color::Yellow)
    }

    /// Something is well, such as a live connection.
    pub fn good(self) -> Style {
        self.foreground(Color::Green)
    }

    /// A key that can be pressed.
    pub fn key(self) -> Style {
        self.foreground(Color::Cyan)
    }

    /// The name of an attribute.
    pub fn attribute(self) -> Style {
        self.foreground(Color::Cyan)
    }

    /// The row or entry that keys act on.
    pub fn cursor(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// Where typed text was found.
    pub fn found(self) -> Style {
        self.foreground(Color::Yellow)
            .add_modifier(Modifier::UNDERLINED)
    }

    /// The border of the pane that keys act on.
    pub fn focused_rule(self) -> Style {
        self.foreground(Color::Cyan).add_modifier(Modifier::BOLD)
    }

    /// The last row that stays in sight while what is beneath it moves.
    pub fn edge(self) -> Style {
        Style::new().add_modifier(Modifier::UNDERLINED)
    }

    /// A severity level.
    pub fn level(self, level: SeverityLevel) -> Style {
        match level {
            SeverityLevel::Fatal | SeverityLevel::Error => self.error(),
            SeverityLevel::Warn => self.warning(),
            SeverityLevel::Info => self.good(),
            SeverityLevel::Debug | SeverityLevel::Trace | SeverityLevel::Unspecified => self.dim(),
        }
    }

    /// A service, in the colour of its mark.
    pub fn service(self, mark: &ServiceMark) -> Style {
        // Red is left out: it means failure. So are white and black, one of which is the
        // background.
        const HUES: [Color; 10] = [
            Color::Cyan,
            Color::Magenta,
            Color::Green,
            Color::Blue,
            Color::Yellow,
            Color::LightCyan,
            Color::LightMagenta,
            Color::LightGreen,
            Color::LightBlue,
            Color::LightYellow,
        ];
        let hue = HUES.get(mark.hue % HUES.len()).copied().unwrap_or_default();
        self.foreground(hue)
    }

    fn foreground(self, colour: Color) -> Style {
        if self.colour {
            Style::new().fg(colour)
        } else {
            Style::new()
        }
    }
}
