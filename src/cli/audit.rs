//! `holdpoint audit`.

use super::policy::now;
use super::savepoint::StoreArguments;
use super::{Body, Output};
use chrono::NaiveDateTime;
use clap::ValueEnum;
use holdpoint::Error;
use holdpoint::audit::{AuditRow, audit};
use holdpoint::report::{ExitStatus, text};
use holdpoint::source::{Event, Location, Observer, Source};
use std::convert::Infallible;
use std::io::{self, IsTerminal, Write};
use std::num::NonZeroUsize;
use std::thread::available_parallelism;
use std::time::Duration;

/// Read every savepoint and checkpoint below directories: a row for each
///
/// One that cannot be read has its error in its row, and the rest is read. The exit status is then 2; else it is 1 when files of
/// some are missing or have another size than recorded, and 0 when all are as they should be.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Where to look: directories, or URIs of stores. A web server cannot list what it has
    #[arg(required = true)]
    root: Vec<String>,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Rows::Table)]
    format: Rows,
    /// How many savepoints are read at once [default: as many as there are processors]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    #[command(flatten)]
    pub(super) store: StoreArguments,
}

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Rows {
    /// For people.
    Table,
    /// Comma-separated values, each row as it is read.
    Csv,
    /// JSON Lines: an object for each row, as it is read.
    Jsonl,
}

/// What the rows come to.
#[derive(Default)]
struct Tally {
    rows: u64,
    broken: bool,
    damaged: bool,
}

pub fn run(arguments: &Arguments, observer: &Observer) -> Result<Output, Error> {
    let source = arguments.store.source(observer)?;
    let roots: Vec<_> = arguments.root.iter().map(|root| Location::parse(root)).collect();
    let threads = arguments.jobs.or_else(|| available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
    let observer = Observer::clone(observer);
    if arguments.format == Rows::Table {
        let mut tally = Tally::default();
        let mut rows = Vec::new();
        let Ok(()) = audit::<Infallible>(&source, &roots, threads, |row| {
            tally.add(&row);
            observer(Event::Audited(tally.rows));
            rows.push(row);
            Ok(())
        });
        return Ok(Output::new(text::render_audit(&rows, age), tally.status()));
    }
    let format = arguments.format;
    let write = move |output: &mut dyn Write| {
        // A line that moves would stand among the rows.
        let quiet = io::stdout().is_terminal();
        stream(&source, &roots, threads, format, output, |rows| {
            if !quiet {
                observer(Event::Audited(rows));
            }
        })
    };
    // A reader that goes away before the last row leaves it open whether all could be read.
    Ok(Output { body: Body::Rows(Box::new(write)), files: Vec::new(), status: ExitStatus::Unusable })
}

/// Writes each row as it is read.
fn stream(
    source: &Source,
    roots: &[Location],
    threads: NonZeroUsize,
    format: Rows,
    output: &mut dyn Write,
    progress: impl Fn(u64),
) -> io::Result<ExitStatus> {
    let mut tally = Tally::default();
    let mut count = |row: &AuditRow| {
        tally.add(row);
        progress(tally.rows);
    };
    if format == Rows::Csv {
        let mut csv = csv::Writer::from_writer(output);
        audit(source, roots, threads, |row| {
            count(&row);
            csv.serialize(&row).map_err(io::Error::from)?;
            csv.flush()
        })?;
    } else {
        audit(source, roots, threads, |row| {
            count(&row);
            serde_json::to_writer(&mut *output, &row)?;
            writeln!(output)?;
            output.flush()
        })?;
    }
    Ok(tally.status())
}

impl Tally {
    fn add(&mut self, row: &AuditRow) {
        self.rows = self.rows.saturating_add(1);
        self.broken |= row.error.is_some();
        self.damaged |= row.is_damaged();
    }

    fn status(&self) -> ExitStatus {
        match (self.broken, self.damaged) {
            (true, _) => ExitStatus::Unusable,
            (false, true) => ExitStatus::Failed,
            (false, false) => ExitStatus::Passed,
        }
    }
}

/// How long ago this time was.
fn age(time: &str) -> Option<Duration> {
    let time = time.trim_end_matches('Z').parse::<NaiveDateTime>().ok()?;
    now().naive_utc().signed_duration_since(time).to_std().ok()
}
