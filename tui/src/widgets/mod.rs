//! Pieces that several screens are made of.

pub mod choices;
pub mod input;
pub mod lines;
pub mod paint;
pub mod popup;
pub mod query_bar;
pub mod rows;
pub mod waterfall;
