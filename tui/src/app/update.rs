//! The only place where state changes.

use super::overlay::{Overlay, Toast, help_entries, palette_entries};
use super::{Effect, Message, Place, Reply, RequestId, State, Turn};
use crate::action::{Action, Context, Key, Resolution, Spec, resolve};
use crate::screens::Screen;
use crate::widgets::input::Input;

/// Changes the state by one message at a time and says what to do outside.
///
/// Total: every message is right in every state, and nothing is asked of the world.
pub fn update(state: &mut State, now_ns: u64, message: Message) -> Vec<Effect> {
    state.now_ns = now_ns;
    let mut effects = Vec::new();
    match message {
        Message::Key(key) => press(state, key, &mut effects),
        Message::Act(action) => act(state, action, &mut effects),
        Message::Paste(text) => paste(state, &text, &mut effects),
        Message::Resize(columns, rows) => state.size = (columns, rows),
        Message::Answer(request, reply) => answer(state, request, &reply, &mut effects),
        Message::Wake(request) => with_all(state, &mut effects, |screen, turn| {
            screen.woken(request, turn);
        }),
        Message::Copied(outcome) => {
            state.toast = Some(match outcome {
                Ok(text) => Toast::done(text),
                Err(text) => Toast::problem(text),
            });
        }
        Message::Continued => with_current(state, &mut effects, Screen::shown),
    }
    let size = state.size;
    state.history.current_mut().settle(size);
    effects
}

/// What to do when the UI opens, before the first message.
pub(super) fn start(state: &mut State, now_ns: u64) -> Vec<Effect> {
    state.now_ns = now_ns;
    let mut effects = Vec::new();
    with_current(state, &mut effects, Screen::shown);
    let size = state.size;
    state.history.current_mut().settle(size);
    effects
}

fn press(state: &mut State, key: Key, effects: &mut Vec<Effect>) {
    state.toast = None;
    let prefix = state.prefix.take();
    match resolve(&state.contexts(), prefix, key) {
        Resolution::Action(action) => act(state, action, effects),
        Resolution::Prefix => state.prefix = Some(key),
        Resolution::Nothing => match &mut state.overlay {
            Some(Overlay::Help { filter, offset }) => {
                filter.press(key);
                *offset = 0;
            }
            Some(Overlay::Palette { input, selected }) => {
                input.press(key);
                *selected = 0;
            }
            Some(Overlay::Yank) => state.overlay = None,
            None => with_current(state, effects, |screen, turn| screen.typed(key, turn)),
        },
    }
}

fn act(state: &mut State, action: Action, effects: &mut Vec<Effect>) {
    if state.overlay.is_some() && in_overlay(state, action, effects) {
        return;
    }
    if let Some(reason) = state.why_off(action) {
        let title = Spec::of(action).map_or("", |spec| spec.title);
        state.toast = Some(Toast::problem(format!("{title}: {reason}")));
        return;
    }
    match action {
        Action::Quit => state.leaving = true,
        Action::Suspend => effects.push(Effect::Suspend),
        Action::Help => {
            state.overlay = Some(Overlay::Help {
                filter: Input::default(),
                offset: 0,
            });
        }
        Action::Palette => {
            state.overlay = Some(Overlay::Palette {
                input: Input::default(),
                selected: 0,
            });
        }
        Action::Yank => state.overlay = Some(Overlay::Yank),
        Action::ToTraces => go(state, &Place::traces(""), effects),
        Action::ToLogs => go(
            state,
            &Place::Logs {
                query: String::new(),
            },
            effects,
        ),
        Action::ToServices => go(state, &Place::Services, effects),
        Action::HistoryBack if !state.history.current().can_go_back() => back(state, effects),
        Action::HistoryForward if !state.history.current().can_go_forward() => {
            with_current(state, effects, Screen::hidden);
            state.history.forward();
            with_current(state, effects, Screen::shown);
        }
        _ => with_current(state, effects, |screen, turn| screen.act(action, turn)),
    }
}

/// Gives the action to what lies over the screen; false where it is not for it.
fn in_overlay(state: &mut State, action: Action, effects: &mut Vec<Effect>) -> bool {
    if matches!(action, Action::Quit | Action::Suspend) {
        return false;
    }
    let beneath = state.history.current().contexts();
    match (&mut state.overlay, action) {
        (_, Action::Cancel) => state.overlay = None,
        (Some(Overlay::Help { filter, offset }), _) => {
            let last = help_entries(&beneath, filter.text())
                .len()
                .saturating_sub(1);
            match action {
                Action::MenuDown => *offset = (*offset + 1).min(last),
                Action::MenuUp => *offset = offset.saturating_sub(1),
                Action::Complete => {}
                _ => state.overlay = None,
            }
        }
        (Some(Overlay::Palette { input, selected }), _) => {
            let entries = palette_entries(&beneath, input.text());
            match action {
                Action::MenuDown => {
                    *selected = (*selected + 1).min(entries.len().saturating_sub(1));
                }
                Action::MenuUp => *selected = selected.saturating_sub(1),
                Action::Complete => {}
                _ => {
                    let chosen = entries.get(*selected).map(|spec| spec.action);
                    state.overlay = None;
                    if let Some(chosen) = chosen {
                        act(state, chosen, effects);
                    }
                }
            }
        }
        (Some(Overlay::Yank), _) => {
            state.overlay = None;
            match state.history.current().yanked(action) {
                Some(text) => effects.push(Effect::Copy(
                    // Control characters pasted into a shell would be obeyed there.
                    text.lines()
                        .map(|line| crate::text::sanitize(line).into_string())
                        .collect::<Vec<_>>()
                        .join("\n"),
                )),
                None => state.toast = Some(Toast::problem("there is nothing of that to copy here")),
            }
        }
        (None, _) => return false,
    }
    true
}

fn paste(state: &mut State, text: &str, effects: &mut Vec<Effect>) {
    state.toast = None;
    match &mut state.overlay {
        Some(Overlay::Help { filter, .. }) => filter.insert(text),
        Some(Overlay::Palette { input, .. }) => input.insert(text),
        Some(Overlay::Yank) => {}
        None => match super::pasted_trace(text) {
            Some(place) => go(state, &place, effects),
            None => with_current(state, effects, |screen, turn| screen.pasted(text, turn)),
        },
    }
}

fn answer(state: &mut State, request: RequestId, reply: &Reply, effects: &mut Vec<Effect>) {
    if let Reply::Status(status) = reply {
        state.status = Some(status.as_ref().clone());
    }
    with_all(state, effects, |screen, turn| {
        screen.answered(request, reply, turn);
    });
}

fn go(state: &mut State, place: &Place, effects: &mut Vec<Effect>) {
    if state.history.current().place() == *place {
        return;
    }
    with_current(state, effects, Screen::hidden);
    state.history.go(place);
    with_current(state, effects, Screen::shown);
}

fn back(state: &mut State, effects: &mut Vec<Effect>) {
    with_current(state, effects, Screen::hidden);
    if state.history.back() {
        with_current(state, effects, Screen::shown);
    } else {
        state.leaving = true;
    }
}

/// Lets the current screen handle something, and follows where it leads.
fn with_current(
    state: &mut State,
    effects: &mut Vec<Effect>,
    handle: impl FnOnce(&mut Screen, &mut Turn<'_>),
) {
    let mut turn = Turn::new(
        state.now_ns,
        state.size,
        &mut state.marks,
        &mut state.last_request,
        effects,
    );
    handle(state.history.current_mut(), &mut turn);
    let (toast, place, leave) = (turn.toast.take(), turn.go.take(), turn.leave);
    if toast.is_some() {
        state.toast = toast;
    }
    if let Some(place) = place {
        go(state, &place, effects);
    } else if leave {
        back(state, effects);
    }
}

/// Lets every screen see something; the one that waits for it takes it.
fn with_all(
    state: &mut State,
    effects: &mut Vec<Effect>,
    mut handle: impl FnMut(&mut Screen, &mut Turn<'_>),
) {
    let mut turn = Turn::new(
        state.now_ns,
        state.size,
        &mut state.marks,
        &mut state.last_request,
        effects,
    );
    for screen in state.history.all_mut() {
        handle(screen, &mut turn);
    }
    let (toast, place) = (turn.toast.take(), turn.go.take());
    if toast.is_some() {
        state.toast = toast;
    }
    if let Some(place) = place {
        go(state, &place, effects);
    }
}

/// The contexts whose keys help shows: those of the screen beneath.
pub(super) fn help_contexts(state: &State) -> Vec<Context> {
    let mut contexts = state.history.current().contexts();
    if contexts == [Context::Edit] {
        contexts = state.history.current().resting_contexts();
    }
    contexts
}
