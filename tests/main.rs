//! The integration tests, in one binary.

mod cli;
mod fixtures;
mod registry;
mod restores;
mod rules;
mod support;
