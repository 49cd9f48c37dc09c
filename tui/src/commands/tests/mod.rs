//! Whole commands against a collector that answers what the test says.

mod answers;
mod use_of;

use std::ffi::OsString;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use super::run;
use crate::env::Environment;
use crate::output::{Exit, Output};

/// Bytes that stay readable after they were given away.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Kept {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// What a command did.
struct Ran {
    exit: Exit,
    out: String,
    err: String,
}

/// Runs a command line without any settings of the machine.
fn spanwalk(arguments: &[&str]) -> Ran {
    spanwalk_in(arguments, &Environment::default())
}

fn spanwalk_in(arguments: &[&str], environment: &Environment) -> Ran {
    let arguments: Vec<OsString> = std::iter::once(&"spanwalk")
        .chain(arguments)
        .map(OsString::from)
        .collect();
    let (out, err) = (Kept::default(), Kept::default());
    let mut output = Output::to(Box::new(out.clone()), Box::new(err.clone()));
    let exit = run(&arguments, environment, &mut output);
    Ran {
        exit,
        out: out.text(),
        err: err.text(),
    }
}
