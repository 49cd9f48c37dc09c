//! The service list: who has reported, how much, and when last.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use spanwalk_api::ServiceEntry;

use crate::action::{Action, Context, Key};
use crate::app::{Effect, Failure, Place, Reply, RequestId, State, Turn};
use crate::text::number::{count, counted};
use crate::text::safe::sanitize_start;
use crate::text::sanitize;
use crate::text::time::ago;
use crate::widgets::paint::{put, put_right, row, split_top};
use crate::widgets::rows::Rows;

/// The service list.
#[derive(Debug, Default)]
pub struct Services {
    list: Vec<ServiceEntry>,
    rows: Rows,
    asked: Option<RequestId>,
    failure: Option<Failure>,
    loaded: bool,
}

impl Services {
    /// Where this is.
    pub fn place(&self) -> Place {
        Place::Services
    }

    /// Where keys are looked up.
    pub fn contexts(&self) -> Vec<Context> {
        vec![Context::Services]
    }

    /// Why an action cannot be had now.
    pub fn why_off(&self, action: Action) -> Option<&'static str> {
        match action {
            Action::Open if self.list.is_empty() => Some("there is no service in the list"),
            _ => None,
        }
    }

    /// Services have nothing to copy.
    pub fn yanked(&self, _action: Action) -> Option<String> {
        None
    }

    pub(super) fn shown(&mut self, turn: &mut Turn<'_>) {
        self.ask(turn);
    }

    pub(super) fn hidden(&mut self, turn: &mut Turn<'_>) {
        turn.cancel(&mut self.asked);
    }

    pub(super) fn act(&mut self, action: Action, turn: &mut Turn<'_>) {
        let height = list_height(turn.size);
        if self.rows.act(action, self.list.len(), height) {
            return;
        }
        match action {
            Action::Refresh => self.ask(turn),
            Action::Open => {
                if let Some(service) = self.list.get(self.rows.selected) {
                    turn.go = Some(Place::Traces {
                        query: format!("service:{}", quoted(&service.name)),
                    });
                }
            }
            _ => {}
        }
    }

    #[expect(clippy::unused_self, reason = "every screen answers this for itself")]
    pub(super) fn typed(&mut self, _key: Key, _turn: &mut Turn<'_>) {}

    #[expect(clippy::unused_self, reason = "every screen answers this for itself")]
    pub(super) fn pasted(&mut self, _text: &str, _turn: &mut Turn<'_>) {}

    #[expect(clippy::unused_self, reason = "every screen answers this for itself")]
    pub(super) fn woken(&mut self, _request: RequestId, _turn: &mut Turn<'_>) {}

    pub(super) fn answered(&mut self, request: RequestId, reply: &Reply, turn: &mut Turn<'_>) {
        if self.asked != Some(request) {
            return;
        }
        self.asked = None;
        match reply {
            Reply::Services(found) => {
                self.loaded = true;
                self.failure = None;
                self.list.clone_from(&found.services);
                for service in &self.list {
                    turn.marks.learn(&service.name);
                }
            }
            Reply::Failed(failure) => self.failure = Some(failure.clone()),
            _ => {}
        }
    }

    pub(super) fn settle(&mut self, size: (u16, u16)) {
        self.rows.settle(self.list.len(), list_height(size));
    }

    fn ask(&mut self, turn: &mut Turn<'_>) {
        turn.cancel(&mut self.asked);
        self.asked = Some(turn.ask(|request| Effect::Services { request }));
    }

    pub(super) fn draw(&self, frame: &mut Frame<'_>, body: Rect, state: &State) {
        let buffer = frame.buffer_mut();
        let theme = state.theme;
        let (top, list) = split_top(body, 2);
        let title = if let Some(failure) = &self.failure {
            format!(" {} {}", state.glyphs.error, sanitize(&failure.text))
        } else if self.loaded {
            format!(" {}", counted(self.list.len() as u64, "service"))
        } else {
            " asking".to_owned()
        };
        put(buffer, top.x, top.y, row(top, 0), &title, theme.dim());
        let columns = Columns::of(body.width);
        columns.draw(
            buffer,
            row(top, 1),
            ["", "service", "spans", "errors", "logs", "last seen"],
            [theme.dim(); 6],
        );
        let window = self.rows.window(self.list.len(), usize::from(list.height));
        for (line, index) in (0..list.height).zip(window) {
            if let Some(service) = self.list.get(index) {
                let chosen = index == self.rows.selected;
                draw_row(buffer, row(list, line), service, &columns, chosen, state);
            }
        }
    }
}

fn list_height(size: (u16, u16)) -> usize {
    usize::from(State::body(size).height.saturating_sub(2))
}

/// The name as a query term: bare where nothing in it could be read as syntax.
fn quoted(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    if !name.is_empty() && name.chars().all(is_plain) {
        return name.to_owned();
    }
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Where the columns end, as offsets from the left edge; zero leaves a column out.
struct Columns {
    name_end: u16,
    ends: [u16; 4],
}

impl Columns {
    fn of(width: u16) -> Self {
        let name_end = width
            .saturating_sub(if width >= 70 { 48 } else { 24 })
            .clamp(8, 48);
        let ends = if width >= 70 {
            [name_end + 11, name_end + 21, name_end + 32, name_end + 46]
        } else {
            [name_end + 10, name_end + 19, 0, 0]
        };
        Self { name_end, ends }
    }

    fn draw(&self, buffer: &mut Buffer, line: Rect, texts: [&str; 6], styles: [Style; 6]) {
        let [badge, name, numbers @ ..] = texts;
        let [badge_style, name_style, number_styles @ ..] = styles;
        put(
            buffer,
            line.x.saturating_add(1),
            line.y,
            line,
            badge,
            badge_style,
        );
        let room = Rect::new(
            line.x.saturating_add(5),
            line.y,
            self.name_end.saturating_sub(5).min(line.width),
            line.height,
        );
        put(buffer, room.x, line.y, room, name, name_style);
        for ((end, text), style) in self.ends.iter().zip(numbers).zip(number_styles) {
            if *end > 0 {
                put_right(
                    buffer,
                    line.x.saturating_add(*end),
                    line.y,
                    line,
                    text,
                    style,
                );
            }
        }
    }
}

fn draw_row(
    buffer: &mut Buffer,
    line: Rect,
    service: &ServiceEntry,
    columns: &Columns,
    chosen: bool,
    state: &State,
) {
    let theme = state.theme;
    let pick = |style: Style| if chosen { theme.cursor() } else { style };
    if chosen {
        buffer.set_style(line, theme.cursor());
    }
    let mark = state.marks.get(&service.name);
    let errors = match service.error_span_count {
        0 => String::new(),
        number => format!("{}{}", state.glyphs.error, count(number)),
    };
    let texts = [
        mark.badge.as_str(),
        &sanitize_start(&service.name, 200),
        &count(service.span_count),
        &errors,
        &count(service.log_count),
        &ago(service.last_seen_ns, state.now_ns),
    ];
    let styles = [
        theme.service(mark),
        theme.text(),
        theme.text(),
        theme.error(),
        theme.text(),
        theme.dim(),
    ];
    columns.draw(buffer, line, texts, styles.map(pick));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_service_names_are_quoted_in_the_query() {
        assert_eq!(quoted("order-service"), "order-service");
        assert_eq!(quoted("a \"b\""), "\"a \\\"b\\\"\"");
        assert_eq!(quoted(""), "\"\"");
    }
}
