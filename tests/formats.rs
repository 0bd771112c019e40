//! The hexdumps of docs/format are of the fixtures that they name.

use crate::support::path;
use std::fmt::Write;

/// Replaces what stands between the fences of each `hexdump FIXTURE FROM TO` by what the fixture has there.
fn with_hexdumps(page: &str) -> String {
    let mut out = String::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        out.push_str(line);
        out.push('\n');
        let Some(place) = line.strip_prefix("```hexdump ") else { continue };
        let [fixture, from, to] = place.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let file = path("fixtures/savepoints").join(fixture).join("savepoint/_metadata");
        let bytes = std::fs::read(file).unwrap();
        hexdump(&mut out, &bytes, from.parse().unwrap(), to.parse().unwrap());
        assert!(lines.any(|line| line == "```"), "{line}: no end");
        out.push_str("```\n");
    }
    out
}

fn hexdump(out: &mut String, bytes: &[u8], from: usize, to: usize) {
    for (index, row) in bytes[from..to].chunks(16).enumerate() {
        let hex: Vec<_> = row.iter().map(|byte| format!("{byte:02x}")).collect();
        let text: String = row
            .iter()
            .map(|byte| if (0x20..0x7f).contains(byte) { char::from(*byte) } else { '.' })
            .collect();
        writeln!(out, "{:08x}  {:<47}  {text}", from + 16 * index, hex.join(" ")).unwrap();
    }
}

#[test]
fn the_hexdumps_are_of_the_fixtures() {
    let page = path("docs/format/metadata.md");
    let text = std::fs::read_to_string(&page).unwrap();
    let expected = with_hexdumps(&text);
    assert!(expected.matches("```hexdump").count() > 20);
    snapbox::assert_data_eq!(expected, snapbox::Data::read_from(&page, None).raw());
}
