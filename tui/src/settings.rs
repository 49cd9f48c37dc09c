//! Settings: flags over environment over one file.
