//! The query language over spans and log records: parse, check, print, evaluate. No I/O, no clock.
