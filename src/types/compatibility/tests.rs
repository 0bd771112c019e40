use super::Compatibility::{AfterMigration, AsIs, Incompatible, Unknown, WithReconfiguredSerializer};
use super::*;

fn verdict(old: &str, new: &str, target: &str) -> Compatibility {
    let read = |text| notation::parse(text, &|_| None).unwrap();
    resolve(&read(new), &read(old), target.parse().ok()).compatibility
}

/// Old type, new type, what real Flinks made of it (from the committed restores, and where none is committed
/// from runs of `resolveSchemaCompatibility` on 1.20.5 and 2.3.0).
#[test]
fn types_resolve_as_flink_resolves_them() {
    for (old, new, expected) in [
        ("Long", "Long", AsIs),
        ("Integer", "Long", Incompatible),
        ("Long", "Nullable<Long>", Incompatible),
        ("List<Long>", "Map<Long, Long>", Incompatible),
        ("Row<Long>", "Row<Long, Long>", Incompatible),
        ("ArrayList<Long>", "List<Long>", AsIs),
        ("Tuple2<String, Integer>", "Tuple3<String, Integer, Long>", Incompatible),
        ("p.A{x: Integer}", "p.A{x: Long}", Incompatible),
        ("p.A{x: Integer}", "p.A{x: Integer, y: String}", AfterMigration),
        ("p.A{x: Integer, y: String}", "p.A{x: Integer}", AfterMigration),
        ("p.A{x: Integer}", "p.B{x: Integer}", Incompatible),
        ("p.A{x: Integer}", "Kryo<p.A>", Incompatible),
        ("p.E[A, B]", "p.E[A, B, C]", WithReconfiguredSerializer),
        ("p.E[A, B]", "p.E[B, A]", WithReconfiguredSerializer),
        ("p.E[A, B]", "p.E[A]", Incompatible),
        ("Kryo<p.A>", "Kryo<p.B>", Incompatible),
        ("Tuple2<String, Integer>", "Row<String, Integer>", Incompatible),
        ("List<Long>", "Array<Long>", Incompatible),
        ("Map<p.K{a: Long}, Long>", "Map<p.K{a: Long, b: Long}, Long>", AfterMigration),
    ] {
        assert_eq!(verdict(old, new, "1.20"), expected, "{old} → {new}");
    }
}

#[test]
fn time_to_live_is_refused_by_1_x_and_migrated_by_2_x() {
    for (old, new) in [("Long", "Ttl<Long>"), ("Ttl<Long>", "Long"), ("List<Long>", "List<Ttl<Long>>")] {
        assert_eq!(verdict(old, new, "1.20"), Incompatible, "{old} → {new}");
        assert_eq!(verdict(old, new, "2.3"), AfterMigration, "{old} → {new}");
        assert_eq!(verdict(old, new, ""), Unknown, "{old} → {new}");
    }
    assert_eq!(verdict("Ttl<Long>", "String", "2.3"), Incompatible);
    for whole in ["List<Long>", "Map<Long, Long>"] {
        let alive = format!("Ttl<{whole}>");
        assert_eq!(verdict(whole, &alive, "2.3"), Incompatible);
        assert_eq!(verdict(&alive, whole, "2.3"), Incompatible);
        assert_eq!(verdict(&format!("List<{whole}>"), &format!("List<{alive}>"), "2.3"), AfterMigration);
    }
    let pair = "Tuple2<Long, Long>";
    assert_eq!(verdict(pair, "Ttl<Tuple2<Long, Long>>", "1.20"), Incompatible);
    assert_eq!(verdict(pair, "Ttl<Tuple2<Long, Long>>", "2.3"), AfterMigration);
    assert_eq!(verdict(pair, "Ttl<Long>", "1.20"), Unknown);
}

/// From the committed restores `Pojos.fieldMoved…`, `Pojos.superclassRenamed` and `Keys.fieldMoved…`.
#[test]
fn a_field_is_looked_for_where_it_was_declared() {
    let read = |text| notation::parse(text, &|_| None).unwrap();
    let of_base = read("p.A{x of p.Base: Long}");
    let resolved = |new| resolve(&read(new), &of_base, None);
    let down = resolved("p.A{x: Long}");
    assert_eq!((down.compatibility, down.lost_fields), (AfterMigration, vec!["A.x".to_owned()]));
    assert_eq!(resolved("p.A{x: String}").compatibility, AfterMigration);
    let renamed = resolved("p.A{x of p.Other: Long}");
    assert_eq!((renamed.compatibility, renamed.moved_fields), (AsIs, vec!["A.x".to_owned()]));
    assert_eq!(resolved("p.A{x of p.Other: String}").compatibility, Unknown);
    let written = resolve_written(&read("p.A{x: Long}"), &of_base, None);
    assert_eq!((written.compatibility, written.moved_fields), (AsIs, vec!["A.x".to_owned()]));
    let up = resolve(&of_base, &read("p.A{x: Long}"), None);
    assert_eq!((up.compatibility, up.moved_fields), (AsIs, vec![]));
    assert_eq!(resolve(&of_base, &read("p.A{x: String}"), None).compatibility, Incompatible);
}

/// Flink 1.20 refuses the state of a job with `flink-avro` where Avro is gone, and takes it over the other way round.
#[test]
fn avro_on_the_class_path_must_stay() {
    let read = |text| notation::parse(text, &|_| None).unwrap();
    let with = "Kryo<p.A, registered org.apache.avro.generic.GenericData$Array by an instance of p.S>";
    let resolved = |old, new| resolve(&read(new), &read(old), None);
    assert_eq!(resolved(with, "Kryo<p.A>").compatibility, Unknown);
    assert_eq!(resolve_written(&read("Kryo<p.A>"), &read(with), None).compatibility, AsIs);
    for (old, new) in [(with, with), ("Kryo<p.A>", with)] {
        let it = resolved(old, new);
        assert_eq!((it.compatibility, it.reserialized, it.newly_registered), (AsIs, vec![], vec![]));
    }
}

/// From the committed restores `Generics.…Serializer…` and `Keys.…Registered`.
#[test]
fn what_kryo_was_told_of_a_class_is_looked_at() {
    let read = |text| notation::parse(text, &|_| None).unwrap();
    let reserialized = |old, new| !resolve(&read(new), &read(old), None).reserialized.is_empty();
    let by = "Kryo<p.A, registered p.A by p.S>";
    assert!(!reserialized(by, by));
    assert!(reserialized("Kryo<p.A>", by));
    assert!(reserialized(by, "Kryo<p.A>"));
    assert!(reserialized("Kryo<p.A>", "Kryo<p.A, default p.A by p.S>"));
    assert!(!reserialized(by, "Kryo<p.A, default p.A by p.S>"));
    // Flink keeps what is not named any more.
    assert!(!reserialized("Kryo<p.A, default p.A by p.S>", "Kryo<p.A>"));
    assert!(!reserialized("Kryo<p.A, registered p.B by p.S>", "Kryo<p.A>"));
    assert!(reserialized("Kryo<p.A, registered p.B by p.S>", "Kryo<p.A, registered p.B>"));
    // It may be one, or hold any.
    assert!(reserialized("Kryo<p.A>", "Kryo<p.A, registered p.B by p.S>"));
    assert!(reserialized("Kryo<p.A>", "Kryo<p.A, default p.B by p.S>"));
    assert!(reserialized("Kryo<java.util.ArrayList>", "Kryo<java.util.ArrayList, registered p.B by p.S>"));
    assert!(!reserialized("Kryo<java.time.Year>", "Kryo<java.time.Year, registered p.B by p.S>"));
    let registered =
        |new, old| resolve(&read(new), &read(old), None).newly_registered.into_iter().collect::<Vec<_>>();
    assert_eq!(registered("Kryo<p.A, registered p.B>", "Kryo<p.A>"), ["p.B"]);
    assert_eq!(registered("p.A{registered p.B{}}", "p.A{}"), ["p.B"]);
    assert_eq!(registered("Kryo<java.util.UUID, registered p.B>", "Kryo<java.util.UUID>"), [""; 0]);
}

#[test]
fn what_only_a_user_class_knows_is_never_compatible() {
    let custom = "Opaque<p.MySnapshot v1>";
    assert_eq!(verdict(custom, custom, "2.3"), Unknown);
    assert_eq!(verdict("p.A{x: ?}", "p.A{x: Long}", "2.3"), Unknown);
    assert_eq!(verdict("Set<Long>", "List<Long>", "2.3"), Unknown);
    assert_eq!(verdict("Tuple2<Long, ?>", "Tuple2<String, Long>", "2.3"), Incompatible);
}

#[test]
fn a_change_says_where_it_is() {
    let read = |text| notation::parse(text, &|_| None).unwrap();
    let old = read("List<p.Order{items: Map<String, p.Item{price: Integer}>}>");
    let new = read("List<p.Order{items: Map<String, p.Item{price: Long}>}>");
    let resolution = resolve(&new, &old, None);
    let change = resolution.decisive().next().unwrap();
    assert_eq!(change.path.join(" › "), "element › Order.items › value › Item.price");
    assert_eq!(change.what, "Integer → Long");
}
