//! State, messages, update, effects.

mod options;
mod place;

pub use options::{Options, UiError};
pub use place::{ParsePlaceError, Place, pasted_trace};
