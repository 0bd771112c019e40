//! What a policy decides, and what it cannot.

use crate::support::{catalog, path, plan, savepoint, write_file};
use chrono::NaiveDate;
use holdpoint::catalog::StateCatalog;
use holdpoint::ids::KnownUids;
use holdpoint::plan::JobPlan;
use holdpoint::policy::PolicyFile;
use holdpoint::report::{Checked, ExitStatus, Gate, RENDERERS, Report};
use holdpoint::rules::{Question, Severity};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Command, Output};

const GATE: Gate = Gate { fail_on: Severity::Error, accept_undetermined: false };

fn policy(text: &str) -> PolicyFile {
    PolicyFile::of_text("holdpoint.toml", text).unwrap()
}

fn problem(text: &str) -> String {
    PolicyFile::of_text("holdpoint.toml", text).unwrap_err().to_string()
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

/// The shop and its next version.
fn shop() -> (StateCatalog, JobPlan) {
    (catalog("flink-2.3-v1"), JobPlan::read(path("examples/shop-next.yaml").to_str().unwrap()).unwrap())
}

fn under(text: &str, today: NaiveDate) -> Report {
    let (savepoint, plan) = shop();
    Report::under(&savepoint, &plan, Question::default(), &policy(text).policy(today))
}

/// Waivers of all that Flink refuses in the shop's next version.
const ALL_ERRORS: &str = r#"
[[waivers]]
rule = "operator-id-changed"
operator = "totals"
reason = "a"
[[waivers]]
rule = "state-type-changed"
operator = "customer-profile"
state = "last-order"
reason = "b"
expires = 2027-03-31
[[waivers]]
rule = "operator-removed"
operator = "b864716503adbe27d91981bb81974494"
reason = "c"
"#;

#[test]
fn a_policy_never_changes_a_verdict() {
    let plain = under("", day(2026, 1, 1));
    let severities = "[severities]\nstate-type-changed = \"info\"\noperator-removed = \"info\"\noperator-id-changed = \"info\"\n";
    for text in [ALL_ERRORS, severities, "fail-on = \"info\"", "accept-undetermined = true"] {
        let report = under(text, day(2026, 1, 1));
        assert_eq!((report.verdict(), report.restore), (plain.verdict(), plain.restore), "{text}");
        assert_eq!(report.dropped_bytes(), plain.dropped_bytes(), "{text}");
    }
}

#[test]
fn what_is_waived_reaches_no_gate_until_its_day_is_over() {
    assert_eq!(under("", day(2026, 1, 1)).exit_status(GATE), ExitStatus::Failed);
    assert_eq!(under(ALL_ERRORS, day(2026, 1, 1)).exit_status(GATE), ExitStatus::Passed);
    let on_the_day = under(ALL_ERRORS, day(2027, 3, 31));
    assert_eq!(on_the_day.exit_status(GATE), ExitStatus::Passed);
    let after = under(ALL_ERRORS, day(2027, 4, 1));
    assert_eq!(after.exit_status(GATE), ExitStatus::Failed);
    let rules = |report: &Report| report.findings.found.iter().map(|it| it.rule).collect::<BTreeSet<_>>();
    assert!(!rules(&on_the_day).contains("waiver-expired"));
    assert!(rules(&after).contains("waiver-expired"));
    assert!(!rules(&after).contains("waiver-unused"));
}

#[test]
fn a_waiver_of_another_state_operator_or_change_is_none() {
    let fingerprint = |report: &Report, rule: &str| {
        report.findings.found.iter().find(|it| it.rule == rule).unwrap().fingerprint()
    };
    let right = fingerprint(&under("", day(2026, 1, 1)), "state-type-changed").to_string();
    let changed = ("rule", "state-type-changed");
    let cases: [(&[(&str, &str)], bool); 9] = [
        (&[changed, ("operator", "customer-profile")], true),
        (&[changed, ("operator", "8543f4f2e0576b0fc244442c6c7832f2")], true),
        (&[changed, ("state", "last-order")], true),
        (&[("fingerprint", &right)], true),
        (&[changed, ("operator", "totals")], false),
        (&[changed, ("state", "history")], false),
        (&[("rule", "state-kind-changed"), ("state", "last-order")], false),
        (&[("fingerprint", "0123456789abcdef")], false),
        (&[("fingerprint", &right), ("rule", "operator-removed")], false),
    ];
    for (keys, is_used) in cases {
        let lines: Vec<_> = keys.iter().map(|(key, value)| format!("{key} = \"{value}\"")).collect();
        let waiver = lines.join("\n");
        let report = under(&format!("[[waivers]]\n{waiver}\nreason = \"r\""), day(2026, 1, 1));
        let unused = report.findings.found.iter().find(|it| it.rule == "waiver-unused");
        assert_eq!(unused.is_none(), is_used, "{waiver}");
        assert_eq!(report.findings.found.iter().any(|it| it.waiver.is_some()), is_used, "{waiver}");
        if let Some(unused) = unused {
            assert_eq!(unused.written, Some(("holdpoint.toml".to_owned(), 1)));
        }
    }
}

/// Before Flink 2.0 a savepoint holds no uids, and a waiver names one all the same.
#[test]
fn an_operator_goes_by_its_uid_where_the_savepoint_does_not_hold_it() {
    let (old, new) = (catalog("flink-1.20-v1"), plan("flink-1.20-operator-removed"));
    let removed = Report::of(&old, &new, Question::default());
    let removed = removed.findings.found.iter().find(|it| it.rule == "operator-removed").unwrap().clone();
    assert_eq!(removed.subject.uid, None);
    let text = "[[waivers]]\nrule = \"operator-removed\"\noperator = \"customer-profile\"\nreason = \"r\"";
    let report = Report::under(&old, &new, Question::default(), &policy(text).policy(day(2026, 1, 1)));
    let waived = report.findings.found.iter().find(|it| it.waiver.is_some()).unwrap();
    assert_eq!(waived.subject, removed.subject);
}

#[test]
fn what_could_not_be_judged_can_be_waived() {
    let (old, new) = (catalog("flink-2.3-v1"), plan("flink-2.3-custom-serializer"));
    let question = Question { allow_non_restored_state: true, ..Question::default() };
    let plain = Report::of(&old, &new, question);
    assert_eq!(plain.exit_status(GATE), ExitStatus::Undetermined);
    let open = plain.findings.unchecked.iter().filter(|it| it.undetermined);
    let waivers: Vec<_> = open
        .map(|it| {
            format!("[[waivers]]\nfingerprint = \"{}\"\nreason = \"tried in a test\"", it.fingerprint())
        })
        .collect();
    let report = Report::under(&old, &new, question, &policy(&waivers.join("\n")).policy(day(2026, 1, 1)));
    assert_eq!(report.verdict(), plain.verdict());
    assert_eq!(report.exit_status(GATE), ExitStatus::Passed);
}

#[test]
fn a_severity_raises_and_lowers_and_takes_nothing_past_flink() {
    let severity = |text: &str, rule: &str| {
        let report = under(text, day(2026, 1, 1));
        report.findings.found.iter().find(|it| it.rule == rule).unwrap().severity
    };
    assert_eq!(severity("[severities]\nstate-renamed = \"error\"", "state-renamed"), Severity::Error);
    assert_eq!(severity("[severities]\nstate-renamed = \"info\"", "state-renamed"), Severity::Info);
    let lowered = "[severities]\nstate-type-changed = \"info\"\noperator-removed = \"info\"\noperator-id-changed = \"info\"\n";
    assert_eq!(severity(lowered, "state-type-changed"), Severity::Info);
    assert_eq!(under(lowered, day(2026, 1, 1)).exit_status(GATE), ExitStatus::Failed);
}

/// What is waived is in every output, with its reason.
#[test]
fn what_is_waived_is_always_listed() {
    let text = r#"
        [[waivers]]
        rule = "operator-removed"
        operator = "audit"
        reason = "moved to the ledger"
        [[waivers]]
        rule = "kryo-serialized"
        state = "balance"
        reason = "never touched again"
    "#;
    let (savepoint, plan) = shop();
    let (policy, uids) = (policy(text), KnownUids::default());
    let report = Report::under(&savepoint, &plan, Question::default(), &policy.policy(day(2026, 1, 1)));
    let checked = Checked {
        title: "savepoint",
        savepoint: &savepoint,
        plan: &plan,
        report: &report,
        gate: GATE,
        policy: Some(&policy),
        uids: &uids,
    };
    for renderer in RENDERERS {
        let rendered = (renderer.render)(&checked);
        for said in ["moved to the ledger", "never touched again", "operator-removed", "kryo-serialized"] {
            assert!(rendered.contains(said), "{}: {said}: {rendered}", renderer.name);
        }
    }
}

#[test]
fn what_is_wrong_is_said_with_its_line_and_what_was_meant() {
    for (text, said) in [
        (
            "# a\nfail-onn = \"error\"",
            "holdpoint.toml:2: there is no key \"fail-onn\"; did you mean \"fail-on\"?",
        ),
        ("[store]\n", "holdpoint.toml:1: there is no key \"store\"; did you mean \"stores\"?"),
        (
            "[stores]\n\nflink_conf = \"x\"",
            "holdpoint.toml:3: there is no key \"flink_conf\"; did you mean \"flink-conf\"?",
        ),
        ("xyz = 1", "holdpoint.toml:1: there is no key \"xyz\""),
        ("\n[[waivers]]\nreason = \"r\"\nuntil = 2026-01-01", "holdpoint.toml:4: there is no key \"until\""),
        (
            "[severities]\nstate-remove = \"error\"",
            "holdpoint.toml:2: there is no rule \"state-remove\"; did you mean \"state-removed\"?",
        ),
        (
            "\n\n[[waivers]]\nreason = \"r\"\nrule = \"uid-miss\"\nstate = \"s\"",
            "holdpoint.toml:5: there is no rule \"uid-miss\"; did you mean \"uid-missing\"?",
        ),
        (
            "fail-on = \"fatal\"",
            "holdpoint.toml:1: unknown variant `fatal`, expected one of `info`, `warning`, `error`",
        ),
        ("[[waivers]]\nrule = \"state-removed\"\nstate = \"s\"", "holdpoint.toml:1: missing field `reason`"),
        (
            "[[waivers]]\nrule = \"state-removed\"\nstate = \"s\"\nreason = \" \"",
            "holdpoint.toml:4: the reason is empty: say why this does not count",
        ),
        (
            "[[waivers]]\nrule = \"state-removed\"\nreason = \"r\"",
            "holdpoint.toml:1: a waiver names a fingerprint, or a rule together with an operator or a state ([severities] is for a whole rule)",
        ),
        (
            "[[waivers]]\nfingerprint = \"12\"\nreason = \"r\"",
            "holdpoint.toml:2: \"12\" is no fingerprint: write the 16 hex digits that a report has for the finding",
        ),
        (
            "[[waivers]]\nrule = \"waiver-unused\"\nstate = \"s\"\nreason = \"r\"",
            "holdpoint.toml:2: a waiver is not waived: change it, or remove it",
        ),
        (
            "[[waivers]]\nrule = \"state-removed\"\nstate = \"s\"\nreason = \"r\"\nexpires = 2026-01-01T00:00:00",
            "holdpoint.toml:5: 2026-01-01T00:00:00 is no day: write a date such as 2027-03-31",
        ),
        ("large-state = \"much\"", "holdpoint.toml:1: write a size such as \"10GiB\""),
        ("target-flink = \"two\"", "holdpoint.toml:1: 'two' is not a Flink version such as 1.20"),
        (
            "[stores]\nrelocate = [\"a\"]",
            "holdpoint.toml:2: \"a\" is no relocation: write \"FROM=TO\", with what the savepoint says first",
        ),
    ] {
        assert_eq!(problem(text), said, "{text}");
    }
    assert!(problem("fail-on = \n").starts_with("holdpoint.toml:1: "), "{}", problem("fail-on = \n"));
    assert!(
        problem("[[waivers]]\nexpires = \"2026-01-01\"\nreason = \"r\"\nfingerprint = \"0123456789abcdef\"")
            .starts_with("holdpoint.toml:2: ")
    );
}

#[test]
fn a_waiver_is_added_and_all_else_stays() {
    let text = "# ours\nfail-on   =  \"warning\" # strict\n\n[[waivers]]\nrule = 'state-removed'\nstate = \"x\" # gone\nreason = \"r\"\n\n[severities]\nuid-missing=\"error\"\n";
    let print = "0123456789abcdef".parse().unwrap();
    let waived = PolicyFile::waive("p.toml", text, print, "because \"so\"", Some(day(2027, 3, 31))).unwrap();
    let lines: Vec<_> = text.lines().collect();
    let kept: Vec<_> = waived.lines().filter(|line| lines.contains(line)).collect();
    assert_eq!(
        kept.iter().filter(|line| !line.is_empty()).count(),
        lines.iter().filter(|line| !line.is_empty()).count() + 1,
        "{waived}"
    );
    let read = PolicyFile::of_text("p.toml", &waived).unwrap();
    let added = read.waivers.last().unwrap();
    assert_eq!(
        (added.fingerprint, added.reason.as_str(), added.expires),
        (Some(print), "because \"so\"", Some(day(2027, 3, 31)))
    );
    let again = PolicyFile::waive("p.toml", &waived, print, "r", None).unwrap_err().to_string();
    assert!(again.contains("there is a waiver of 0123456789abcdef already"), "{again}");
    let empty = PolicyFile::waive("p.toml", "", print, " ", None).unwrap_err().to_string();
    assert!(empty.contains("the reason is empty"), "{empty}");
}

#[test]
fn the_nearest_policy_counts_up_to_the_root_of_the_repository() {
    let root = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("policies");
    let _ = std::fs::remove_dir_all(&root);
    std::fs::create_dir_all(root.join("repository/.git")).unwrap();
    std::fs::create_dir_all(root.join("repository/job/src")).unwrap();
    std::fs::write(root.join("holdpoint.toml"), "").unwrap();
    let found = |below: &str| PolicyFile::find(&root.join(below)).map(|path| path.display().to_string());
    assert_eq!(found("repository/job/src"), None);
    std::fs::write(root.join("repository/holdpoint.toml"), "").unwrap();
    assert_eq!(found("repository/job/src").as_deref(), Some("../../holdpoint.toml"));
    std::fs::write(root.join("repository/job/holdpoint.toml"), "").unwrap();
    assert_eq!(found("repository/job/src").as_deref(), Some("../holdpoint.toml"));
    assert_eq!(found("repository/job").as_deref(), Some("holdpoint.toml"));
}

fn holdpoint(directory: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdpoint"));
    command.current_dir(directory).args(arguments).output().unwrap()
}

/// From a red check to a green one: the fingerprint from the report, `waive`, and the same check again.
#[test]
fn a_finding_is_waived_from_its_fingerprint() {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("waive");
    let _ = std::fs::remove_dir_all(&directory);
    std::fs::create_dir_all(directory.join(".git")).unwrap();
    let directory = directory.display().to_string();
    let (old, new) = (savepoint("flink-2.3-v1"), savepoint("flink-2.3-state-renamed"));
    let check = ["check", &old, "--plan", &new, "--format", "json", "--fail-on", "warning"];
    let red = holdpoint(&directory, &check);
    assert_eq!(red.status.code(), Some(1));
    let report: serde_json::Value = serde_json::from_slice(&red.stdout).unwrap();
    for finding in report["findings"].as_array().unwrap().iter().filter(|it| it["severity"] == "warning") {
        let fingerprint = finding["fingerprint"].as_str().unwrap();
        let waived =
            holdpoint(&directory, &["waive", fingerprint, "--reason", "agreed", "--expires", "2099-12-31"]);
        let said = String::from_utf8(waived.stdout).unwrap();
        assert_eq!(said, format!("{fingerprint} is waived until 2099-12-31 in holdpoint.toml\n"));
    }
    let green = holdpoint(&directory, &check);
    let report: serde_json::Value = serde_json::from_slice(&green.stdout).unwrap();
    assert_eq!(green.status.code(), Some(0), "{report:#}");
    assert_eq!(report["waived"][0]["reason"], "agreed");
    assert_eq!(report["policy"], "holdpoint.toml");
    let without = holdpoint(&directory, &[&check[..], &["--no-policy"]].concat());
    assert_eq!(without.status.code(), Some(1));
    let later = Command::new(env!("CARGO_BIN_EXE_holdpoint"))
        .current_dir(&directory)
        .args(check)
        .env("SOURCE_DATE_EPOCH", "4102444800") // 2100-01-01
        .output()
        .unwrap();
    assert_eq!(later.status.code(), Some(1));
    assert!(String::from_utf8(later.stdout).unwrap().contains("waiver-expired"));
}

/// The options of a check, said in a policy; an option goes before it.
#[test]
fn a_policy_says_what_options_say() {
    let old = savepoint("flink-2.3-v1");
    let new = savepoint("flink-2.3-state-renamed");
    let text = "fail-on = \"warning\"\nlarge-state = \"1KiB\"\ntarget-flink = \"2.1\"\nrestore = \"ha\"\n";
    let policy = write_file("options.toml", text);
    let check = ["check", &old, "--plan", &new, "--format", "json", "--policy", &policy];
    let said = |more: &[&str]| {
        let output = holdpoint(".", &[&check[..], more].concat());
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let rules = ["flink", "restore"].map(|key| report["rules"][key].as_str().unwrap().to_owned());
        let is_large =
            report["findings"].as_array().unwrap().iter().any(|it| it["rule"] == "state-oversized");
        (output.status.code(), rules, is_large)
    };
    assert_eq!(said(&[]), (Some(1), ["2.1", "ha"].map(str::to_owned), true));
    let options =
        ["--fail-on", "error", "--target-flink", "2.3", "--restore", "savepoint", "--large-state", "1GiB"];
    assert_eq!(said(&options), (Some(0), ["2.3", "savepoint"].map(str::to_owned), false));
}

/// A checkpoint with a changelog has files elsewhere: the policy says where they are now.
#[test]
fn directories_that_were_moved_come_from_the_policy() {
    let checkpoint = savepoint("flink-2.3-v1-changelog");
    let fixtures = path("fixtures/savepoints").display().to_string();
    for (now, status) in [(fixtures.as_str(), 0), ("/nowhere", 1)] {
        let relocate = format!("/srv/flink/pool={now}");
        let policy = write_file("stores.toml", &format!("[stores]\nrelocate = [{relocate:?}]\n"));
        let output = holdpoint(".", &["files", &checkpoint, "--verify", "--policy", &policy]);
        assert_eq!(output.status.code(), Some(status), "{}", String::from_utf8_lossy(&output.stdout));
    }
}

/// The sources are found from the policy's own directory.
#[test]
fn uids_come_from_the_policy() {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("uids");
    std::fs::create_dir_all(&directory).unwrap();
    std::fs::write(directory.join("uids.txt"), "customer-profile\n").unwrap();
    let policy = directory.join("holdpoint.toml").display().to_string();
    std::fs::write(&policy, "uids = [\"uids.txt\"]\n").unwrap();
    let inspect = ["inspect", &savepoint("flink-1.20-v1"), "--policy", &policy];
    let output = String::from_utf8(holdpoint(".", &inspect).stdout).unwrap();
    assert!(output.contains(" customer-profile "), "{output}");
}

/// The printed schema and the reader take the same files.
#[test]
fn the_schema_is_that_of_the_reader() {
    let schema = std::fs::read_to_string(path("docs/policy.schema.json")).unwrap();
    let schema = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    // A day of TOML is a text in JSON.
    let day = |line: &str| match line.strip_prefix("expires = ") {
        Some(day) => format!("expires = \"{day}\""),
        None => line.to_owned(),
    };
    let is_valid = |text: &str| {
        let text: Vec<_> = text.lines().map(day).collect();
        validator.is_valid(&toml_edit::de::from_str(&text.join("\n")).unwrap())
    };
    for policy in
        ["examples/holdpoint.toml", "examples/rules/waiver-expired.toml", "examples/rules/waiver-unused.toml"]
    {
        assert!(is_valid(&std::fs::read_to_string(path(policy)).unwrap()), "{policy}");
    }
    for wrong in [
        "fail-onn = \"error\"",
        "fail-on = \"fatal\"",
        "[[waivers]]\nrule = \"state-removed\"",
        "[stores]\nx = 1",
    ] {
        assert!(!is_valid(wrong) && PolicyFile::of_text("p", wrong).is_err(), "{wrong}");
    }
}
