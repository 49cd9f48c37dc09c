//! Conditions are necessary: whatever matches fulfils them.
