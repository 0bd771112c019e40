//! A row for each savepoint, for people.

use super::{BOLD, plain, size, styled, table, wrapped};
use crate::audit::AuditRow;
use std::fmt::Write;
use std::time::Duration;

/// The rows, what is wrong, and how many there are. `age` is that of what was written at some time.
pub fn render_audit(rows: &[AuditRow], age: impl Fn(&str) -> Option<Duration>) -> String {
    let mut out = String::new();
    let read = || rows.iter().filter(|row| row.error.is_none());
    if read().next().is_some() {
        let heading = [
            "Savepoint",
            "Job",
            "Kind",
            "Flink",
            "State",
            "Operators",
            "No uid",
            "Kryo",
            "Alone",
            "Missing",
            "Age",
        ];
        let cells = read().map(|row| {
            let age = row.modified.as_deref().and_then(&age);
            cells(row, &age.map(ago).unwrap_or_default())
        });
        let _ = writeln!(out, "{}\n", table(&heading, cells));
    }
    let broken: Vec<_> = rows.iter().filter_map(|row| row.error.as_deref()).collect();
    for error in &broken {
        let error = error.lines().collect::<Vec<_>>().join(" ");
        let _ =
            writeln!(out, "{} {}", styled(BOLD, "unreadable"), wrapped("  ", &plain(&error)).trim_start());
    }
    let bytes = read().filter_map(|row| row.distinct_bytes).fold(0, u64::saturating_add);
    let damaged = read().filter(|row| row.is_damaged()).count();
    let _ = writeln!(
        out,
        "{} read ({}), {damaged} with files missing or of another size, {} unreadable",
        read().count(),
        size(bytes),
        broken.len()
    );
    out
}

fn cells(row: &AuditRow, age: &str) -> Vec<String> {
    let number = |number: Option<usize>| number.unwrap_or_default();
    let without = number(row.operators_without_uid);
    let without_uid = match number(row.operators_with_unknown_uid) {
        0 => without.to_string(),
        unknown => format!("{without} (?{unknown})"),
    };
    let kryo = match number(row.operators_unread) {
        0 => number(row.kryo_states).to_string(),
        unread => format!("{} (?{unread})", number(row.kryo_states)),
    };
    let missing = match (number(row.missing_files), number(row.other_size_files)) {
        (missing, 0) => missing.to_string(),
        (missing, other) => format!("{missing}, {other} of other size"),
    };
    let flink = match (&row.flink_since, &row.flink_until) {
        (Some(since), Some(until)) if since != until => format!("{since} to {until}"),
        (since, _) => since.clone().unwrap_or_default(),
    };
    vec![
        row.path.clone(),
        row.job.as_deref().map(|job| job.get(..6).unwrap_or(job).to_owned()).unwrap_or_default(),
        row.kind.unwrap_or_default().to_owned(),
        flink,
        size(row.total_bytes.unwrap_or_default()),
        number(row.operators).to_string(),
        without_uid,
        kryo,
        if row.self_contained == Some(true) { "yes" } else { "no" }.to_owned(),
        missing,
        age.to_owned(),
    ]
}

/// How long ago something was, in its largest unit.
fn ago(age: Duration) -> String {
    let seconds = age.as_secs();
    let units = [(86_400, "d"), (3_600, "h"), (60, "min")];
    let count = |(unit, name): (u64, &str)| {
        let count = seconds.checked_div(unit).filter(|count| *count > 0)?;
        Some(format!("{count} {name}"))
    };
    units.into_iter().find_map(count).unwrap_or_else(|| format!("{seconds} s"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_told_in_its_largest_unit() {
        for (seconds, expected) in [(0, "0 s"), (119, "1 min"), (7_200, "2 h"), (86_400 * 400, "400 d")] {
            assert_eq!(ago(Duration::from_secs(seconds)), expected);
        }
    }
}
