//! The command line: its definitions, and one file for each command.
//!
//! A command returns an [`Output`] and prints nothing, so that nothing is half-printed when it fails.

mod audit;
mod check;
mod completions;
mod diff;
mod explain;
mod files;
mod id;
mod inspect;
mod man;
mod node_uids;
mod plan;
mod policy;
mod rendered;
mod savepoint;
mod schema;
mod waive;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand, ValueEnum};
use holdpoint::Error;
use holdpoint::report::ExitStatus;
use holdpoint::source::Observer;
use std::io::{self, Write};
use std::path::PathBuf;

/// Reads Flink savepoints without a JVM, and says whether the next version of a job will restore from one.
#[derive(Debug, Parser)]
#[command(version, about, after_help = exit_status_help())]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// The exit statuses, and what they say.
const EXIT_STATUSES: [(ExitStatus, &str); 4] = [
    (
        ExitStatus::Passed,
        "Flink will accept the restore that was asked about, but for what is waived, and no finding reaches the gate",
    ),
    (ExitStatus::Failed, "findings reach the gate"),
    (ExitStatus::Unusable, "the tool could not do its work: unreadable input, a bad plan, a bad flag"),
    (ExitStatus::Undetermined, "nothing reaches the gate, but something could not be judged"),
];

fn exit_status_help() -> String {
    let lines = EXIT_STATUSES.map(|(status, meaning)| format!("  {}  {meaning}", status as u8));
    format!("Exit status:\n{}", lines.join("\n"))
}

#[derive(Debug, Subcommand)]
enum Command {
    Inspect(inspect::Arguments),
    Check(check::Arguments),
    Files(files::Arguments),
    Diff(diff::Arguments),
    Audit(audit::Arguments),
    Plan(plan::Arguments),
    Id(id::Arguments),
    Explain(explain::Arguments),
    Waive(waive::Arguments),
    Schema(schema::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
}

/// How a command writes what it found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Table,
    /// For scripts.
    Json,
}

/// What a command has to say.
pub struct Output {
    /// For standard output.
    pub body: Body,
    /// For files.
    pub files: Vec<(PathBuf, String)>,
    /// How the process ends.
    pub status: ExitStatus,
}

/// What goes to standard output. Nothing in it can fail any more but the writing.
pub enum Body {
    /// For people, styled.
    Text(String),
    /// A document that may be too long to be held at once.
    Document(Writer),
    /// Rows that are found out while they are written. How it ends is known then; until then, it is [`Output::status`].
    Rows(RowWriter),
}

/// Writes a document.
type Writer = Box<dyn FnOnce(&mut dyn Write) -> io::Result<()>>;

/// Writes rows, and says how it ended.
type RowWriter = Box<dyn FnOnce(&mut dyn Write) -> io::Result<ExitStatus>>;

impl Output {
    fn new(text: String, status: ExitStatus) -> Self {
        Self { body: Body::Text(text), files: Vec::new(), status }
    }

    fn passed(text: String) -> Self {
        Self::new(text, ExitStatus::Passed)
    }

    /// What `write` writes was decoded before, so that only the writing can fail.
    fn document(write: impl FnOnce(&mut dyn Write) -> io::Result<()> + 'static) -> Self {
        Self { body: Body::Document(Box::new(write)), files: Vec::new(), status: ExitStatus::Passed }
    }
}

impl Arguments {
    /// The arguments of the process. Bad ones end it with 2, as clap has it.
    pub fn read() -> Self {
        let arguments = Self::parse();
        if let Command::Check(check) = &arguments.command
            && let Err(problem) = check.format.validate()
        {
            Self::command().error(ErrorKind::ArgumentConflict, problem).exit()
        }
        arguments
    }

    /// Whether to say how much was fetched.
    pub fn is_verbose(&self) -> bool {
        match &self.command {
            Command::Inspect(arguments) => arguments.savepoint.is_verbose(),
            Command::Check(arguments) => arguments.savepoint.is_verbose(),
            Command::Files(arguments) => arguments.savepoint.is_verbose(),
            Command::Audit(arguments) => arguments.store.is_verbose(),
            Command::Diff(arguments) => arguments.store.is_verbose(),
            Command::Plan(arguments) => arguments.store.is_verbose(),
            Command::Id(arguments) => arguments.store.is_verbose(),
            Command::Explain(_)
            | Command::Waive(_)
            | Command::Schema(_)
            | Command::Completions(_)
            | Command::Man(_) => false,
        }
    }
}

/// Runs the command, and tells the observer what its sources do.
pub fn run(arguments: &Arguments, observer: &Observer) -> Result<Output, Error> {
    match &arguments.command {
        Command::Inspect(arguments) => inspect::run(arguments, observer),
        Command::Check(arguments) => check::run(arguments, observer),
        Command::Files(arguments) => files::run(arguments, observer),
        Command::Audit(arguments) => audit::run(arguments, observer),
        Command::Diff(arguments) => diff::run(arguments, observer),
        Command::Plan(arguments) => plan::run(arguments, observer),
        Command::Id(arguments) => id::run(arguments, observer),
        Command::Explain(arguments) => Ok(explain::run(arguments)),
        Command::Waive(arguments) => waive::run(arguments),
        Command::Schema(arguments) => Ok(schema::run(arguments)),
        Command::Completions(arguments) => Ok(completions::run(arguments)),
        Command::Man(arguments) => Ok(man::run(arguments)),
    }
}

/// A JSON document as people read it, too.
fn pretty(value: &serde_json::Value) -> String {
    format!("{value:#}\n")
}

/// As [`pretty`], for a document that is made as it is written.
fn write_pretty(output: &mut dyn Write, document: &impl serde::Serialize) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *output, document)?;
    writeln!(output)
}
