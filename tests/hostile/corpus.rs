//! What the fuzzers found worth keeping, and what once broke something.

#[path = "../../fuzz/src/lib.rs"]
mod targets;

use crate::support::path;
use std::collections::BTreeSet;
use targets::TARGETS;

fn names_in(directory: &str) -> BTreeSet<String> {
    let entries = path(directory).read_dir().unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn the_corpus_of_every_fuzz_target_replays() {
    let mut replayed = 0;
    for (name, target) in TARGETS {
        let inputs = names_in(&format!("fuzz/corpus/{name}"));
        assert!(!inputs.is_empty(), "{name} has no corpus");
        for input in &inputs {
            let file = path("fuzz/corpus").join(name).join(input);
            println!("{}", file.display());
            target(&std::fs::read(file).unwrap());
        }
        replayed += inputs.len();
    }
    println!("{replayed} inputs");
}

#[test]
fn every_fuzz_target_has_its_program_and_its_corpus() {
    let targets: BTreeSet<_> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let programs: BTreeSet<_> =
        names_in("fuzz/fuzz_targets").iter().map(|file| file.trim_end_matches(".rs").to_owned()).collect();
    assert_eq!(programs, targets);
    assert_eq!(names_in("fuzz/corpus"), targets);
}
