//! Draws a terminal's screen as SVG, for pictures in documents.
//!
//! Each run of cells with one look is one `<text>` that is told how wide it has to be, so that
//! the columns stay where they are whatever font is there. Blocks, bars and straight lines are
//! drawn as shapes in place of letters: fonts leave gaps between them.

use std::fmt::Write as _;

use vt100::{Cell, Color, Screen};

mod shapes;

/// Width of a column, in units of the picture.
const COLUMN: f64 = 8.4;
/// Height of a row.
const ROW: f64 = 18.0;
/// From the top of a row to the line that letters stand on.
const BASELINE: f64 = 13.3;
/// Around the screen.
const MARGIN: f64 = 14.0;

const BACKGROUND: &str = "#14161b";
const FOREGROUND: &str = "#d5d8de";

/// The sixteen named colours, to be read on the dark background.
const NAMED: [&str; 16] = [
    "#2a2e37", "#f2777a", "#8fce8f", "#e8c063", "#6fa8f5", "#c79bf2", "#5fcbd0", "#c8ccd4",
    "#6b7280", "#ff9b9b", "#b2e6b0", "#ffdd8f", "#9cc5ff", "#dfc0ff", "#93e6e9", "#ffffff",
];

/// How a run of cells looks.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Look {
    foreground: String,
    background: Option<String>,
    is_bold: bool,
    is_dim: bool,
    is_italic: bool,
    is_underlined: bool,
}

/// The screen as an SVG document; `title` says in words what it shows.
pub fn draw(screen: &Screen, title: &str) -> String {
    let (rows, columns) = screen.size();
    let width = f64::from(columns.get()) * COLUMN + 2.0 * MARGIN;
    let height = f64::from(rows.get()) * ROW + 2.0 * MARGIN;
    let mut svg = String::new();
    let _ = writeln!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0} {height:.0}" width="{width:.0}" height="{height:.0}" role="img">"#
    );
    let _ = writeln!(svg, "<title>{}</title>", escaped(title));
    let _ = writeln!(
        svg,
        "<style>text{{font:14px ui-monospace,'SF Mono',Menlo,Consolas,'DejaVu Sans Mono',monospace;white-space:pre}}rect{{shape-rendering:crispEdges}}</style>"
    );
    let _ = writeln!(
        svg,
        r#"<rect width="100%" height="100%" rx="8" fill="{BACKGROUND}"/>"#
    );
    let _ = writeln!(svg, r#"<g transform="translate({MARGIN} {MARGIN})">"#);
    for row in 0..rows.get() {
        draw_row(&mut svg, screen, row, columns.get());
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

/// Backgrounds first: a letter may reach out of its cell.
fn draw_row(svg: &mut String, screen: &Screen, row: u16, columns: u16) {
    let top = f64::from(row) * ROW;
    let runs = runs(screen, row, columns);
    for run in &runs {
        if let Some(background) = &run.look.background {
            let _ = writeln!(
                svg,
                r#"<rect x="{:.1}" y="{top:.0}" width="{:.1}" height="{ROW}" fill="{background}"/>"#,
                run.left(),
                run.width()
            );
        }
    }
    for run in &runs {
        draw_run(svg, run, top);
    }
}

fn draw_run(svg: &mut String, run: &Run, top: f64) {
    if run.is_shape {
        draw_shapes(svg, run, top);
        return;
    }
    // Readers differ in what they do with blanks at the ends of a text: none stand there.
    let text = if run.look.is_underlined {
        run.text.as_str()
    } else {
        run.text.trim_matches(' ')
    };
    if text.is_empty() {
        return;
    }
    let blanks = run
        .text
        .find(|letter| letter != ' ')
        .filter(|_| !run.look.is_underlined);
    let left = run.left() + blanks.unwrap_or(0) as f64 * COLUMN;
    let width = if run.text.len() == text.len() {
        run.width()
    } else {
        text.chars().count() as f64 * COLUMN
    };
    let mut style = String::new();
    if run.look.is_bold {
        style.push_str(r#" font-weight="bold""#);
    }
    if run.look.is_italic {
        style.push_str(r#" font-style="italic""#);
    }
    if run.look.is_dim {
        style.push_str(r#" opacity="0.6""#);
    }
    if run.look.is_underlined {
        style.push_str(r#" text-decoration="underline""#);
    }
    let _ = writeln!(
        svg,
        r#"<text x="{:.1}" y="{:.1}" textLength="{:.1}" lengthAdjust="spacingAndGlyphs" fill="{}"{style}>{}</text>"#,
        left,
        top + BASELINE,
        width,
        run.look.foreground,
        escaped(text)
    );
}

/// Equal letters beside each other are one shape: between two there would be a seam.
fn draw_shapes(svg: &mut String, run: &Run, top: f64) {
    let letters: Vec<char> = run.text.chars().collect();
    let mut column = 0.0;
    for equal in letters.chunk_by(|a, b| a == b) {
        let Some(letter) = equal.first().copied() else {
            continue;
        };
        let columns = if shapes::joins(letter) {
            1
        } else {
            equal.len()
        };
        let count = equal.len() / columns;
        for _ in 0..columns {
            let place = shapes::Place {
                left: run.left() + column * COLUMN,
                top,
                width: count as f64 * COLUMN,
                height: ROW,
            };
            shapes::draw(svg, letter, place, &run.look.foreground, run.look.is_dim);
            column += count as f64;
        }
    }
}

/// Cells beside each other that look the same.
struct Run {
    column: u16,
    columns: u16,
    text: String,
    look: Look,
    is_shape: bool,
}

impl Run {
    fn left(&self) -> f64 {
        f64::from(self.column) * COLUMN
    }

    fn width(&self) -> f64 {
        f64::from(self.columns) * COLUMN
    }
}

fn runs(screen: &Screen, row: u16, columns: u16) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for column in 0..columns {
        let Some(cell) = screen.cell(row, column) else {
            continue;
        };
        if cell.is_wide_continuation() {
            continue;
        }
        let text = if cell.has_contents() {
            cell.contents()
        } else {
            " "
        };
        let look = look_of(cell);
        let is_shape = shapes::is_shape(text);
        let columns = if cell.is_wide() { 2 } else { 1 };
        match runs.last_mut() {
            // A wide letter stands by itself: beside others it would be squeezed or pulled.
            Some(run)
                if run.look == look
                    && run.is_shape == is_shape
                    && columns == 1
                    && usize::from(run.columns) == run.text.chars().count() =>
            {
                run.text.push_str(text);
                run.columns += columns;
            }
            _ => runs.push(Run {
                column,
                columns,
                text: text.to_owned(),
                look,
                is_shape,
            }),
        }
    }
    runs
}

fn look_of(cell: &Cell) -> Look {
    let foreground = colour(cell.fgcolor());
    let background = colour(cell.bgcolor());
    let (foreground, background) = if cell.inverse() {
        let under = background.unwrap_or_else(|| BACKGROUND.to_owned());
        let over = foreground.unwrap_or_else(|| FOREGROUND.to_owned());
        (under, Some(over))
    } else {
        (
            foreground.unwrap_or_else(|| FOREGROUND.to_owned()),
            background,
        )
    };
    Look {
        foreground,
        background,
        is_bold: cell.bold(),
        is_dim: cell.dim(),
        is_italic: cell.italic(),
        is_underlined: cell.underline(),
    }
}

/// A colour as SVG writes it; `None` for the terminal's own.
fn colour(colour: Color) -> Option<String> {
    match colour {
        Color::Default => None,
        Color::Rgb(red, green, blue) => Some(format!("#{red:02x}{green:02x}{blue:02x}")),
        Color::Idx(index) => Some(match NAMED.get(usize::from(index)) {
            Some(named) => (*named).to_owned(),
            None => indexed(index),
        }),
    }
}

/// The cube of 216 colours and the ramp of greys above the sixteen named ones.
fn indexed(index: u8) -> String {
    let level = |step: u8| if step == 0 { 0 } else { 55 + step * 40 };
    match index.checked_sub(16) {
        Some(cube) if cube < 216 => format!(
            "#{:02x}{:02x}{:02x}",
            level(cube / 36),
            level(cube / 6 % 6),
            level(cube % 6)
        ),
        _ => {
            let grey = index
                .saturating_sub(232)
                .saturating_mul(10)
                .saturating_add(8);
            format!("#{grey:02x}{grey:02x}{grey:02x}")
        }
    }
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            // Runs of spaces are one space to a reader of XML that knows no style.
            ' ' => safe.push('\u{a0}'),
            letter if letter.is_control() => {}
            letter => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU16;

    use super::*;

    fn drawn(bytes: &str) -> String {
        let mut parser =
            vt100::Parser::new(NonZeroU16::new(2).unwrap(), NonZeroU16::new(12).unwrap(), 0);
        parser.process(bytes.as_bytes());
        draw(parser.screen(), "a test")
    }

    #[test]
    fn what_stands_on_the_screen_stands_in_the_picture_with_its_look() {
        let svg = drawn("\x1b[1;31mbad\x1b[0m <&> \x1b[7mon\x1b[0m");
        assert!(svg.contains(&format!(r#"fill="{}" font-weight="bold">bad<"#, NAMED[1])));
        assert!(svg.contains("&lt;&amp;&gt;"));
        assert!(svg.contains(&format!(r#"fill="{BACKGROUND}">on<"#)));
        assert!(!svg.contains('\x1b'));
    }

    #[test]
    fn a_wide_letter_takes_two_columns_and_what_follows_stays_in_place() {
        let svg = drawn("a\u{65e5}b");
        let of = |text: &str| {
            let line = svg
                .lines()
                .find(|line| line.contains(&format!(">{text}")))
                .unwrap();
            let number = |name: &str| {
                let (_, rest) = line.split_once(&format!("{name}=\"")).unwrap();
                rest.split('"').next().unwrap().parse::<f64>().unwrap()
            };
            (number("x"), number("textLength"))
        };
        assert_eq!(of("\u{65e5}"), (8.4, 16.8));
        assert_eq!(of("b"), (25.2, 8.4));
    }

    #[test]
    fn bars_and_lines_are_shapes_and_not_letters() {
        let svg = drawn("\u{2588}\u{2588}\u{258c} \u{2502}\u{251c}");
        assert!(svg.matches("<rect").count() > 4);
        assert!(!svg.contains('\u{2588}') && !svg.contains('\u{2502}'));
    }
}
