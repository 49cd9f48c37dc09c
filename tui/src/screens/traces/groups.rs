//! The traces of the list by what they ask for: how many, how many failed, how long they take.
//!
//! Groups are made of the traces that are loaded, and the screen says how many those are.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use spanwalk_api::TraceSummary;

use crate::app::State;
use crate::screens::walk::runs::percentile;
use crate::text::duration::duration;
use crate::text::number::{count, counted, short_count};
use crate::text::safe::sanitize_start;
use crate::theme::Glyphs;
use crate::widgets::paint::{put, put_right, row};
use crate::widgets::rows::Rows;

/// Columns of the picture of durations.
const PICTURE: usize = 16;
const PICTURE_COLUMNS: u16 = 16;

/// The groups, the largest first, and the one chosen.
#[derive(Debug, Default)]
pub(super) struct Groups {
    list: Vec<Group>,
    pub(super) rows: Rows,
    /// The shortest and the longest duration of all, which the pictures span.
    range_ns: (u64, u64),
}

/// Traces whose root is the same operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) service: String,
    pub(super) name: String,
    count: u64,
    failed: u64,
    p50_ns: u64,
    p99_ns: u64,
    longest_ns: u64,
    /// Traces by duration, from the shortest of the list to the longest, by logarithm.
    picture: [u64; PICTURE],
}

impl Groups {
    /// The groups of these traces; the chosen group stays chosen where it is still there.
    pub(super) fn take(&mut self, traces: &[TraceSummary]) {
        let chosen = self
            .selected()
            .map(|group| (group.service.clone(), group.name.clone()));
        let lengths = traces.iter().map(|trace| trace.duration_ns);
        let (shortest, longest) = (lengths.clone().min(), lengths.max());
        self.range_ns = (shortest.unwrap_or(0), longest.unwrap_or(0));
        let mut groups: HashMap<(&str, &str), Vec<&TraceSummary>, RandomState> = HashMap::default();
        for trace in traces {
            let key = (trace.root_service.as_str(), trace.root_name.as_str());
            groups.entry(key).or_default().push(trace);
        }
        self.list = groups
            .into_iter()
            .map(|((service, name), traces)| group(service, name, &traces, self.range_ns))
            .collect();
        self.list.sort_by(|one, other| {
            let order = other.count.cmp(&one.count);
            order.then_with(|| (&one.service, &one.name).cmp(&(&other.service, &other.name)))
        });
        let place = chosen.and_then(|(service, name)| {
            let is_it = |group: &Group| group.service == service && group.name == name;
            self.list.iter().position(is_it)
        });
        self.rows.selected = place.unwrap_or(self.rows.selected);
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// What the groups are made of, in words.
    pub(super) fn told(&self, trace_count: u64) -> String {
        format!(
            "{} of the {} that are loaded; enter shows the traces of one, t all of them",
            counted(self.list.len() as u64, "operation"),
            counted(trace_count, "trace"),
        )
    }

    pub(super) fn selected(&self) -> Option<&Group> {
        self.list.get(self.rows.selected)
    }

    /// Draws the heading and the groups of the window.
    pub(super) fn draw(&self, buffer: &mut Buffer, heading: Rect, area: Rect, state: &State) {
        let columns = Columns::of(area.width);
        columns.heading(buffer, heading, self.range_ns, state);
        let window = self.rows.window(self.list.len(), usize::from(area.height));
        for (line, index) in (0..area.height).zip(window) {
            if let Some(group) = self.list.get(index) {
                let chosen = index == self.rows.selected;
                columns.row(buffer, row(area, line), group, chosen, state);
            }
        }
    }
}

fn group(service: &str, name: &str, traces: &[&TraceSummary], range_ns: (u64, u64)) -> Group {
    let mut lengths: Vec<u64> = traces.iter().map(|trace| trace.duration_ns).collect();
    let mut picture = [0; PICTURE];
    for length in &lengths {
        if let Some(number) = picture.get_mut(column_of(*length, range_ns)) {
            *number += 1;
        }
    }
    let failed = |trace: &&&TraceSummary| trace.error_span_count > 0 || trace.error_log_count > 0;
    Group {
        service: service.to_owned(),
        name: name.to_owned(),
        count: traces.len() as u64,
        failed: traces.iter().filter(failed).count() as u64,
        p50_ns: percentile(&mut lengths, 50),
        p99_ns: percentile(&mut lengths, 99),
        longest_ns: percentile(&mut lengths, 100),
        picture,
    }
}

/// The column of a duration between the shortest and the longest, by logarithm.
fn column_of(length_ns: u64, (shortest, longest): (u64, u64)) -> usize {
    // Fixed point with ten bits behind it, so that neighbours are told apart.
    let logarithm = |number: u64| {
        let number = u128::from(number.max(1)) << 10;
        let whole = number.ilog2();
        let rest = (number >> whole.saturating_sub(10)) & 1023;
        u64::from(whole) * 1024 + u64::try_from(rest).unwrap_or(0)
    };
    let (from, to) = (logarithm(shortest), logarithm(longest));
    let at = logarithm(length_ns).clamp(from, to) - from;
    let column = at * PICTURE as u64 / (to - from + 1).max(1);
    usize::try_from(column).unwrap_or(0).min(PICTURE - 1)
}

/// The picture of a group, each column by how many traces of the group fall in it.
fn picture(group: &Group, glyphs: &Glyphs) -> String {
    let most = group.picture.iter().max().copied().unwrap_or(0).max(1);
    let cell = |number: &u64| {
        if *number == 0 {
            return " ";
        }
        let height = usize::try_from(*number * 7 / most).unwrap_or(7);
        glyphs.heights.get(height).copied().unwrap_or(" ")
    };
    group.picture.iter().map(cell).collect()
}

/// Where the columns end, as offsets from the left edge; zero leaves a column out.
struct Columns {
    name_end: u16,
    picture: u16,
    numbers: [u16; 5],
}

impl Columns {
    fn of(width: u16) -> Self {
        let mut end = width.saturating_sub(1);
        let mut take = |columns: u16, at_least: u16| {
            if width < at_least {
                return 0;
            }
            let place = end;
            end = end.saturating_sub(columns);
            place
        };
        let longest = take(9, 90);
        let p99 = take(8, 0);
        let p50 = take(8, 58);
        let failed = take(13, 0);
        let traces = take(8, 0);
        let picture = take(PICTURE_COLUMNS + 2, 100);
        Self {
            name_end: end,
            picture: picture.saturating_sub(PICTURE_COLUMNS),
            numbers: [traces, failed, p50, p99, longest],
        }
    }

    fn heading(&self, buffer: &mut Buffer, line: Rect, range_ns: (u64, u64), state: &State) {
        let dim = state.theme.dim();
        put(
            buffer,
            line.x.saturating_add(1),
            line.y,
            line,
            "request",
            dim,
        );
        if self.picture > 0 {
            let text = format!(
                "{}{}{}",
                duration(range_ns.0),
                state.glyphs.path,
                duration(range_ns.1)
            );
            put(
                buffer,
                line.x.saturating_add(self.picture),
                line.y,
                line,
                &text,
                dim,
            );
        }
        let names = ["traces", "failed", "p50", "p99", "longest"];
        for (end, name) in self.numbers.iter().zip(names) {
            if *end > 0 {
                put_right(buffer, line.x.saturating_add(*end), line.y, line, name, dim);
            }
        }
    }

    fn row(&self, buffer: &mut Buffer, line: Rect, group: &Group, chosen: bool, state: &State) {
        let theme = state.theme;
        let pick = |style: Style| if chosen { theme.cursor() } else { style };
        if chosen {
            buffer.set_style(line, theme.cursor());
        }
        let columns = self.name_end.saturating_sub(1);
        let room = Rect::new(line.x, line.y, columns, line.height);
        let mark = state.marks.get(&group.service);
        let service = sanitize_start(&group.service, 64);
        let style = pick(theme.service(mark));
        let x = put(
            buffer,
            room.x.saturating_add(1),
            room.y,
            room,
            &service,
            style,
        );
        let name = format!(" {}", sanitize_start(&group.name, 256));
        put(buffer, x, room.y, room, &name, pick(theme.text()));
        if self.picture > 0 {
            let text = picture(group, &state.glyphs);
            let x = line.x.saturating_add(self.picture);
            put(buffer, x, line.y, line, &text, pick(theme.key()));
        }
        let failed = match group.failed {
            0 => String::new(),
            number => {
                let rate = (number * 1000 / group.count.max(1) + 5) / 10;
                format!("{}{} {rate}%", state.glyphs.error, short_count(number))
            }
        };
        let texts = [
            (count(group.count), theme.text()),
            (failed, theme.error()),
            (duration(group.p50_ns), theme.text()),
            (duration(group.p99_ns), theme.text()),
            (duration(group.longest_ns), theme.dim()),
        ];
        for (end, (text, style)) in self.numbers.iter().zip(texts) {
            if *end > 0 {
                put_right(
                    buffer,
                    line.x.saturating_add(*end),
                    line.y,
                    line,
                    &text,
                    pick(style),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn trace(name: &str, duration_ns: u64, errors: u64) -> TraceSummary {
        TraceSummary {
            root_service: "gateway".to_owned(),
            root_name: name.to_owned(),
            duration_ns,
            error_span_count: errors,
            ..TraceSummary::default()
        }
    }

    #[test]
    fn traces_of_one_operation_are_one_group_with_its_numbers() {
        let mut groups = Groups::default();
        groups.take(&[
            trace("a", 5, 0),
            trace("b", 100, 1),
            trace("b", 300, 0),
            trace("b", 200, 0),
        ]);
        let first = groups.selected().unwrap();
        assert_eq!(
            (first.name.as_str(), first.count, first.failed),
            ("b", 3, 1)
        );
        assert_eq!(
            (first.p50_ns, first.p99_ns, first.longest_ns),
            (200, 300, 300)
        );
        groups.rows.selected = 1;
        groups.take(&[trace("a", 5, 0), trace("a", 6, 0), trace("b", 7, 0)]);
        assert_eq!(
            groups.selected().unwrap().name,
            "a",
            "the chosen one stays chosen"
        );
    }

    proptest! {
        #[test]
        fn the_picture_holds_every_trace(lengths in proptest::collection::vec(any::<u64>(), 1..50)) {
            let traces: Vec<TraceSummary> = lengths.iter().map(|ns| trace("a", *ns, 0)).collect();
            let mut groups = Groups::default();
            groups.take(&traces);
            let group = groups.selected().unwrap();
            prop_assert_eq!(group.picture.iter().sum::<u64>(), lengths.len() as u64);
            prop_assert!(column_of(group.longest_ns, groups.range_ns) >= column_of(group.p50_ns, groups.range_ns));
        }
    }
}
