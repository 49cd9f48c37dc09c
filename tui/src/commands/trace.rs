//! The trace that a text on the command line names.

use clap::error::ErrorKind;
use spanwalk_model::TraceId;

use super::CommandError;
use crate::app::{Place, pasted_trace};
use crate::args::CommandLine;

/// The place of the trace that the words name: an id, a traceparent, a place of the interface,
/// or any text with one trace id in it, such as a log line.
pub(super) fn place(words: &[String]) -> Option<Place> {
    let text = words.join(" ");
    pasted_trace(&text).or_else(|| {
        let mut ids = text
            .split(|character: char| !character.is_ascii_alphanumeric())
            .filter_map(|word| word.parse::<TraceId>().ok());
        let id = ids.next()?;
        ids.all(|other| other == id).then(|| Place::trace(id))
    })
}

/// The trace that the words name.
///
/// # Errors
/// Where they name none.
pub(super) fn named(words: &[String]) -> Result<(TraceId, Place), CommandError> {
    if let Some(place @ Place::Trace { id, .. }) = place(words) {
        return Ok((id, place));
    }
    let message = format!(
        "there is no trace id in `{}`; give its 32 hex digits, a traceparent, or a text with one \
         of them in it",
        words.join(" ")
    );
    Err(CommandLine::wrong_use(ErrorKind::InvalidValue, message).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    fn found(text: &str) -> Option<String> {
        let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        match place(&words)? {
            Place::Trace { id, .. } => Some(id.to_hex()),
            _ => None,
        }
    }

    #[test]
    fn a_trace_is_found_in_what_people_paste() {
        for text in [
            ID.to_owned(),
            format!("traceparent: 00-{ID}-00f067aa0ba902b7-01"),
            format!("00-{ID}-00f067aa0ba902b7-01"),
            format!("trace/{ID}?span=00f067aa0ba902b7"),
            format!("12:00:01 ERROR timeout trace_id={ID} span_id=00f067aa0ba902b7"),
            format!("{{\"trace\":\"{ID}\",\"again\":\"{ID}\"}}"),
        ] {
            assert_eq!(found(&text).as_deref(), Some(ID), "{text}");
        }
    }

    #[test]
    fn a_text_without_one_trace_names_none() {
        let other = "0af7651916cd43dd8448eb211c80319c";
        for text in [
            "",
            "search",
            "4bf92f",
            &format!("{ID} {other}"),
            &"0".repeat(32),
        ] {
            assert_eq!(found(text), None, "{text}");
        }
        let error = named(&["4bf92f".to_owned()]).unwrap_err().to_string();
        assert!(error.contains("no trace id in `4bf92f`"), "{error}");
    }
}
