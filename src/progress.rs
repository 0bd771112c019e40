//! What happens while the command runs, on standard error: a line that moves, on a terminal only, and what was chosen.

use bytesize::ByteSize;
use holdpoint::report::text;
use holdpoint::source::{Event, Observer, Traffic};
use std::io::{IsTerminal, Write, stderr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What is over sooner needs no progress.
const QUIET: Duration = Duration::from_millis(500);

/// What was fetched so far, and whether a line stands on the terminal.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    traffic: Traffic,
    started: Option<Instant>,
    line: bool,
}

impl Progress {
    /// Tells of what a source does.
    pub fn observer(&self) -> Observer {
        let progress = self.clone();
        Arc::new(move |event| match event {
            Event::Fetched(traffic) => {
                progress.state().traffic = traffic;
                progress.tell(&fetched(traffic));
            }
            Event::Audited(savepoints) => progress.tell(&format!("read {savepoints} savepoints")),
            Event::Chose { checkpoint, among } => {
                let note = format!("reading {checkpoint}, the newest completed checkpoint of {among}");
                let _ = writeln!(anstream::stderr(), "{}", text::plain(&note));
            }
            Event::TakenAsUid(id) => {
                let note = format!(
                    "{id} looks like an operator ID, and was hashed as a uid; `holdpoint id --find {id}` says what it is"
                );
                let _ = writeln!(anstream::stderr(), "{note}");
            }
            _ => {}
        })
    }

    fn tell(&self, what: &str) {
        let mut state = self.state();
        if stderr().is_terminal() && state.started.get_or_insert_with(Instant::now).elapsed() > QUIET {
            state.line = true;
            let _ = write!(stderr(), "\r\x1b[K{what}");
        }
    }

    /// Takes the line away; with `tell`, says how much was fetched.
    pub fn end(&self, tell: bool) {
        let state = self.state();
        if state.line {
            let _ = write!(stderr(), "\r\x1b[K");
        }
        if tell {
            let _ = writeln!(stderr(), "{}", fetched(state.traffic));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn fetched(traffic: Traffic) -> String {
    format!("fetched {} in {} requests", ByteSize(traffic.bytes), traffic.requests)
}
