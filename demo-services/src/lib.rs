//! The demo system: a small shop of real services with real troubles.
