//! The nearest known word to one that was typed.

/// The candidate that differs least from the word, if one is near enough to have been meant.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let typed = word.to_lowercase();
    let letters = typed.chars().count();
    let allowed = match letters {
        0..=2 => return None,
        3..=4 => 1,
        _ => 2,
    };
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&typed, candidate), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_is_forgiven_and_another_word_is_not() {
        let known = ["service", "name", "span", "spans"];
        assert_eq!(nearest("sevice", known), Some("service"));
        assert_eq!(nearest("Service", known), Some("service"));
        assert_eq!(nearest("nmae", known), Some("name"));
        assert_eq!(nearest("user", known), None);
        assert_eq!(nearest("a", known), None);
    }
}
