//! Takes the picture of the README.
fn main() {}
