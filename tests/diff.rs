//! Two savepoints of the jobs that real Flinks ran, side by side: what the jobs' sources say is different comes out.

use crate::files::paths_in;
use crate::support::{catalog, checkpoint_of, location, path};
use holdpoint::diff::{OperatorDiff, Presence, SavepointDiff, SharedFiles, StateDiff};
use holdpoint::report::{json, text};
use holdpoint::types::Compatibility;
use std::collections::BTreeSet;

fn diff(old: &str, new: &str) -> SavepointDiff {
    SavepointDiff::read(&location(old), &location(new)).unwrap()
}

fn operator<'d>(diff: &'d SavepointDiff, title: &str) -> &'d OperatorDiff {
    diff.operators.iter().find(|it| it.title == title).unwrap_or_else(|| panic!("no {title}"))
}

fn state<'d>(operator: &'d OperatorDiff, name: &str) -> &'d StateDiff {
    operator.states.iter().find(|it| it.name.as_deref() == Some(name)).unwrap()
}

#[test]
fn a_savepoint_beside_itself_has_no_difference() {
    let diff = diff("flink-2.3-v1", "flink-2.3-v1");
    // Opaque serializers would be unknown; this job has none.
    assert!(diff.operators.iter().all(|it| it.presence() == Presence::Same), "{diff:?}");
    assert_eq!((diff.files.old.files, diff.files.new.files), (0, 0));
}

#[test]
fn operators_and_states_come_and_go() {
    let dropped = diff("flink-2.3-v1", "flink-2.3-operator-removed");
    let back = diff("flink-2.3-operator-removed", "flink-2.3-v1");
    let of = |diff: &SavepointDiff, presence| {
        let found = diff.operators.iter().filter(|it| it.presence() == presence);
        found.map(|it| it.id).collect::<Vec<_>>()
    };
    assert!(!of(&dropped, Presence::Went).is_empty());
    assert_eq!(of(&dropped, Presence::Went), of(&back, Presence::Came));
    let removed = diff("flink-2.3-v1", "flink-2.3-state-removed");
    let profile = operator(&removed, "customer-profile");
    assert_eq!(state(profile, "balance").presence, Presence::Went);
    assert_eq!(state(profile, "visits").presence, Presence::Went);
    assert_eq!(profile.states.len(), 2, "{profile:?}");
}

#[test]
fn a_changed_type_says_where() {
    let diff = diff("flink-2.3-v1", "flink-2.3-field-type-changed");
    let changed = &state(operator(&diff, "customer-profile"), "last-order");
    assert_eq!(changed.presence, Presence::Changed);
    let change = &changed.types[0].changes[0];
    assert_eq!(change.compatibility, Compatibility::Incompatible);
    assert!(change.path.last().unwrap().starts_with("Order."), "{change:?}");
}

#[test]
fn what_only_a_class_of_the_job_knows_is_not_called_the_same() {
    let diff = diff("flink-2.3-custom-serializer", "flink-2.3-custom-serializer");
    let unknown = diff.operators.iter().flat_map(|it| &it.states);
    assert!(
        unknown.clone().count() > 0 && unknown.clone().all(|it| it.presence == Presence::Unknown),
        "{diff:?}"
    );
}

#[test]
fn parallelism_is_compared() {
    let diff = diff("flink-2.3-v1", "flink-2.3-parallelism-4");
    let profile = operator(&diff, "customer-profile");
    let (old, new) = (profile.old.unwrap(), profile.new.unwrap());
    assert_eq!((old.parallelism, new.parallelism), (2, 4));
}

/// Files of a checkpoint are told from those of a savepoint of the same job, and growth adds up to that of the whole.
#[test]
fn what_each_has_adds_up() {
    for (old, new) in
        [("flink-2.3-v1", "flink-2.3-v1-incremental"), ("flink-2.3-v1-rocksdb", "flink-1.20-v1")]
    {
        let diff = diff(old, new);
        let growth: i128 = diff.operators.iter().map(OperatorDiff::growth).sum();
        let total = |name| i128::from(catalog(name).total_bytes());
        assert_eq!(growth, total(new) - total(old));
        assert_eq!(diff.files.shared, holdpoint::diff::FileCount::default());
        let both = [old, new].map(|name| holdpoint::files::SavepointFiles::read(&location(name)).unwrap());
        assert_eq!(diff.files, SharedFiles::of(&both[0], &both[1]));
        assert_eq!(diff.files.new.files, both[1].files.len() as u64);
        let kept = SharedFiles::of(&both[1], &both[1]);
        assert_eq!((kept.shared, kept.new.files), (diff.files.new, 0));
    }
}

/// Names of fixtures as the heading has them; the whole document is what `docs/diff.md` shows.
#[test]
fn both_outputs_have_every_operator() {
    let diff = diff("flink-1.20-v1", "flink-2.3-uid-renamed");
    let table = text::render_diff("old", "new", &diff);
    let document = json::render_diff(&diff);
    assert_eq!(document["operators"].as_array().unwrap().len(), diff.operators.len());
    for operator in &diff.operators {
        assert!(table.contains(&operator.title), "{table}");
    }
}

/// Two checkpoints of one job: what both refer to is what Flink's own readings of them have in common.
#[test]
fn incremental_checkpoints_share_files() {
    for fixture in ["flink-1.20-v1-incremental-two", "flink-2.3-v1-incremental-two"] {
        let [old, new] = ["previous", "savepoint"].map(|link| checkpoint_of(fixture, link));
        let diff = SavepointDiff::read(&old, &new).unwrap();
        let [was, is] = ["previous.json", "flink.json"].map(|reading| {
            let reading = std::fs::read_to_string(path("fixtures/savepoints").join(fixture).join(reading));
            let mut paths = BTreeSet::new();
            paths_in(&serde_json::from_str(&reading.unwrap()).unwrap(), &mut paths);
            paths
        });
        assert_eq!(diff.files.shared.files, was.intersection(&is).count() as u64, "{fixture}");
        assert_eq!(diff.files.old.files, was.difference(&is).count() as u64, "{fixture}");
        assert_eq!(diff.files.new.files, is.difference(&was).count() as u64, "{fixture}");
        assert!(diff.files.shared.files > 0 && diff.files.new.files > 0, "{fixture}: {:?}", diff.files);
        assert!(diff.operators.iter().all(|it| it.states.is_empty()), "{fixture}");
    }
}
