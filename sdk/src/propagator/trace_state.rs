//! The list of `tracestate`: members, limits, what makes it invalid.

/// Members of the list at most; one more and the whole list is dropped.
const MEMBERS_MAX: usize = 32;
/// Characters of a key or a value at most.
const CHARS_MAX: usize = 256;

/// The members of all `headers` in order; none when one is invalid, as the recommendation asks.
pub(super) fn parse(headers: &[&str]) -> Option<Vec<(String, String)>> {
    let mut members = Vec::new();
    for member in headers.iter().flat_map(|it| it.split(',')) {
        let member = member.trim_matches([' ', '\t']);
        // Empty members are allowed and mean nothing.
        if member.is_empty() {
            continue;
        }
        let (key, value) = member.split_once('=')?;
        if members.len() == MEMBERS_MAX || !is_key(key) || !is_value(value) {
            return None;
        }
        members.push((key.to_owned(), value.to_owned()));
    }
    Some(members)
}

pub(super) fn print(members: &[(String, String)]) -> String {
    let pairs = members.iter().map(|(key, value)| format!("{key}={value}"));
    pairs.collect::<Vec<_>>().join(",")
}

fn is_key(key: &str) -> bool {
    let letter = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit();
    let rest = |it: u8| letter(it) || b"_-*/@".contains(&it);
    key.len() <= CHARS_MAX
        && key.bytes().next().is_some_and(letter)
        && key.bytes().all(rest)
        && is_multi_tenant(key)
}

/// `tenant@system`: level 1 bounds both, and level 2 senders keep to it.
fn is_multi_tenant(key: &str) -> bool {
    let Some((tenant, system)) = key.split_once('@') else {
        return true;
    };
    let begins = system
        .bytes()
        .next()
        .is_some_and(|it| it.is_ascii_lowercase() || it.is_ascii_digit());
    tenant.len() <= 241 && system.len() <= 14 && begins && !system.contains('@')
}

/// Printable characters but `,` and `=`; the last is no space.
fn is_value(value: &str) -> bool {
    let plain = |it: u8| (0x20..=0x7e).contains(&it) && it != b',' && it != b'=';
    (1..=CHARS_MAX).contains(&value.len()) && value.bytes().all(plain)
}
