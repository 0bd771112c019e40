//! `holdpoint plan`.

use super::Output;
use holdpoint::Error;
use holdpoint::catalog::StateCatalog;
use holdpoint::plan::PlanFile;
use holdpoint::source::SavepointLocation;

/// Write a plan file of the job that took a savepoint, to edit and review
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A savepoint's directory, its _metadata file, or either as a file: URI
    savepoint: String,
}

pub fn run(arguments: &Arguments) -> Result<Output, Error> {
    let location = SavepointLocation::resolve(&arguments.savepoint)?;
    let catalog = StateCatalog::open(&location)?;
    catalog.require_sound(&location)?;
    Ok(Output::passed(PlanFile::of_catalog(&catalog).to_yaml(&arguments.savepoint)))
}
