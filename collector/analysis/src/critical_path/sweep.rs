//! One sweep backwards from a span's end: whoever finished last was waited for.

use spanwalk_model::trace::Trace;

use super::Section;
use super::timeline::{Child, Timeline};

/// A span on the way down, with the part of time that is still to be given away.
struct Frame {
    span: u32,
    from_ns: u64,
    cursor_ns: u64,
    /// Where its children begin on the shared stack of candidates.
    candidates_from: usize,
}

/// The sections from `root`'s start to its end, in order of time. They touch, so their lengths
/// sum to the root's.
///
/// From the end of a span backwards: of the children that ended by the cursor, the one that
/// ended last was waited for; what lies behind it is the span's own; the cursor goes on at
/// the child's start. Each child is looked at once, so a span with n children costs
/// O(n log n), and depth costs no stack (after Jaeger UI's `CriticalPath` and Uber's CRISP,
/// "Critical Path Analysis of Large-Scale Microservice Architectures", USENIX ATC 2022).
pub(super) fn sections(trace: &Trace, timeline: &Timeline, root: u32) -> Vec<Section> {
    let mut sections = Vec::new();
    let mut candidates: Vec<Child> = Vec::new();
    let mut frames = vec![enter(
        trace,
        timeline,
        &mut candidates,
        root,
        (timeline.start(root), timeline.end(root)),
    )];
    while let Some(frame) = frames.last_mut() {
        let Some(child) = last_finished(frame, &mut candidates) else {
            push(&mut sections, frame.span, frame.from_ns, frame.cursor_ns);
            frames.pop();
            continue;
        };
        let start_ns = child.start_ns.max(frame.from_ns);
        let end_ns = child.end_ns.min(frame.cursor_ns);
        push(&mut sections, frame.span, end_ns, frame.cursor_ns);
        frame.cursor_ns = start_ns;
        let window = (start_ns, end_ns);
        let entered = enter(trace, timeline, &mut candidates, child.span, window);
        frames.push(entered);
    }
    sections.reverse();
    sections
}

fn enter(
    trace: &Trace,
    timeline: &Timeline,
    candidates: &mut Vec<Child>,
    span: u32,
    (from_ns, cursor_ns): (u64, u64),
) -> Frame {
    let candidates_from = candidates.len();
    timeline.add_children(trace, span, candidates);
    if let Some(children) = candidates.get_mut(candidates_from..) {
        // Stable: of children that end together the one that started last is taken first.
        children.sort_by_key(|child| child.end_ns);
    }
    Frame {
        span,
        from_ns,
        cursor_ns,
        candidates_from,
    }
}

/// Takes the child that ended last by the cursor. Those that ended later ran beside what was
/// taken before them, and never come into question again.
fn last_finished(frame: &Frame, candidates: &mut Vec<Child>) -> Option<Child> {
    while candidates.len() > frame.candidates_from {
        let child = candidates.pop()?;
        let begins_ns = child.start_ns.max(frame.from_ns);
        let has_length = begins_ns < child.end_ns.min(frame.cursor_ns);
        if has_length && (child.end_ns <= frame.cursor_ns || child.soft_end_ns <= frame.cursor_ns) {
            return Some(child);
        }
    }
    None
}

fn push(sections: &mut Vec<Section>, span: u32, start_ns: u64, end_ns: u64) {
    if start_ns < end_ns {
        sections.push(Section {
            span,
            start_ns,
            end_ns,
        });
    }
}
