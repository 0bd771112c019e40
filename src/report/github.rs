//! Workflow commands: lines in the log of a GitHub workflow that it shows as annotations of the code.

use super::{Checked, Entry, Place, Weight};
use crate::report::text::plain;
use crate::rules::Severity;
use std::fmt::Write;

/// A line for each entry, and the verdict as the last one.
pub fn render_report(checked: &Checked<'_>) -> String {
    let mut out = String::new();
    for entry in checked.report.entries() {
        let place = Place::of(checked, &entry);
        let _ = writeln!(
            out,
            "::{} file={},line={},title={}::{}",
            command(&entry),
            property(&place.path()),
            place.line,
            property(&format!("{}: {}", entry.rule, entry.subject)),
            data(&message(&entry))
        );
    }
    let _ = writeln!(out, "holdpoint: {}", plain(&checked.report.headline()));
    out
}

fn command(entry: &Entry<'_>) -> &'static str {
    match entry.weight {
        _ if entry.waiver.is_some() => "notice",
        Weight::Found(Severity::Error, _) => "error",
        Weight::Found(Severity::Warning, _) | Weight::Undetermined => "warning",
        Weight::Found(Severity::Info, _) | Weight::Unchecked => "notice",
    }
}

fn message(entry: &Entry<'_>) -> String {
    let word = match (entry.waiver, entry.weight) {
        (Some(waiver), _) => format!("waived ({}): ", waiver.reason),
        (None, Weight::Found(..)) => String::new(),
        (None, weight) => format!("{}: ", weight.name()),
    };
    let Entry { subject, message, help, fingerprint, .. } = entry;
    format!("{subject}: {word}{message}\n→ {help}\n({fingerprint})")
}

/// A value behind the two colons, as the runner reads it back.
fn data(text: &str) -> String {
    let lines: Vec<_> = text.replace('%', "%25").split('\n').map(|line| plain(line).into_owned()).collect();
    lines.join("%0A")
}

/// A value between the colons, where a comma and a colon end it.
fn property(text: &str) -> String {
    plain(text).replace('%', "%25").replace(':', "%3A").replace(',', "%2C")
}
