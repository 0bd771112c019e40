//! A serializer snapshot that nobody knows.

use crate::support::data_output::{
    keyed_header, metadata_with_header, pojo_snapshot, snapshot, string_snapshot, value_state,
};
use crate::support::write_savepoint;
use holdpoint::catalog::{StateCatalog, UnreadState};
use holdpoint::plan::JobPlan;
use holdpoint::report::{Outcome, Report};
use holdpoint::rules::Question;
use holdpoint::source::SavepointLocation;

fn catalog(name: &str, header: crate::support::data_output::DataOutput) -> (String, StateCatalog) {
    let directory = write_savepoint(name, &metadata_with_header(header));
    let catalog = StateCatalog::open(&SavepointLocation::resolve(&directory).unwrap()).unwrap();
    (directory, catalog)
}

/// Against itself: even the same bytes are not known to be compatible.
fn asked(directory: &str, catalog: &StateCatalog) -> Outcome {
    Report::of(catalog, &JobPlan::read(directory).unwrap(), Question::default()).asked()
}

#[test]
fn states_behind_it_are_counted_and_never_compatible() {
    let unknown = snapshot("com.example.MySnapshot", 7).write(b"any payload at all");
    let states =
        [("a", string_snapshot()), ("b", unknown), ("c", string_snapshot()), ("d", string_snapshot())];
    let states = states.map(|(name, value)| value_state(name, &value));
    let (directory, catalog) = catalog("opaque", keyed_header(&string_snapshot(), &states));
    let operator = &catalog.operators[0];
    let read: Vec<_> = operator.states.iter().map(|state| state.name.as_str()).collect();
    assert_eq!(read, ["a", "b"]);
    assert_eq!(
        operator.states[1].data_type("VALUE_SERIALIZER").unwrap().to_string(),
        "Opaque<com.example.MySnapshot v7>"
    );
    let [UnreadState::BehindOpaqueSnapshot(unread)] = operator.unread.as_slice() else { panic!() };
    assert_eq!((unread.states, unread.class.as_str()), (2, "com.example.MySnapshot"));
    assert_eq!(asked(&directory, &catalog), Outcome::Undetermined);
}

#[test]
fn inside_a_field_of_a_pojo_it_costs_that_field_alone() {
    let unknown = snapshot("com.example.MySnapshot", 7).write(b"any payload at all");
    let pojo =
        pojo_snapshot("com.example.P", &[("x", Some(string_snapshot())), ("y", Some(unknown)), ("z", None)]);
    let states = [value_state("a", &pojo), value_state("b", &string_snapshot())];
    let (directory, catalog) = catalog("opaque-field", keyed_header(&string_snapshot(), &states));
    let operator = &catalog.operators[0];
    assert!(operator.unread.is_empty());
    let types: Vec<_> = operator
        .states
        .iter()
        .map(|state| state.data_type("VALUE_SERIALIZER").unwrap().to_string())
        .collect();
    assert_eq!(types, ["com.example.P{x: String, y: Opaque<com.example.MySnapshot v7>, z: ?}", "String"]);
    assert_eq!(asked(&directory, &catalog), Outcome::Undetermined);
}

#[test]
fn as_the_key_it_hides_every_state() {
    let unknown = snapshot("com.example.MyKeySnapshot", 1).write(&[0; 40]);
    let (directory, catalog) =
        catalog("opaque-key", keyed_header(&unknown, &[value_state("a", &string_snapshot())]));
    assert!(catalog.operators[0].states.is_empty());
    assert_eq!(catalog.operators[0].unread.len(), 1);
    assert_eq!(asked(&directory, &catalog), Outcome::Undetermined);
}
