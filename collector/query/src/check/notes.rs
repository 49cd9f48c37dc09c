//! Remarks on texts that mean something else than their writer may think.

use crate::field::{AttributeField, INTRINSICS, Key};
use crate::pattern::Pattern;
use crate::renames;
use crate::suggest::nearest;

/// Keys that other tools have for our built-in fields.
const SYNONYMS: [(&str, &str); 11] = [
    ("body", "log.body"),
    ("message", "log.body"),
    ("operation", "name"),
    ("severity", "level"),
    ("span.kind", "kind"),
    ("span.name", "name"),
    ("span.status", "status"),
    ("span_id", "span"),
    ("spanid", "span"),
    ("trace_id", "trace"),
    ("traceid", "trace"),
];

/// Says so where the key of an attribute looks like that of a built-in field.
pub(super) fn on_key(key: &str, notes: &mut Vec<String>) {
    let meant = SYNONYMS
        .iter()
        .find(|(synonym, _)| synonym.eq_ignore_ascii_case(key))
        .map(|(_, meant)| *meant)
        .or_else(|| nearest(key, INTRINSICS.iter().map(|intrinsic| intrinsic.key)));
    if let Some(meant) = meant {
        add(
            notes,
            format!("`{key}` is searched as an attribute; did you mean `{meant}`?"),
        );
    }
}

/// Says so where the attribute's name is an old one.
pub(super) fn on_attribute(field: &AttributeField, notes: &mut Vec<String>) {
    if field.lookups.len() == 1 {
        return;
    }
    let names: Vec<String> = renames::new_names(&field.key)
        .map(|name| format!("`{name}`"))
        .collect();
    if !names.is_empty() {
        add(
            notes,
            format!(
                "`{}` is an old name; {} is searched too",
                field.key,
                names.join(" and ")
            ),
        );
    }
}

/// Says so where a word looks like a keyword or a test.
pub(super) fn on_word(pattern: &Pattern, notes: &mut Vec<String>) {
    let Some(text) = pattern.as_literal() else {
        return;
    };
    if ["and", "or", "not"].contains(&text) {
        let keyword = text.to_uppercase();
        add(
            notes,
            format!("`{text}` is searched as a word; as an operator it is written `{keyword}`"),
        );
        return;
    }
    let Some((key, rest)) = text
        .find(['=', '<', '>', '!'])
        .and_then(|index| text.split_at_checked(index))
    else {
        return;
    };
    if !matches!(Key::of_text(key), Key::Attribute(_)) {
        let value = rest.trim_start_matches(['=', '!', '~']);
        let sign = if rest.starts_with("!=") { "-" } else { "" };
        add(
            notes,
            format!("`{text}` is searched as words; as a test it is written `{sign}{key}:{value}`"),
        );
    }
}

fn add(notes: &mut Vec<String>, note: String) {
    if !notes.contains(&note) {
        notes.push(note);
    }
}
