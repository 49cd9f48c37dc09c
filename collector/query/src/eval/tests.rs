//! What matches, case by case.
