//! Shapes such as `"POST /orders" > "SELECT orders"[2] ~> "process orders"`.

use opentelemetry::trace::SpanKind;

use super::trace::{Span, Trace};

/// How a step leads to the next span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Child,
    Descendant,
    Follows,
}

impl Way {
    fn text(self) -> &'static str {
        match self {
            Self::Child => ">",
            Self::Descendant => ">>",
            Self::Follows => "~>",
        }
    }
}

/// A name, and how many spans of it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Step {
    way: Way,
    name: String,
    /// None: one or more.
    count: Option<Count>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Count {
    number: usize,
    or_more: bool,
}

/// Steps from a span anywhere in the trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shape(Vec<Step>);

impl Step {
    fn fits(&self, span: &Span) -> bool {
        match self.name.strip_suffix('*') {
            Some(begin) => span.name.starts_with(begin),
            None => span.name == self.name,
        }
    }

    fn has(&self, count: usize) -> bool {
        match self.count {
            None => count > 0,
            Some(it) if it.or_more => count >= it.number,
            Some(it) => count == it.number,
        }
    }

    fn text(&self) -> String {
        let count = match self.count {
            None => String::new(),
            Some(it) if it.or_more => format!("[{}..]", it.number),
            Some(it) => format!("[{}]", it.number),
        };
        format!("{:?}{count}", self.name)
    }
}

impl Shape {
    /// Reads a shape; what is wrong is said with the rest of the text from there on.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut rest = text.trim();
        let mut steps = Vec::new();
        let mut way = Way::Descendant;
        loop {
            let (step, left) = step(way, rest)?;
            steps.push(step);
            rest = left.trim_start();
            if rest.is_empty() {
                return Ok(Self(steps));
            }
            let ways = [Way::Descendant, Way::Follows, Way::Child];
            let found = ways
                .into_iter()
                .find_map(|it| rest.strip_prefix(it.text()).map(|left| (it, left)));
            let (next, left) = found.ok_or_else(|| format!("expected >, >> or ~> at: {rest}"))?;
            (way, rest) = (next, left.trim_start());
        }
    }

    /// Whether the trace has the shape; else how far it goes.
    pub(super) fn find(&self, trace: &Trace) -> Result<(), String> {
        let Some((first, steps)) = self.0.split_first() else {
            return Ok(());
        };
        let begins: Vec<_> = trace.spans.iter().filter(|it| first.fits(it)).collect();
        if !first.has(begins.len()) {
            return Err(format!("{} has {} spans", first.text(), begins.len()));
        }
        let mut furthest = (0, String::new());
        for begin in begins {
            match follow(trace, begin, steps) {
                Ok(()) => return Ok(()),
                Err(failed) if failed.0 >= furthest.0 => furthest = failed,
                Err(_) => {}
            }
        }
        if steps.is_empty() {
            return Ok(());
        }
        Err(furthest.1)
    }
}

/// One span that has all further steps is enough; else the depth of the failure, and its text.
fn follow(trace: &Trace, from: &Span, steps: &[Step]) -> Result<(), (usize, String)> {
    let Some((step, further)) = steps.split_first() else {
        return Ok(());
    };
    let reached: Vec<_> = reach(trace, from, step.way)
        .into_iter()
        .filter(|it| step.fits(it))
        .collect();
    if !step.has(reached.len()) {
        let (way, found) = (step.way.text(), reached.len());
        return Err((
            0,
            format!("{:?} {way} {} has {found} spans", from.name, step.text()),
        ));
    }
    // None were asked for, and none are there to go on from.
    if reached.is_empty() {
        return Ok(());
    }
    let mut failed = (0, String::new());
    for span in reached {
        match follow(trace, span, further) {
            Ok(()) => return Ok(()),
            Err((depth, text)) if depth + 1 >= failed.0 => failed = (depth + 1, text),
            Err(_) => {}
        }
    }
    Err(failed)
}

fn reach<'a>(trace: &'a Trace, from: &'a Span, way: Way) -> Vec<&'a Span> {
    match way {
        Way::Child => trace.children(from).collect(),
        Way::Descendant => descendants(trace, from),
        Way::Follows => {
            let mut sources = descendants(trace, from);
            sources.push(from);
            let follows = |span: &&Span| {
                let linked = sources.iter().any(|it| span.links.contains(&it.span_id));
                let consumes = span.kind == SpanKind::Consumer
                    && sources.iter().any(|it| it.span_id == span.parent_id);
                linked || consumes
            };
            trace.spans.iter().filter(follows).collect()
        }
    }
}

fn descendants<'a>(trace: &'a Trace, from: &'a Span) -> Vec<&'a Span> {
    let mut all: Vec<&Span> = trace.children(from).collect();
    let mut next = 0;
    while let Some(span) = all.get(next).copied() {
        next += 1;
        all.extend(trace.children(span));
        // Spans in a circle would have no end.
        if all.len() > trace.spans.len() {
            break;
        }
    }
    all
}

/// A name in quotes, and perhaps a count.
fn step(way: Way, text: &str) -> Result<(Step, &str), String> {
    let expected = || format!("expected a name in quotes at: {text}");
    let inner = text.strip_prefix('"').ok_or_else(expected)?;
    let (name, rest) = inner.split_once('"').ok_or_else(expected)?;
    let (count, rest) = match rest.strip_prefix('[') {
        None => (None, rest),
        Some(inner) => {
            let (count, rest) = inner
                .split_once(']')
                .ok_or_else(|| format!("expected ] after: {inner}"))?;
            (Some(parse_count(count)?), rest)
        }
    };
    let step = Step {
        way,
        name: name.to_owned(),
        count,
    };
    Ok((step, rest))
}

fn parse_count(text: &str) -> Result<Count, String> {
    let (number, or_more) = text
        .strip_suffix("..")
        .map_or((text, false), |it| (it, true));
    let number = number
        .trim()
        .parse()
        .map_err(|_| format!("expected a count such as 2 or 2.. and not: {text}"))?;
    Ok(Count { number, or_more })
}
