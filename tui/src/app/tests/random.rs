//! Any messages in any order at any size: no panic, and the cursor is always somewhere.

use proptest::prelude::*;

use super::super::{Message, Reply};
use super::fixture::{self, TRACE};
use super::{Stage, trace_reply};
use crate::action::{ACTIONS, Key};
use crate::screens::Screen;

#[derive(Debug, Clone)]
enum Step {
    Act(usize),
    Key(usize),
    Character(char),
    Resize(u16, u16),
    Paste(String),
    Wake,
    Answer,
    EmptyTrace,
}

const KEYS: [&str; 14] = [
    "esc",
    "enter",
    "tab",
    "up",
    "down",
    "left",
    "right",
    "home",
    "end",
    "pgup",
    "pgdn",
    "backspace",
    "[",
    "]",
];

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => (0..ACTIONS.len()).prop_map(Step::Act),
        4 => (0..KEYS.len()).prop_map(Step::Key),
        3 => any::<char>().prop_map(Step::Character),
        2 => (0u16..200, 0u16..60).prop_map(|(x, y)| Step::Resize(x, y)),
        1 => any::<String>().prop_map(Step::Paste),
        2 => Just(Step::Wake),
        8 => Just(Step::Answer),
        1 => Just(Step::EmptyTrace),
    ]
}

fn take(stage: &mut Stage, step: Step) {
    match step {
        Step::Act(index) => {
            // Leaving ends the program, so nothing would follow.
            let action = ACTIONS[index].action;
            stage.send(Message::Act(action));
        }
        Step::Key(index) => stage.send(Message::Key(KEYS[index].parse().unwrap())),
        Step::Character(character) => {
            let code = crossterm::event::KeyCode::Char(character);
            stage.send(Message::Key(Key::plain(code)));
        }
        Step::Resize(columns, rows) => stage.send(Message::Resize(columns, rows)),
        Step::Paste(text) => stage.send(Message::Paste(text)),
        Step::Wake => stage.wake_all(),
        Step::Answer => stage.answer_all(),
        Step::EmptyTrace => {
            let trace = stage.waiting.iter().find_map(|effect| match effect {
                super::Effect::Trace { request, .. } => Some(*request),
                _ => None,
            });
            if let Some(request) = trace {
                let reply: Reply = trace_reply(spanwalk_model::TraceItems::default());
                stage.send(Message::Answer(request, reply));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_sequence_of_messages_breaks_the_ui(
        start in 0usize..4,
        steps in proptest::collection::vec(step(), 1..60),
    ) {
        let walk = format!("trace/{TRACE}");
        let place = [walk.as_str(), "traces", "logs", "services"][start];
        let mut stage = Stage::unanswered(place, (80, 24));
        for step in steps {
            take(&mut stage, step);
            // Drawing is where an index out of range would show.
            let _ = stage.buffer();
            if let Screen::Walk(screen) = stage.state.history.current()
                && let Some(data) = screen.data()
            {
                prop_assert!(data.event_count() == 0 || screen.cursor() < data.event_count());
            }
        }
        // Escape leaves every layer, so that nobody is caught.
        stage.send(Message::Resize(80, 24));
        for _ in 0..64 {
            stage.send(Message::Key("esc".parse().unwrap()));
        }
        prop_assert!(stage.state.leaving || stage.state.overlay.is_none());
    }

    #[test]
    fn every_size_is_drawn(columns in 0u16..220, rows in 0u16..80, place in 0usize..4) {
        let walk = format!("trace/{TRACE}?span=0000000000000007&t={}", fixture::START_NS);
        let place = [walk.as_str(), "traces?q=x", "logs", "services"][place];
        let mut stage = Stage::open(place, (columns, rows));
        let _ = stage.buffer();
        for keys in ["?", "esc", ":", "esc", "y", "esc", "/"] {
            stage.press(keys);
            let _ = stage.buffer();
        }
    }
}
