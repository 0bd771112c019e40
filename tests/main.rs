//! The integration tests, in one binary.

mod cli;
mod fixtures;
mod hostile;
mod registry;
mod restores;
mod rules;
mod support;
