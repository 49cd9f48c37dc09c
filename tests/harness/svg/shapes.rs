//! Blocks and lines of the box-drawing range as rectangles.

use std::fmt::Write as _;

/// A cell of the picture.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Width of a line.
const LINE: f64 = 1.2;

/// Which of its four arms a line has.
#[derive(Clone, Copy)]
struct Arms {
    up: bool,
    down: bool,
    left: bool,
    right: bool,
}

/// Whether the text is one letter that is drawn as a shape.
pub(super) fn is_shape(text: &str) -> bool {
    let mut letters = text.chars();
    match (letters.next(), letters.next()) {
        (Some(letter), None) => block(letter).is_some() || arms(letter).is_some(),
        _ => false,
    }
}

/// Whether several of the letter beside each other look like one that is wider.
pub(super) fn joins(letter: char) -> bool {
    match block(letter) {
        Some((left, _, width, ..)) => left == 0.0 && width >= 1.0,
        None => letter == '─',
    }
}

/// Draws the letter into the cell.
pub(super) fn draw(svg: &mut String, letter: char, place: Place, colour: &str, is_dim: bool) {
    let opacity = if is_dim { r#" opacity="0.6""# } else { "" };
    let mut rectangle = |left: f64, top: f64, width: f64, height: f64, shade: &str| {
        let _ = writeln!(
            svg,
            r#"<rect x="{left:.2}" y="{top:.2}" width="{width:.2}" height="{height:.2}" fill="{colour}"{opacity}{shade}/>"#
        );
    };
    if let Some((x, y, width, height, shade)) = block(letter) {
        let shade = if shade < 1.0 {
            format!(r#" fill-opacity="{shade}""#)
        } else {
            String::new()
        };
        rectangle(
            place.left + x * place.width,
            place.top + y * place.height,
            width * place.width,
            height * place.height,
            &shade,
        );
        return;
    }
    let Some(arms) = arms(letter) else {
        return;
    };
    let middle = (place.width - LINE) / 2.0;
    let centre = (place.height - LINE) / 2.0;
    if arms.up || arms.down {
        let top = if arms.up { 0.0 } else { centre };
        let bottom = if arms.down {
            place.height
        } else {
            centre + LINE
        };
        rectangle(place.left + middle, place.top + top, LINE, bottom - top, "");
    }
    if arms.left || arms.right {
        let left = if arms.left { 0.0 } else { middle };
        let right = if arms.right {
            place.width
        } else {
            middle + LINE
        };
        rectangle(
            place.left + left,
            place.top + centre,
            right - left,
            LINE,
            "",
        );
    }
}

/// Left, top, width, height as parts of a cell, and how dense.
fn block(letter: char) -> Option<(f64, f64, f64, f64, f64)> {
    let eighths = |count: u32| f64::from(count) / 8.0;
    let code = u32::from(letter);
    Some(match code {
        0x2580 => (0.0, 0.0, 1.0, 0.5, 1.0),
        // The lower part, from one eighth to the whole.
        0x2581..=0x2588 => {
            let height = eighths(code - 0x2580);
            (0.0, 1.0 - height, 1.0, height, 1.0)
        }
        // The left part, from seven eighths to one.
        0x2589..=0x258f => (0.0, 0.0, eighths(0x2590 - code), 1.0, 1.0),
        0x2590 => (0.5, 0.0, 0.5, 1.0, 1.0),
        0x2591 => (0.0, 0.0, 1.0, 1.0, 0.25),
        0x2592 => (0.0, 0.0, 1.0, 1.0, 0.5),
        0x2593 => (0.0, 0.0, 1.0, 1.0, 0.75),
        0x2594 => (0.0, 0.0, 1.0, eighths(1), 1.0),
        0x2595 => (eighths(7), 0.0, eighths(1), 1.0, 1.0),
        _ => return None,
    })
}

fn arms(letter: char) -> Option<Arms> {
    let (up, down, left, right) = match letter {
        '─' => (false, false, true, true),
        '│' => (true, true, false, false),
        '┌' | '╭' => (false, true, false, true),
        '┐' | '╮' => (false, true, true, false),
        '└' | '╰' => (true, false, false, true),
        '┘' | '╯' => (true, false, true, false),
        '├' => (true, true, false, true),
        '┤' => (true, true, true, false),
        '┬' => (false, true, true, true),
        '┴' => (true, false, true, true),
        '┼' => (true, true, true, true),
        '╴' => (false, false, true, false),
        '╵' => (true, false, false, false),
        '╶' => (false, false, false, true),
        '╷' => (false, true, false, false),
        _ => return None,
    };
    Some(Arms {
        up,
        down,
        left,
        right,
    })
}
