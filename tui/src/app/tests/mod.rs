//! The UI as a whole: keys and answers in, text of the screen out.

pub(crate) mod fixture;
mod hostile;
mod journeys;
mod looped;
mod random;
mod snapshots;

use std::sync::Arc;

use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

use super::{Effect, Message, Options, Place, Reply, State, update, view};
use crate::screens::walk::WalkData;

/// A UI with a fake collector, driven by hand.
struct Stage {
    state: State,
    now_ns: u64,
    waiting: Vec<Effect>,
    copied: Vec<String>,
}

impl Stage {
    /// Opens a place at a size and answers what it asks.
    fn open(place: &str, size: (u16, u16)) -> Self {
        Self::with(
            place,
            size,
            &Options {
                color: true,
                ..Options::default()
            },
        )
    }

    /// Opens a place and leaves what it asks to the test.
    fn unanswered(place: &str, size: (u16, u16)) -> Self {
        Self::begin(place, size, &Options::default())
    }

    fn with(place: &str, size: (u16, u16), options: &Options) -> Self {
        let mut stage = Self::begin(place, size, options);
        stage.answer_all();
        stage
    }

    fn begin(place: &str, size: (u16, u16), options: &Options) -> Self {
        let place: Place = place.parse().unwrap();
        let mut stage = Self {
            state: State::new(&place, options, TimeZone::UTC, size),
            now_ns: fixture::START_NS + 3_000_000_000,
            waiting: Vec::new(),
            copied: Vec::new(),
        };
        let effects = super::update::start(&mut stage.state, stage.now_ns);
        stage.take(effects);
        stage
    }

    fn take(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Cancel(cancelled) => self
                    .waiting
                    .retain(|waiting| request_of(waiting) != Some(cancelled)),
                Effect::Copy(text) => self.copied.push(text),
                other => self.waiting.push(other),
            }
        }
    }

    fn send(&mut self, message: Message) {
        let effects = update(&mut self.state, self.now_ns, message);
        self.take(effects);
    }

    /// Answers every request that waits, as the fake collector does; wake-ups stay.
    fn answer_all(&mut self) {
        while let Some(index) = self
            .waiting
            .iter()
            .position(|effect| fixture::answer(effect).is_some())
        {
            let effect = self.waiting.remove(index);
            if let Some((request, reply)) = fixture::answer(&effect) {
                self.send(Message::Answer(request, reply));
            }
        }
    }

    /// Lets the time of every wake-up come.
    fn wake_all(&mut self) {
        let (wakes, rest) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|effect| matches!(effect, Effect::Wake { .. }));
        self.waiting = rest;
        for wake in wakes {
            let wake: Effect = wake;
            if let Effect::Wake { request, .. } = wake {
                self.send(Message::Wake(request));
            }
        }
        self.answer_all();
    }

    /// Lets the list look at what is stored, answer so, and search with a changed answer.
    fn wake_by(
        &mut self,
        status: &spanwalk_api::Status,
        change: impl Fn(&mut spanwalk_api::SearchResponse),
    ) {
        let wakes: Vec<Effect> = std::mem::take(&mut self.waiting);
        for wake in wakes {
            if let Effect::Wake { request, .. } = wake {
                self.send(Message::Wake(request));
            }
        }
        while let Some(effect) = self.waiting.pop() {
            match effect {
                Effect::Status { request } => {
                    let reply = Reply::Status(Box::new(status.clone()));
                    self.send(Message::Answer(request, reply));
                }
                Effect::Search { request, params } => {
                    let mut found = fixture::found(&params.q);
                    change(&mut found);
                    self.send(Message::Answer(request, Reply::Search(Box::new(found))));
                }
                _ => {}
            }
        }
    }

    /// Presses keys, written as the registry writes them and apart by blanks.
    fn press(&mut self, keys: &str) {
        for key in keys.split(' ') {
            self.send(Message::Key(key.parse().unwrap()));
            self.answer_all();
        }
    }

    fn type_text(&mut self, text: &str) {
        for character in text.chars() {
            let key = crate::action::Key::plain(crossterm::event::KeyCode::Char(character));
            self.send(Message::Key(key));
        }
    }

    fn buffer(&self) -> Buffer {
        let (columns, rows) = self.state.size;
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        terminal.draw(|frame| view(&self.state, frame)).unwrap();
        terminal.backend().buffer().clone()
    }

    /// The screen as text, one line per row, without blanks at the ends.
    fn text(&self) -> String {
        text_of(&self.buffer())
    }

    fn place(&self) -> String {
        self.state.history.current().place().to_string()
    }
}

fn text_of(buffer: &Buffer) -> String {
    let area = buffer.area;
    let mut text = String::new();
    for y in area.top()..area.bottom() {
        let mut line = String::new();
        let mut skip = 0;
        for x in area.left()..area.right() {
            let symbol = buffer[(x, y)].symbol();
            if skip > 0 {
                skip -= 1;
                continue;
            }
            line.push_str(symbol);
            skip = crate::text::width::width(symbol).saturating_sub(1);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn request_of(effect: &Effect) -> Option<super::RequestId> {
    match effect {
        Effect::Search { request, .. }
        | Effect::Logs { request, .. }
        | Effect::Trace { request, .. }
        | Effect::Services { request }
        | Effect::Status { request }
        | Effect::Wake { request, .. } => Some(*request),
        Effect::Cancel(_) | Effect::Copy(_) | Effect::Suspend => None,
    }
}

fn trace_reply(items: spanwalk_model::TraceItems) -> Reply {
    Reply::Trace(Arc::new(WalkData::new(items)))
}
