//! State, messages, update, effects.
