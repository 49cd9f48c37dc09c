//! One folder per screen.
