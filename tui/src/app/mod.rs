//! State, messages, update, effects.
//!
//! ```text
//!  keys, pastes, sizes ─┐                                ┌─▶ effects ─▶ workers ─┐
//!                       ├─▶ message ─▶ update(&mut State) ┤                       │
//!  answers, wake-ups ───┘        ▲                       └─▶ draw, once, if dirty │
//!                                └───────────────────────────────────────────────┘
//! ```
//! [`update()`] is pure: it asks no clock and does no I/O, the time comes with each message.
//! Drawing only reads. What takes time runs on a worker under a request number; an answer to
//! a number that nobody waits for any more is dropped.

mod backend;
mod effect;
mod history;
mod message;
mod options;
mod overlay;
mod place;
mod run;
mod state;
mod terminal_loop;
mod turn;
mod update;
mod view;
mod worker;

pub use backend::{Backend, Failure};
pub use effect::{Effect, RequestId};
pub use history::History;
pub use message::{Message, Reply};
pub use options::{Options, UiError};
pub use overlay::{Overlay, Toast};
pub(crate) use place::short_id;
pub use place::{ParsePlaceError, Place, pasted_trace};
pub use run::run;
pub use state::State;
pub use terminal_loop::{Port, drive};
pub use turn::Turn;
pub use update::update;
pub use view::view;

#[cfg(test)]
pub(crate) mod tests;
