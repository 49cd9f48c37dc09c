//! The table of actions.

use super::{Action, Context};
use Context::{Edit, Found, Logs, Services, Traces, Walk, YankMenu};

/// One action with its words and keys.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// The action.
    pub action: Action,
    /// Its stable name, for configuration and documents.
    pub id: &'static str,
    /// One or two words, for the footer.
    pub title: &'static str,
    /// What it does, in a sentence.
    pub help: &'static str,
    /// Its keys; a blank stands between keys pressed one after another.
    pub keys: &'static [&'static str],
    /// Where it can be had.
    pub contexts: &'static [Context],
    /// Place in the footer, lowest first; zero keeps it out.
    pub footer: u8,
}

const SCREENS: &[Context] = &[Traces, Walk, Logs, Services];
const LISTS: &[Context] = &[Traces, Logs, Services];

const fn spec(
    action: Action,
    id: &'static str,
    title: &'static str,
    keys: &'static [&'static str],
    contexts: &'static [Context],
    footer: u8,
    help: &'static str,
) -> Spec {
    Spec {
        action,
        id,
        title,
        help,
        keys,
        contexts,
        footer,
    }
}

/// Every action, in the order that help shows them.
#[rustfmt::skip]
pub const ACTIONS: &[Spec] = &[
    spec(Action::FindNext, "find.next", "next match", &["n"], &[Found], 1, "To the next place where the text was found"),
    spec(Action::FindPrevious, "find.previous", "previous", &["N"], &[Found], 2, "To the previous place where the text was found"),
    spec(Action::FindEnd, "find.end", "end search", &["esc"], &[Found], 3, "End the search; n and N step again"),

    spec(Action::Next, "walk.next", "next", &["n", "f10"], &[Walk], 10, "To the next event in causal order"),
    spec(Action::Previous, "walk.previous", "previous", &["p", "shift-f10"], &[Walk], 11, "To the previous event in causal order"),
    spec(Action::Into, "walk.into", "into", &["s", "f11"], &[Walk], 12, "Step into the child span or the callee service"),
    spec(Action::Out, "walk.out", "out", &["o", "shift-f11"], &[Walk], 13, "Step out to the caller, at the moment it goes on"),
    spec(Action::ErrorOrigin, "walk.origin", "origin", &["E"], &[Walk], 14, "To the event where the error began"),
    spec(Action::NextError, "walk.next_error", "next error", &["e", "] e"], &[Walk], 15, "To the next error in causal order"),
    spec(Action::PreviousError, "walk.previous_error", "previous error", &["[ e"], &[Walk], 0, "To the previous error in causal order"),
    spec(Action::NextInService, "walk.next_in_service", "next in service", &["N"], &[Walk], 0, "To the next event of the same service"),
    spec(Action::PreviousInService, "walk.previous_in_service", "previous in service", &["P"], &[Walk], 0, "To the previous event of the same service"),
    spec(Action::NextSibling, "walk.next_sibling", "next sibling", &["}"], &[Walk], 0, "To the next span with the same parent"),
    spec(Action::PreviousSibling, "walk.previous_sibling", "previous sibling", &["{"], &[Walk], 0, "To the previous span with the same parent"),
    spec(Action::Fold, "walk.fold", "fold", &["enter", "space"], &[Walk], 17, "Fold or unfold the span of the cursor"),
    spec(Action::FoldAll, "walk.fold_all", "fold all", &["z"], &[Walk], 0, "Fold all spans, or unfold them again"),
    spec(Action::FoldOut, "walk.fold_out", "fold or out", &["left", "h"], &[Walk], 0, "Fold the span or the run around the cursor, or go to the span around it"),
    spec(Action::FoldIn, "walk.fold_in", "unfold or in", &["right"], &[Walk], 0, "Unfold the span or run of the cursor, or go to the first row in it"),
    spec(Action::ZoomSpan, "walk.zoom_span", "zoom", &["Z"], &[Walk], 18, "Fit the time axis to the span or run of the cursor; again for all of the time"),
    spec(Action::ZoomIn, "walk.zoom_in", "zoom in", &["+", "="], &[Walk], 0, "Show half of the time, around the cursor"),
    spec(Action::ZoomOut, "walk.zoom_out", "zoom out", &["-"], &[Walk], 0, "Show twice the time"),
    spec(Action::ZoomAll, "walk.zoom_all", "all of the time", &["0"], &[Walk], 0, "Show all of the time"),
    spec(Action::Find, "walk.find", "find", &["/"], &[Walk], 16, "Find text in names, services, log records and attributes"),
    spec(Action::CausalList, "walk.causal_list", "list", &["t"], &[Walk], 19, "Change between the tree with bars and the dense list in causal order"),
    spec(Action::Lanes, "walk.lanes", "lanes", &["L"], &[Walk], 19, "Change between the tree and lanes of services with their messages as arrows"),
    spec(Action::Flame, "walk.flame", "flame", &["F"], &[Walk], 19, "Change between the tree and frames as wide as their time, calls beneath callers; enter zooms"),
    spec(Action::LogLevel, "walk.log_level", "log level", &["l"], &[Walk], 22, "Raise the level from which log records are shown; after fatal, all again"),

    spec(Action::Open, "open", "open", &["enter"], LISTS, 10, "Open what the cursor is on"),
    spec(Action::Query, "query", "query", &["/"], &[Traces, Logs], 11, "Edit the query; results follow as you type"),
    spec(Action::Groups, "traces.groups", "groups", &["t"], &[Traces], 12, "Change between the traces and their groups by root operation, with counts, failures and percentiles"),
    spec(Action::Refresh, "refresh", "refresh", &["r", "f5"], SCREENS, 30, "Ask the collector again"),
    spec(Action::Pane, "pane", "pane", &["tab"], &[Walk, Logs], 20, "Move the keys to the other pane"),
    spec(Action::Yank, "yank", "copy", &["y"], &[Traces, Walk, Logs], 21, "Copy ids or text to the clipboard"),

    spec(Action::YankTrace, "yank.trace", "trace id", &["t"], &[YankMenu], 1, "Copy the trace id"),
    spec(Action::YankSpan, "yank.span", "span id", &["s"], &[YankMenu], 2, "Copy the span id"),
    spec(Action::YankPlace, "yank.place", "link", &["p"], &[YankMenu], 4, "Copy the command that opens this place again, for others or for later"),
    spec(Action::YankEvent, "yank.event", "as text", &["y", "e"], &[YankMenu], 3, "Copy the event or record as text"),

    spec(Action::Down, "down", "down", &["j", "down"], SCREENS, 0, "One row down"),
    spec(Action::Up, "up", "up", &["k", "up"], SCREENS, 0, "One row up"),
    spec(Action::PageDown, "page_down", "page down", &["pgdn", "ctrl-f", "ctrl-d"], SCREENS, 0, "One page down"),
    spec(Action::PageUp, "page_up", "page up", &["pgup", "ctrl-b"], SCREENS, 0, "One page up"),
    spec(Action::Top, "top", "top", &["g", "home"], SCREENS, 0, "To the first row; the trace list then follows what comes"),
    spec(Action::Bottom, "bottom", "bottom", &["G", "end"], SCREENS, 0, "To the last row; lists then load more"),

    spec(Action::ToTraces, "screen.traces", "traces", &["1"], SCREENS, 0, "To the trace list"),
    spec(Action::ToLogs, "screen.logs", "logs", &["2"], SCREENS, 0, "To the log list"),
    spec(Action::ToServices, "screen.services", "services", &["3"], SCREENS, 0, "To the service list"),
    spec(Action::HistoryBack, "history.back", "back", &["u", "ctrl-o"], SCREENS, 0, "To where the cursor or the screen was before"),
    spec(Action::HistoryForward, "history.forward", "forward", &["ctrl-r"], SCREENS, 0, "To where it was before going back"),
    spec(Action::Back, "back", "back", &["q", "esc"], SCREENS, 40, "Leave this screen; on the first one, q leaves the program"),
    spec(Action::Palette, "palette", "commands", &[":"], SCREENS, 0, "Find an action by its name"),
    spec(Action::Help, "help", "help", &["?"], SCREENS, 50, "Show all keys of this screen"),
    spec(Action::Suspend, "suspend", "suspend", &["ctrl-z"], &[Traces, Walk, Logs, Services, Edit, YankMenu], 0, "Stop until the shell continues the program"),
    spec(Action::Quit, "quit", "quit", &["ctrl-c", "ctrl-q"], &[Traces, Walk, Logs, Services, Edit, YankMenu], 0, "Leave the program"),

    spec(Action::Accept, "accept", "accept", &["enter"], &[Edit], 1, "Accept what was typed or chosen"),
    spec(Action::Cancel, "cancel", "cancel", &["esc"], &[Edit, YankMenu], 2, "Leave without accepting"),
    spec(Action::Complete, "complete", "complete", &["tab"], &[Edit], 3, "Put the chosen completion in"),
    spec(Action::MenuDown, "menu.down", "next", &["down"], &[Edit], 4, "To the next entry or completion"),
    spec(Action::MenuUp, "menu.up", "previous", &["up", "shift-tab"], &[Edit], 0, "To the previous entry or completion"),
];

impl Spec {
    /// The spec of an action.
    pub fn of(action: Action) -> Option<&'static Self> {
        ACTIONS.iter().find(|spec| spec.action == action)
    }

    /// Whether the action can be had there.
    pub fn is_in(&self, context: Context) -> bool {
        self.contexts.contains(&context)
    }

    /// The first key, as people read it; sequences stand without the blank.
    pub fn key_text(&self) -> String {
        self.keys
            .first()
            .map(|keys| keys.replace(' ', ""))
            .unwrap_or_default()
    }

    /// All keys, as people read them.
    pub fn keys_text(&self) -> String {
        let keys: Vec<String> = self.keys.iter().map(|keys| keys.replace(' ', "")).collect();
        keys.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};
    use std::fmt::Write;

    use super::*;
    use crate::action::Key;

    const CONTEXTS: [Context; 7] = [Traces, Walk, Found, Logs, Services, Edit, YankMenu];

    #[test]
    fn no_two_actions_share_a_key_in_a_context() {
        for context in CONTEXTS {
            let mut owners: HashMap<&str, Action> = HashMap::new();
            for spec in ACTIONS.iter().filter(|spec| spec.is_in(context)) {
                for keys in spec.keys {
                    if let Some(other) = owners.insert(keys, spec.action) {
                        panic!(
                            "{keys:?} means {other:?} and {:?} in {context:?}",
                            spec.action
                        );
                    }
                }
            }
            // A key that begins a sequence cannot mean something by itself.
            for keys in owners.keys() {
                if let Some((prefix, _)) = keys.split_once(' ') {
                    assert!(!owners.contains_key(prefix), "{prefix} in {context:?}");
                }
            }
        }
    }

    #[test]
    fn the_page_of_keys_is_what_the_registry_says() {
        let names = [
            (Traces, "Trace list"),
            (Walk, "Walk"),
            (Found, "Walk, while a search in it is on"),
            (Logs, "Log list"),
            (Services, "Service list"),
            (Edit, "While typing"),
            (YankMenu, "Menu of what to copy"),
        ];
        let mut expected = String::new();
        for (context, name) in names {
            let _ = write!(
                expected,
                "\n## {name}\n\n| keys | action | |\n|---|---|---|\n"
            );
            for spec in ACTIONS.iter().filter(|spec| spec.is_in(context)) {
                let keys: Vec<String> = spec.keys.iter().map(|keys| format!("`{keys}`")).collect();
                let _ = writeln!(
                    expected,
                    "| {} | `{}` | {} |",
                    keys.join(", "),
                    spec.id,
                    spec.help
                );
            }
        }
        let page = include_str!("../../../docs/keys.md");
        let start = page.find("\n## ").unwrap();
        assert_eq!(
            page.get(start..),
            Some(expected.as_str()),
            "docs/keys.md is stale; it should end with the right side"
        );
    }

    #[test]
    fn every_action_is_complete_and_its_keys_can_be_read() {
        let mut ids = HashSet::new();
        for spec in ACTIONS {
            assert!(ids.insert(spec.id), "{} twice", spec.id);
            assert!(!spec.help.is_empty() && !spec.title.is_empty());
            assert!(
                !spec.contexts.is_empty() && !spec.keys.is_empty(),
                "{}",
                spec.id
            );
            for keys in spec.keys {
                for key in keys.split(' ') {
                    key.parse::<Key>().unwrap();
                }
            }
            assert_eq!(Spec::of(spec.action).unwrap().id, spec.id);
        }
    }
}
