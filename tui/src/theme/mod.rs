//! Colours by meaning, glyphs by capability.
