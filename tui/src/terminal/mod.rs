//! The terminal: set up, restored, read and written.
