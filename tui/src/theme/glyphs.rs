//! The characters that lines, bars and marks are drawn with.

/// One set of characters. Every field is one terminal column wide unless its doc says more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glyphs {
    /// Horizontal rule.
    pub rule: &'static str,
    /// Vertical rule.
    pub wall: &'static str,
    /// A span whose rows are shown.
    pub open: &'static str,
    /// A span whose rows are folded away.
    pub folded: &'static str,
    /// A span without rows beneath it.
    pub leaf: &'static str,
    /// A log record.
    pub log: &'static str,
    /// An event of a span.
    pub event: &'static str,
    /// The start of a span in the causal list.
    pub start: &'static str,
    /// The end of a span in the causal list.
    pub end: &'static str,
    /// A failure.
    pub error: &'static str,
    /// Where the error began.
    pub origin: &'static str,
    /// Clocks contradict the causal order.
    pub clock: &'static str,
    /// The row of the cursor.
    pub cursor: &'static str,
    /// Between the parts of a path; may be wider than one column.
    pub path: &'static str,
    /// A branch line that passes.
    pub guide: &'static str,
    /// A branch line with a branch to the right.
    pub branch: &'static str,
    /// A branch line that ends in a branch to the right.
    pub last_branch: &'static str,
    /// A whole cell of a bar.
    pub full: &'static str,
    /// The right half of a cell of a bar.
    pub right_half: &'static str,
    /// Eighths of a cell of a bar from the left, one to seven.
    pub eighths: [&'static str; 7],
    /// A tick of a time ruler.
    pub tick: &'static str,
    /// The list follows what comes.
    pub live: &'static str,
    /// The list stands still.
    pub paused: &'static str,
    /// The list is sorted downwards.
    pub descending: &'static str,
    /// What points up at a place.
    pub caret: &'static str,
    /// Heads of arrows to the left and to the right.
    pub arrows: [&'static str; 2],
    /// A message that waits in a queue on its way.
    pub queue: &'static str,
    /// Much time passes.
    pub pause: &'static str,
    /// Heights of a cell filled from below, one to eight eighths.
    pub heights: [&'static str; 8],
    /// Before a number of like things.
    pub times: &'static str,
    /// Before a sum.
    pub sum: &'static str,
    /// Something lies to the left of what is shown, and to the right.
    pub beyond: [&'static str; 2],
    /// Corners of a box: top left, top right, bottom left, bottom right.
    pub corners: [&'static str; 4],
}

impl Glyphs {
    /// Block and line characters.
    pub const UNICODE: Self = Self {
        rule: "─",
        wall: "│",
        open: "▾",
        folded: "▸",
        leaf: "·",
        log: "·",
        event: "◇",
        start: "▸",
        end: "▪",
        error: "!",
        origin: "◆",
        clock: "≈",
        cursor: "▌",
        path: "›",
        guide: "│",
        branch: "├",
        last_branch: "└",
        full: "█",
        right_half: "▐",
        eighths: ["▏", "▎", "▍", "▌", "▋", "▊", "▉"],
        tick: "╷",
        live: "●",
        paused: "‖",
        descending: "▾",
        caret: "▲",
        arrows: ["◀", "▶"],
        queue: "╌",
        pause: "⋮",
        heights: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
        times: "×",
        sum: "Σ",
        beyond: ["‹", "›"],
        corners: ["╭", "╮", "╰", "╯"],
    };

    /// Nothing but ASCII, for consoles without these characters.
    pub const ASCII: Self = Self {
        rule: "-",
        wall: "|",
        open: "v",
        folded: ">",
        leaf: ".",
        log: ".",
        event: "*",
        start: ">",
        end: "<",
        error: "!",
        origin: "@",
        clock: "~",
        cursor: "|",
        path: ">",
        guide: "|",
        branch: "|",
        last_branch: "`",
        full: "=",
        right_half: "=",
        eighths: ["-", "-", "-", "=", "=", "=", "="],
        tick: "'",
        live: "o",
        paused: "#",
        descending: "v",
        caret: "^",
        arrows: ["<", ">"],
        queue: ".",
        pause: ":",
        heights: [".", ".", ":", ":", "-", "=", "#", "#"],
        times: "x",
        sum: "=",
        beyond: ["<", ">"],
        corners: ["+", "+", "+", "+"],
    };

    /// The set for this wish.
    pub fn new(ascii: bool) -> Self {
        if ascii { Self::ASCII } else { Self::UNICODE }
    }
}
