//! The notation against itself: what is written reads back.

use super::*;

fn read(text: &str) -> Result<DataType, NotationError> {
    parse(text, &|_| None)
}

#[test]
fn what_is_written_reads_back() {
    for text in [
        "Long",
        "long[]",
        "String[]",
        "?",
        "List<Tuple2<String, Integer>>",
        "Map<com.example.Key{a: Long, b: List<Nullable<String>>}, Ttl<Double>>",
        "com.example.MyTuple<String, Long>",
        "Row<Long, Nullable(8)<Long>>",
        "Row(legacy)<>",
        "com.example.Status[NEW, PAID]",
        "com.example.Outer$Inner{}",
        "Kryo<com.example.Money>",
        "Opaque<com.example.MySnapshot v-3>",
        "com.example.Shape{x: Long, registered com.example.Circle{r: Double}, unregistered com.example.Box{}}",
        "com.example.Circle{name of com.example.Shape: String, r: Double}",
        "com.example.Odd{registered: Long, unregistered: String}",
        "Timer<String, TimeWindow>",
        "Array<com.example.Status[A]>",
    ] {
        assert_eq!(read(text).map(|parsed| parsed.to_string()), Ok(text.to_owned()));
    }
}

#[test]
fn what_is_no_type_is_refused_with_its_column() {
    for (text, message) in [
        ("", "'' is not a type: something else is expected at column 1"),
        ("List<Long", "'List<Long' is not a type: it ends too early, at column 10"),
        ("List<Long>>", "'List<Long>>' is not a type: nothing is expected at column 11"),
        ("Map<Long>", "'Map<Long>' is not a type: the type takes another number of arguments, at column 4"),
        (
            "Tuple3<Long>",
            "'Tuple3<Long>' is not a type: the type takes another number of arguments, at column 7",
        ),
        ("Lisst<Long>", "'Lisst<Long>' is not a type: no type of this name takes arguments, at column 6"),
    ] {
        assert_eq!(read(text).unwrap_err().to_string(), message);
    }
}

#[test]
fn a_class_without_fields_must_be_defined_elsewhere() {
    let undefined = NotationError::Undefined { class: "com.example.Order".to_owned() };
    assert_eq!(read("List<com.example.Order>"), Err(undefined));
    let order = read("com.example.Order{id: Long}").unwrap();
    let found = parse("List<com.example.Order>", &|_| Some(order.clone())).unwrap();
    assert_eq!(found.to_string(), "List<com.example.Order{id: Long}>");
}

#[test]
fn nesting_has_a_limit() {
    let deep = format!("{}Long{}", "List<".repeat(10_000), ">".repeat(10_000));
    assert!(read(&deep).unwrap_err().to_string().contains("types nest too deep"));
}
