//! `holdpoint files`.

use super::savepoint::SavepointArguments;
use super::{Format, Output, pretty};
use holdpoint::Error;
use holdpoint::files::SavepointFiles;
use holdpoint::report::{ExitStatus, json, text};
use holdpoint::source::Observer;

/// List the files that a savepoint refers to: whose they are, whether they are there, and what would go with it
///
/// Nothing is ever deleted. With --verify, the exit status is 1 when a file is missing or has another size than recorded.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    pub(super) savepoint: SavepointArguments,
    /// Ask the store whether each file is there, and how long it is
    #[arg(long)]
    verify: bool,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

pub fn run(arguments: &Arguments, observer: &Observer) -> Result<Output, Error> {
    let location = arguments.savepoint.find(observer)?;
    let mut files = SavepointFiles::read(&location)?;
    if arguments.verify {
        files.verify(&location)?;
    }
    let text = match arguments.format {
        Format::Table => text::render_files(&arguments.savepoint.title(&location), &files),
        Format::Json => pretty(&json::render_files(&files)),
    };
    let status = if files.unsound().next().is_some() { ExitStatus::Failed } else { ExitStatus::Passed };
    Ok(Output::new(text, status))
}
