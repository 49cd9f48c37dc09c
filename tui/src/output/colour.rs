//! When there are colours, and how a style is told to a terminal.

use std::fmt::Write as _;

use ratatui::style::{Color, Modifier, Style};

use crate::env::Environment;
use crate::settings::ColorWish;

/// Whether a stream gets colours. A wish of the user's settings holds in any case; `auto`
/// heeds the conventions of <https://no-color.org> and <https://bixense.com/clicolors>.
pub(super) fn is_wanted(wish: ColorWish, environment: &Environment, is_terminal: bool) -> bool {
    let value = |name| environment.get(name);
    match wish {
        ColorWish::Always => true,
        ColorWish::Never => false,
        ColorWish::Auto if value("NO_COLOR").is_some() => false,
        ColorWish::Auto if value("CLICOLOR_FORCE").is_some_and(|force| force != "0") => true,
        ColorWish::Auto => {
            is_terminal
                && value("CLICOLOR").is_none_or(|wish| wish != "0")
                && value("TERM").is_none_or(|term| term != "dumb")
        }
    }
}

/// What sets a style (ECMA-48, SGR); empty where the style changes nothing.
pub(super) fn sequence(style: Style) -> String {
    let modifiers = [
        (Modifier::BOLD, 1),
        (Modifier::DIM, 2),
        (Modifier::UNDERLINED, 4),
        (Modifier::REVERSED, 7),
    ];
    let codes = modifiers
        .into_iter()
        .filter(|(modifier, _)| style.add_modifier.contains(*modifier))
        .map(|(_, code)| code)
        .chain(style.fg.and_then(foreground));
    let mut sequence = String::new();
    for code in codes {
        sequence.push_str(if sequence.is_empty() { "\x1b[" } else { ";" });
        // Writing to a string does not fail.
        let _ = write!(sequence, "{code}");
    }
    if !sequence.is_empty() {
        sequence.push('m');
    }
    sequence
}

/// What takes every style back.
pub(super) const RESET: &str = "\x1b[0m";

/// The theme uses the terminal's own 16 colours and no others.
fn foreground(colour: Color) -> Option<u8> {
    Some(match colour {
        Color::Black => 30,
        Color::Red => 31,
        Color::Green => 32,
        Color::Yellow => 33,
        Color::Blue => 34,
        Color::Magenta => 35,
        Color::Cyan => 36,
        Color::Gray => 37,
        Color::DarkGray => 90,
        Color::LightRed => 91,
        Color::LightGreen => 92,
        Color::LightYellow => 93,
        Color::LightBlue => 94,
        Color::LightMagenta => 95,
        Color::LightCyan => 96,
        Color::White => 97,
        Color::Reset | Color::Rgb(..) | Color::Indexed(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_conventions_hold_for_auto_and_a_wish_overrules_them() {
        let plain = Environment::default;
        let is_auto = |environment: &Environment, is_terminal| {
            is_wanted(ColorWish::Auto, environment, is_terminal)
        };
        assert!(is_auto(&plain(), true) && !is_auto(&plain(), false));
        assert!(!is_auto(&plain().with("NO_COLOR", "1"), true));
        assert!(is_auto(&plain().with("NO_COLOR", ""), true));
        assert!(!is_auto(&plain().with("CLICOLOR", "0"), true));
        assert!(!is_auto(&plain().with("TERM", "dumb"), true));
        let forced = plain().with("CLICOLOR_FORCE", "1");
        assert!(is_auto(&forced, false));
        assert!(!is_auto(&forced.with("NO_COLOR", "1"), true));
        let unwanted = plain().with("NO_COLOR", "1");
        assert!(is_wanted(ColorWish::Always, &unwanted, false));
        assert!(!is_wanted(ColorWish::Never, &plain(), true));
    }

    #[test]
    fn a_style_is_one_sequence_and_none_is_nothing() {
        assert_eq!(sequence(Style::new()), "");
        let style = Style::new().fg(Color::Red).add_modifier(Modifier::BOLD);
        assert_eq!(sequence(style), "\x1b[1;31m");
    }
}
