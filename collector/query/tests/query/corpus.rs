//! Runs every stanza of `queries.txt` and `traceql.txt`.

use spanwalk_query::{Query, QueryError, parse, parse_lenient};

use crate::world::{NOW, World, world};

/// One query and what is said of it.
struct Stanza<'a> {
    line: usize,
    text: String,
    claims: Vec<(&'a str, &'a str)>,
}

fn stanzas(file: &str) -> Vec<Stanza<'_>> {
    let mut stanzas: Vec<Stanza<'_>> = Vec::new();
    for (index, line) in file.lines().enumerate() {
        if line.starts_with('#') || line.trim().is_empty() {
            continue;
        }
        if let Some(text) = line.strip_prefix("? ").or((line == "?").then_some("")) {
            stanzas.push(Stanza {
                line: index + 1,
                text: text.to_owned(),
                claims: Vec::new(),
            });
            continue;
        }
        let claim = line.trim();
        let (word, rest) = claim.split_once(' ').unwrap_or((claim, ""));
        stanzas
            .last_mut()
            .expect("a query comes first")
            .claims
            .push((word, rest.trim()));
    }
    stanzas
}

/// What an error says: place, message with expectation, and what it suggests.
fn shown_error(error: &QueryError) -> [(&'static str, String); 3] {
    [
        ("at", format!("{}..{}", error.range.start, error.range.end)),
        ("error", error.to_string()),
        ("suggests", error.suggestion.clone().unwrap_or_default()),
    ]
}

/// What a query says: text, remarks, traces with their matching spans, log records.
fn shown_query(query: &Query, world: &World) -> [(&'static str, String); 4] {
    let traces = world.traces.iter().filter_map(|(label, spans, items)| {
        let found = query.match_trace(items)?;
        let labels: Vec<&str> = found
            .span_indexes
            .iter()
            .map(|index| spans[*index])
            .collect();
        Some(format!("{label}:{}", labels.join(",")))
    });
    let logs = world
        .logs
        .iter()
        .filter(|(_, record)| query.match_log(record))
        .map(|(label, _)| (*label).to_owned());
    [
        ("prints", query.to_string()),
        ("notes", query.notes().join(" | ")),
        ("traces", traces.collect::<Vec<_>>().join(" ")),
        ("logs", logs.collect::<Vec<_>>().join(" ")),
    ]
}

#[test]
fn every_filter_of_the_corpus_is_what_the_corpus_says() {
    check(include_str!("queries.txt"));
}

#[test]
fn every_traceql_query_of_the_corpus_is_what_the_corpus_says() {
    check(include_str!("traceql.txt"));
}

fn check(file: &str) {
    let world = world();
    let mut wrong = Vec::new();
    let all = stanzas(file);
    assert!(all.len() > 80);
    for stanza in &all {
        let mut facts: Vec<(&str, String)> = match parse(&stanza.text, NOW) {
            Ok(query) => shown_query(&query, &world).into(),
            Err(error) => shown_error(&error).into(),
        };
        facts.push(("leaves", parse_lenient(&stanza.text, NOW).0.to_string()));
        assert!(
            !stanza.claims.is_empty(),
            "line {} claims nothing",
            stanza.line
        );
        for (word, claimed) in &stanza.claims {
            let found = facts.iter().find(|(name, _)| name == word);
            if found.map(|(_, fact)| fact.as_str()) != Some(*claimed) {
                wrong.push(format!(
                    "line {}: {}\n    claimed: {word} {claimed}\n    found: {facts:?}",
                    stanza.line, stanza.text
                ));
            }
        }
        // An error without a claim about it is a surprise.
        let is_error = facts.iter().any(|(name, _)| *name == "error");
        let is_claimed = stanza.claims.iter().any(|(word, _)| *word == "error");
        if is_error != is_claimed {
            wrong.push(format!(
                "line {}: {} gives {facts:?}",
                stanza.line, stanza.text
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
