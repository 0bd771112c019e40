//! Every savepoint and checkpoint below some directories, a row each.
//!
//! Some are read at once, and their rows come in the order in which they are found, which is that of their paths. No more
//! than those is held: who wants all rows keeps them.

mod row;
mod walk;

pub use row::AuditRow;

use crate::source::{Location, Source};
use std::num::NonZeroUsize;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::SystemTime;
use walk::Walk;

/// For each thread so many savepoints are found before they are read: one that takes long holds up few others.
const FOUND_FOR_EACH: usize = 16;

/// Something that a walk came to.
enum Found {
    /// A directory with a `_metadata` file, and when that was written, where the store tells it.
    Savepoint(Location, Option<SystemTime>),
    /// A directory that could not be looked into, or in which nothing was.
    Problem(Location, String),
}

/// Reads what is below these directories, in so many threads, and gives each row to `each` until that says to stop.
pub fn audit<E>(
    source: &Source,
    roots: &[Location],
    threads: NonZeroUsize,
    mut each: impl FnMut(AuditRow) -> Result<(), E>,
) -> Result<(), E> {
    let mut walk = Walk::new(source, roots);
    loop {
        let found: Vec<_> = walk.by_ref().take(threads.get().saturating_mul(FOUND_FOR_EACH)).collect();
        if found.is_empty() {
            return Ok(());
        }
        for row in read_all(source, &found, threads) {
            each(row)?;
        }
    }
}

/// The rows, in the order of what was found.
fn read_all(source: &Source, found: &[Found], threads: NonZeroUsize) -> Vec<AuditRow> {
    let rows: Vec<OnceLock<AuditRow>> = found.iter().map(|_| OnceLock::new()).collect();
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..threads.get().min(found.len()) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let (Some(found), Some(row)) = (found.get(index), rows.get(index)) else { break };
                    let _ = row.set(match found {
                        Found::Savepoint(directory, modified) => AuditRow::read(source, directory, *modified),
                        Found::Problem(place, problem) => AuditRow::broken(place, problem.clone()),
                    });
                }
            });
        }
    });
    rows.into_iter().filter_map(OnceLock::into_inner).collect()
}
