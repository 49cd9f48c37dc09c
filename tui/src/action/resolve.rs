//! From a key press to an action.

use super::{ACTIONS, Action, Context, Key, Spec};

/// What a key press means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// This action.
    Action(Action),
    /// The first key of a sequence; the next one decides.
    Prefix,
    /// Nothing.
    Nothing,
}

/// What a key means where these contexts hold, the first one first, and after the first key
/// of a sequence where one was pressed.
pub fn resolve(contexts: &[Context], prefix: Option<Key>, key: Key) -> Resolution {
    let mut begins_sequence = false;
    for context in contexts {
        for spec in ACTIONS.iter().filter(|spec| spec.is_in(*context)) {
            for keys in spec.keys {
                match (prefix, keys.split_once(' ')) {
                    (None, None) if is(keys, key) => return Resolution::Action(spec.action),
                    (None, Some((first, _))) if is(first, key) => begins_sequence = true,
                    (Some(prefix), Some((first, second)))
                        if is(first, prefix) && is(second, key) =>
                    {
                        return Resolution::Action(spec.action);
                    }
                    _ => {}
                }
            }
        }
    }
    if begins_sequence {
        Resolution::Prefix
    } else {
        Resolution::Nothing
    }
}

/// The actions of these contexts, in the registry's order, each once.
pub fn available(contexts: &[Context]) -> impl Iterator<Item = &'static Spec> {
    ACTIONS
        .iter()
        .filter(move |spec| contexts.iter().any(|context| spec.is_in(*context)))
}

fn is(written: &str, key: Key) -> bool {
    written.parse() == Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(contexts: &[Context], prefix: Option<&str>, key: &str) -> Resolution {
        let prefix = prefix.map(|key| key.parse().unwrap());
        resolve(contexts, prefix, key.parse().unwrap())
    }

    #[test]
    fn a_search_takes_n_from_the_steps_and_gives_it_back() {
        let walk = [Context::Walk];
        let found = [Context::Found, Context::Walk];
        assert_eq!(press(&walk, None, "n"), Resolution::Action(Action::Next));
        assert_eq!(
            press(&found, None, "n"),
            Resolution::Action(Action::FindNext)
        );
        assert_eq!(
            press(&found, None, "p"),
            Resolution::Action(Action::Previous)
        );
    }

    #[test]
    fn sequences_need_both_keys() {
        let walk = [Context::Walk];
        assert_eq!(press(&walk, None, "["), Resolution::Prefix);
        assert_eq!(
            press(&walk, Some("["), "e"),
            Resolution::Action(Action::PreviousError)
        );
        assert_eq!(press(&walk, Some("["), "n"), Resolution::Nothing);
        assert_eq!(press(&[Context::Logs], None, "["), Resolution::Nothing);
    }
}
