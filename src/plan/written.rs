//! Where a person wrote an operator down: reports point there.

use std::collections::BTreeMap;

/// The place of an operator in a plan file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The plan file.
    pub file: String,
    /// The line that its entry starts in, from 1.
    pub line: u64,
    /// The lines of its states, by their names.
    pub states: BTreeMap<String, u64>,
}
