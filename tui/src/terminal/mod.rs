//! The terminal itself: taken, drawn on, given back in every end.

pub mod clipboard;
mod guard;
pub mod input;
mod screen;

pub use guard::Guard;
pub use screen::Screen;
