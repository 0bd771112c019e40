//! `holdpoint plan`.

use super::Output;
use super::savepoint::SavepointArguments;
use holdpoint::Error;
use holdpoint::catalog::StateCatalog;
use holdpoint::plan::PlanFile;
use holdpoint::source::Observer;

/// Write a plan file of the job that took a savepoint, to edit and review
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    pub(super) savepoint: SavepointArguments,
}

pub fn run(arguments: &Arguments, observer: &Observer) -> Result<Output, Error> {
    let location = arguments.savepoint.find(observer)?;
    let catalog = StateCatalog::open(&location)?;
    catalog.require_sound(&location)?;
    Ok(Output::passed(PlanFile::of_catalog(&catalog).to_yaml(&arguments.savepoint.title(&location))))
}
