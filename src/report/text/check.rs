//! The answer of a check, for people.

use super::overview::render_overview;
use super::{BOLD, DIM, severity_style, size, styled, wrapped};
use crate::plan::Fact;
use crate::report::{Checked, Entry, Outcome, Report, Verdict, Weight};
use crate::rules::{ClaimMode, RestorePath, RestoreRules, SaidBy, SettledBy, Severity};
use anstyle::{AnsiColor, Style};
use std::collections::BTreeMap;
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
    if let Some(policy) = checked.policy {
        let waivers = counted(policy.waivers.len(), "waiver");
        let severities = match policy.severities.len() {
            0 => String::new(),
            1 => ", the severity of 1 rule".to_owned(),
            count => format!(", the severities of {count} rules"),
        };
        let gate = checked.gate.fail_on.name();
        let policy = format!("{}  (fails on {gate}, {waivers}{severities})", policy.path);
        let _ = writeln!(out, "{} {policy}", styled(BOLD, "Policy    "));
    }
    let _ = writeln!(out, "\n{}", render_overview(checked));
    for entry in report.entries() {
        out.push('\n');
        out.push_str(&render_entry(&entry));
    }
    out.push('\n');
    out.push_str(&render_verdict(source, report));
    out
}

/// Which rules were used, and what chooses others.
pub(in crate::report) fn rules(rules: RestoreRules) -> String {
    let said_by = match rules.said_by {
        SaidBy::Question => "",
        SaidBy::Plan => ", as the plan",
        SaidBy::Nobody => ", the newest (--target-flink chooses another)",
    };
    let restore = match rules.restore {
        RestorePath::Savepoint => "a savepoint or checkpoint that the job is started with",
        RestorePath::Ha => "high-availability storage",
    };
    // Neither counts elsewhere.
    let claim_mode = match (rules.restore, rules.claim_mode, rules.changelog) {
        (RestorePath::Savepoint, ClaimMode::NoClaim, None) => ", by a job without a state changelog",
        (RestorePath::Ha, ..) | (_, ClaimMode::NoClaim, Some(_)) => "",
        (RestorePath::Savepoint, ClaimMode::Claim, _) => " (claimMode CLAIM)",
        (RestorePath::Savepoint, ClaimMode::Legacy, _) => " (claimMode LEGACY)",
    };
    format!("Flink {}{said_by}; restored from {restore}{claim_mode}", rules.flink)
}

fn render_entry(entry: &Entry<'_>) -> String {
    let style = match entry.weight {
        _ if entry.waiver.is_some() => DIM,
        Weight::Found(severity, _) => severity_style(severity),
        Weight::Undetermined => AnsiColor::Magenta.on_default().bold(),
        Weight::Unchecked => DIM,
    };
    let subject = place(&entry.subject.title(), entry.subject.state.as_deref());
    let bytes = if entry.bytes > 0 { format!("  ({})", size(entry.bytes)) } else { String::new() };
    let fingerprint = styled(DIM, &entry.fingerprint.to_string());
    let mut out =
        format!("{} {}  {subject}{bytes}  {fingerprint}\n", styled(style, entry.word()), entry.rule);
    let _ = writeln!(out, "{}", wrapped("  ", entry.message));
    if let Some(waiver) = entry.waiver {
        let until = waiver.expires.map(|day| format!(" until {day}")).unwrap_or_default();
        let reason =
            format!("{}{until} in {}:{}: {}", entry.weight.name(), waiver.file, waiver.line, waiver.reason);
        let _ = writeln!(out, "{}", wrapped("  ", &format!("waived {reason}")));
    } else if entry.help != "nothing to do" {
        let settled_by = entry.settled_by.map(|it| format!("{}: ", it.name())).unwrap_or_default();
        let help = wrapped("  → ", &format!("{settled_by}{}", entry.help));
        let _ = writeln!(out, "{}", help.replace("\n  → ", "\n    "));
    }
    out
}

fn place(operator: &str, state: Option<&str>) -> String {
    let operator = styled(BOLD, operator);
    state.map_or_else(|| operator.clone(), |state| format!("{operator} › {}", styled(BOLD, state)))
}

fn render_verdict(source: &str, report: &Report) -> String {
    let name = report.verdict().name().to_uppercase();
    let entries: Vec<_> = report.entries_waived(false).collect();
    let count = |severity| {
        entries.iter().filter(|it| matches!(it.weight, Weight::Found(found, _) if found == severity)).count()
    };
    let waived = report.entries_waived(true).count();
    let mut counts = vec![
        counted(count(Severity::Error), "error"),
        counted(count(Severity::Warning), "warning"),
        format!("{} for information", count(Severity::Info)),
        format!("{} unchecked", entries.iter().filter(|it| !matches!(it.weight, Weight::Found(..))).count()),
    ];
    if waived > 0 {
        counts.push(format!("{waived} waived"));
    }
    let mut out = format!("{}  {}\n", styled(verdict_style(report.verdict()), &name), report.sentence());
    let counts = format!("{}; `holdpoint explain RULE` tells more", counts.join(", "));
    let _ = writeln!(out, "{}", styled(DIM, &counts));
    let _ = writeln!(out, "{}", next(source, report));
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
pub(in crate::report) fn next(source: &str, report: &Report) -> String {
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
            format!("Next: settle what is undetermined above, with {}; then check again.", settled_by(report))
        }
    }
}

/// What settles the undetermined entries, the cheapest first, with how many of them each settles.
fn settled_by(report: &Report) -> String {
    let mut counts: BTreeMap<SettledBy, usize> = BTreeMap::new();
    for by in report.findings.unchecked.iter().filter(|it| it.undetermined).filter_map(|it| it.settled_by) {
        let count = counts.entry(by).or_default();
        *count = count.saturating_add(1);
    }
    let named = counts.iter().map(|(by, count)| match by {
        SettledBy::Option(name) => format!("{name} ({count})"),
        by => format!("a {} ({count})", by.name()),
    });
    named.collect::<Vec<_>>().join(", ")
}
