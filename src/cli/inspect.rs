//! `holdpoint inspect`.

use super::savepoint::SavepointArguments;
use super::{Format, Output, pretty};
use holdpoint::Error;
use holdpoint::catalog::StateCatalog;
use holdpoint::metadata::CheckpointMetadata;
use holdpoint::report::{json, text};
use holdpoint::source::Observer;

/// Show what a savepoint or checkpoint holds
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    pub(super) savepoint: SavepointArguments,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

pub fn run(arguments: &Arguments, observer: &Observer) -> Result<Output, Error> {
    let location = arguments.savepoint.find(observer)?;
    let file = location.open_metadata()?;
    let metadata = CheckpointMetadata::decode(&file)
        .map_err(|error| Error::Decode { location: location.metadata().clone(), error })?;
    let catalog = StateCatalog::read(&metadata, &location)?;
    let text = match arguments.format {
        Format::Table => text::render_catalog(&arguments.savepoint.title(&location), &catalog),
        Format::Json => pretty(&json::render_savepoint(&metadata, &catalog, &location)?),
    };
    Ok(Output::passed(text))
}
