//! Savepoints of random jobs, made just now by `fixtures/generator/fresh`, are read as Flink reads them.

use crate::fixtures::{compare, reading, recorded_reading};
use holdpoint::source::SavepointLocation;
use std::path::Path;

#[test]
#[ignore = "fixtures/generator/fresh makes the savepoints and runs this"]
fn fresh_savepoints_are_read_as_flink_reads_them() {
    let directory = std::env::var("HOLDPOINT_FRESH").expect("fixtures/generator/fresh sets HOLDPOINT_FRESH");
    let mut fixtures: Vec<_> =
        Path::new(&directory).read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    fixtures.sort();
    assert!(!fixtures.is_empty());
    let mut read = 0;
    let mut failures = Vec::new();
    for fixture in &fixtures {
        let name = fixture.display();
        let savepoint = fixture.join("savepoint").display().to_string();
        match reading(&SavepointLocation::resolve(&savepoint).unwrap()) {
            Err(error) => failures.push(format!("{name}: {error}")),
            Ok(ours) => {
                let found = compare(&ours, &recorded_reading(fixture));
                read += usize::from(found.is_empty());
                failures.extend(found.into_iter().map(|difference| format!("{name}: {difference}")));
            }
        }
    }
    println!("{read} of {} fresh savepoints are read as Flink reads them", fixtures.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
