//! Workflow commands: lines in the log of a GitHub workflow that it shows as annotations of the code.

use super::{Checked, Place};
use crate::report::text::plain;
use crate::rules::{Severity, Subject};
use std::fmt::Write;

/// A line for each finding and for what could not be judged, and the verdict as the last one.
pub fn render_report(checked: &Checked<'_>) -> String {
    let mut out = String::new();
    let findings = &checked.report.findings;
    for finding in &findings.found {
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let message = format!("{}\n→ {}\n({})", finding.message, finding.help, finding.fingerprint());
        annotate(&mut out, checked, command, finding.rule, &finding.subject, &message);
    }
    for unchecked in &findings.unchecked {
        let (command, word) =
            if unchecked.undetermined { ("warning", "undetermined") } else { ("notice", "unchecked") };
        let message = format!("{word}: {}\n→ {}", unchecked.why, unchecked.help);
        annotate(&mut out, checked, command, unchecked.rule, &unchecked.subject, &message);
    }
    let _ = writeln!(out, "holdpoint: {}", plain(&checked.report.headline()));
    out
}

fn annotate(
    out: &mut String,
    checked: &Checked<'_>,
    command: &str,
    rule: &str,
    subject: &Subject,
    message: &str,
) {
    let place = Place::of(checked, subject);
    let _ = writeln!(
        out,
        "::{command} file={},line={},title={}::{}",
        property(&place.path()),
        place.line,
        property(&format!("{rule}: {subject}")),
        data(&format!("{subject}: {message}"))
    );
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
