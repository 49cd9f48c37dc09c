//! One whole trace as parallel columns.
