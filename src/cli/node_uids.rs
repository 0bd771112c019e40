//! Files that say which node of a plan has which uid.

use holdpoint::Error;
use holdpoint::plan::{JobPlan, NodeUids};
use holdpoint::source::{Location, Source};
use std::path::Path;

/// The plan with the uids of those of these files that tell them by node, and the others.
pub(super) fn with_node_uids<'p>(
    source: &Source,
    mut plan: JobPlan,
    paths: &'p [String],
) -> Result<(JobPlan, Vec<&'p str>), Error> {
    let mut others = Vec::new();
    for path in paths {
        let location = Location::parse(path);
        let uids = if Path::new(path).is_dir() { None } else { NodeUids::read(&source.open(&location)?) };
        match uids {
            Some(uids) => plan = plan.with_uids(&location, uids)?,
            None => others.push(path.as_str()),
        }
    }
    Ok((plan, others))
}
