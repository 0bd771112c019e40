//! The answer of a check, for people.

use super::overview::render_overview;
use super::{BOLD, DIM, severity_style, size, styled, wrapped};
use crate::plan::Fact;
use crate::report::{Checked, Outcome, Report, Verdict};
use crate::rules::{Finding, RestorePath, RestoreRules, SaidBy, Severity, Unchecked};
use anstyle::{AnsiColor, Style};
use std::fmt::Write;

/// The operators, findings, what could not be judged, the verdict, and the command to run.
pub fn render_report(checked: &Checked<'_>) -> String {
    let Checked { title: source, savepoint, plan, report, .. } = checked;
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{} {source}  ({}, {} operators)",
        styled(BOLD, "Savepoint "),
        size(savepoint.total_bytes()),
        savepoint.operators.len()
    );
    let flink = plan.flink.map(|line| format!("Flink {line}, ")).unwrap_or_default();
    let _ = writeln!(
        out,
        "{} {}  ({flink}{} operators)",
        styled(BOLD, "Plan      "),
        plan.source,
        plan.operators.len()
    );
    for (source, kind) in &plan.layers {
        let hides: Vec<_> = kind.hides().map(Fact::name).collect();
        if !hides.is_empty() {
            let of = if plan.layers.len() > 1 { format!(" {source}") } else { String::new() };
            let article = if kind.name().starts_with('e') { "an" } else { "a" };
            let line = format!("{article} {}{of} does not tell: {}", kind.name(), hides.join(", "));
            let _ = writeln!(out, "{}", styled(DIM, &format!("           {line}")));
        }
    }
    let _ = writeln!(out, "{} {}", styled(BOLD, "Rules     "), rules(report.rules));
    let _ = writeln!(out, "\n{}", render_overview(checked));
    for finding in &report.findings.found {
        out.push('\n');
        out.push_str(&render_finding(finding));
    }
    for unchecked in &report.findings.unchecked {
        out.push('\n');
        out.push_str(&render_unchecked(unchecked));
    }
    out.push('\n');
    out.push_str(&render_verdict(source, report));
    out
}

/// Which rules were used, and what chooses others.
fn rules(rules: RestoreRules) -> String {
    let said_by = match rules.said_by {
        SaidBy::Question => "",
        SaidBy::Plan => ", as the plan",
        SaidBy::Nobody => ", the newest (--target-flink chooses another)",
    };
    let restore = match rules.restore {
        RestorePath::Savepoint => "a savepoint or checkpoint that the job is started with",
        RestorePath::Ha => "high-availability storage",
    };
    format!("Flink {}{said_by}; restored from {restore}", rules.flink)
}

fn render_finding(finding: &Finding) -> String {
    let severity = styled(severity_style(finding.severity), finding.severity.name());
    let bytes = if finding.bytes > 0 { format!("  ({})", size(finding.bytes)) } else { String::new() };
    let fingerprint = styled(DIM, &finding.fingerprint().to_string());
    let mut out = format!("{severity} {}  {}{bytes}  {fingerprint}\n", finding.rule, subject(finding));
    let _ = writeln!(out, "{}", wrapped("  ", &finding.message));
    if finding.severity > Severity::Info || finding.help != "nothing to do" {
        let _ = writeln!(out, "{}", wrapped("  → ", &finding.help).replace("\n  → ", "\n    "));
    }
    out
}

fn subject(finding: &Finding) -> String {
    place(&finding.subject.title(), finding.subject.state.as_deref())
}

fn place(operator: &str, state: Option<&str>) -> String {
    let operator = styled(BOLD, operator);
    state.map_or_else(|| operator.clone(), |state| format!("{operator} › {}", styled(BOLD, state)))
}

fn render_unchecked(unchecked: &Unchecked) -> String {
    let word = if unchecked.undetermined {
        styled(AnsiColor::Magenta.on_default().bold(), "undetermined")
    } else {
        styled(DIM, "unchecked")
    };
    let place = place(&unchecked.subject.title(), unchecked.subject.state.as_deref());
    let why = wrapped("  ", &unchecked.why);
    let help = wrapped("  → ", &unchecked.help).replace("\n  → ", "\n    ");
    format!("{word} {}  {place}\n{why}\n{help}\n", unchecked.rule)
}

fn render_verdict(source: &str, report: &Report) -> String {
    let name = report.verdict().name().to_uppercase();
    let count = |severity| report.findings.found.iter().filter(|it| it.severity == severity).count();
    let counts = [
        counted(count(Severity::Error), "error"),
        counted(count(Severity::Warning), "warning"),
        format!("{} for information", count(Severity::Info)),
        format!("{} unchecked", report.findings.unchecked.len()),
    ];
    let mut out = format!("{}  {}\n", styled(verdict_style(report.verdict()), &name), report.sentence());
    let counts = format!("{}; `holdpoint explain RULE` tells more", counts.join(", "));
    let _ = writeln!(out, "{}", styled(DIM, &counts));
    let _ = writeln!(out, "{}", command(source, report));
    out
}

/// `1 error`, `2 errors`.
fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

fn verdict_style(verdict: Verdict) -> Style {
    let colour = match verdict {
        Verdict::Compatible => AnsiColor::Green,
        Verdict::NeedsAllowNonRestoredState => AnsiColor::Yellow,
        Verdict::Incompatible => AnsiColor::Red,
        Verdict::Undetermined => AnsiColor::Magenta,
    };
    colour.on_default().bold()
}

/// What to type next.
fn command(source: &str, report: &Report) -> String {
    let flag = if report.question.allow_non_restored_state { " -n" } else { "" };
    match (report.asked(), report.verdict()) {
        (Outcome::Accepted, _) => format!("Next: flink run -s {source}{flag} …"),
        (Outcome::Rejected, Verdict::NeedsAllowNonRestoredState) => {
            format!("Next: repair the errors above; or, if that state may go: flink run -s {source} -n …")
        }
        (Outcome::Rejected, _) => {
            "Next: repair the errors above, and do not stop the running job before.".to_owned()
        }
        (Outcome::Undetermined, _) => {
            "Next: do what is said under `undetermined` above, and check again.".to_owned()
        }
    }
}
