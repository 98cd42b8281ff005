//! What the functions print, line by line.

use std::sync::{Mutex, PoisonError};

/// How many lines are kept; the oldest go first.
const KEPT: usize = 100_000;

/// One line that a function printed, or that was noted about it (a crash, a timeout).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// The function, `create-invitation`, or `local` for what this program itself has to say.
    pub function: String,
    /// The line, without its end.
    pub line: String,
}

/// The lines of one running set.
#[derive(Debug, Default)]
pub(crate) struct Logs {
    lines: Mutex<Vec<LogLine>>,
    echo: bool,
}

impl Logs {
    /// With `echo`, lines also go to standard error.
    pub(crate) fn new(echo: bool) -> Self {
        Self { lines: Mutex::default(), echo }
    }

    /// Takes a line.
    pub(crate) fn add(&self, function: &str, line: impl Into<String>) {
        let line = line.into();
        if self.echo {
            eprintln!("[{function}] {line}");
        }
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() >= KEPT {
            lines.drain(..KEPT / 10);
        }
        lines.push(LogLine { function: function.to_owned(), line });
    }

    /// All lines so far.
    pub(crate) fn all(&self) -> Vec<LogLine> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
