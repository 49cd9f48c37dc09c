//! Settings as given and as checked.
