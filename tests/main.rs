//! The integration tests, in one binary.

// A test that panics has failed, which is what it is for; and what it counts is no input.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::arithmetic_side_effects, clippy::print_stdout)]

mod audit;
mod book;
mod cli;
mod diff;
mod files;
mod fixtures;
mod formats;
mod fresh;
mod graphs;
mod headers;
mod hostile;
#[cfg(feature = "http")]
mod http;
mod ids;
mod integrations;
mod outputs;
mod planned;
mod policy;
mod randoms;
mod reference;
#[cfg(all(feature = "azure", feature = "gcs", feature = "http", feature = "s3"))]
mod refusals;
mod registry;
mod rules;
mod serializer_document;
mod serializers;
mod source;
mod stored_state;
mod support;
mod upgrades;
