//! Texts cut to a number of terminal columns.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::width::width;

/// The text where it fits into that many columns, else its start with `…` behind. Never
/// wider than asked, and never cut within a grapheme cluster.
pub fn truncate(text: &str, columns: usize) -> Cow<'_, str> {
    // Bytes are never fewer than columns, so that most texts need no measuring.
    if text.len() <= columns || width(text) <= columns {
        return Cow::Borrowed(text);
    }
    match columns {
        0 => Cow::Borrowed(""),
        1 => Cow::Borrowed("…"),
        _ => Cow::Owned(format!("{}…", start(text, columns - 1))),
    }
}

/// The text where it fits, else its start and end with `…` between: for ids and paths, whose
/// ends tell them apart.
pub fn truncate_middle(text: &str, columns: usize) -> Cow<'_, str> {
    if text.len() <= columns || width(text) <= columns {
        return Cow::Borrowed(text);
    }
    if columns < 3 {
        return truncate(text, columns);
    }
    let head = columns / 2;
    let tail = columns - head - 1;
    Cow::Owned(format!("{}…{}", start(text, head), end(text, tail)))
}

/// The longest start of at most that many columns.
fn start(text: &str, columns: usize) -> &str {
    let mut taken = 0;
    let mut length = 0;
    for (offset, cluster) in text.grapheme_indices(true) {
        taken += cluster.width();
        if taken > columns {
            break;
        }
        length = offset + cluster.len();
    }
    text.get(..length).unwrap_or_default()
}

/// The longest end of at most that many columns.
fn end(text: &str, columns: usize) -> &str {
    let mut taken = 0;
    let mut begin = text.len();
    for (offset, cluster) in text.grapheme_indices(true).rev() {
        taken += cluster.width();
        if taken > columns {
            break;
        }
        begin = offset;
    }
    text.get(begin..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_says_so_and_never_exceeds_its_room() {
        assert_eq!(truncate("checkout", 8), "checkout");
        assert_eq!(truncate("checkout", 5), "chec…");
        assert_eq!(truncate("世界", 3), "世…");
        assert_eq!(truncate("世界", 2), "…");
        assert_eq!(truncate("x", 0), "");
        for columns in 0..12 {
            assert!(width(&truncate("a世b界e\u{301}f", columns)) <= columns);
            assert!(width(&truncate_middle("a世b界e\u{301}f", columns)) <= columns);
        }
    }

    #[test]
    fn ids_keep_both_ends() {
        assert_eq!(truncate_middle("4bf92f3577b34736", 9), "4bf9…4736");
    }
}
