//! What runs holdpoint elsewhere, run here as its host would run it: the GitHub action's step, the GitLab template's script,
//! the pre-commit hook's command.

use crate::support::path;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

const SAVEPOINT: &str = "fixtures/savepoints/flink-2.3-v1/savepoint";
/// Refused without `--allowNonRestoredState`.
const UID_DROPPED: &str = "fixtures/savepoints/flink-2.3-uid-dropped/savepoint";
/// Accepted.
const SINK_RENAMED: &str = "fixtures/savepoints/flink-2.3-sink-renamed/savepoint";

fn yaml(file: &str) -> Value {
    serde_saphyr::from_str(&std::fs::read_to_string(path(file)).unwrap()).unwrap()
}

/// A new directory for the test of this name.
fn directory(test: &str) -> PathBuf {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test);
    let _ = std::fs::remove_dir_all(&directory);
    std::fs::create_dir_all(&directory).unwrap();
    directory
}

/// The shell, at the root of the repository, with holdpoint on its path.
fn shell(arguments: &[&str]) -> Command {
    let binary = Path::new(env!("CARGO_BIN_EXE_holdpoint")).parent().unwrap();
    let mut command = Command::new(arguments[0]);
    command.args(&arguments[1..]).current_dir(path(""));
    command.env("PATH", format!("{}:{}", binary.display(), std::env::var("PATH").unwrap()));
    command
}

/// What a step of the action left.
struct Step {
    status: i32,
    log: String,
    outputs: String,
    summary: String,
}

/// Runs the step with this name of action.yml, with these inputs and the defaults of the others.
fn action_step(test: &str, name: &str, inputs: &BTreeMap<&str, &str>) -> Step {
    let action = yaml("action.yml");
    let steps = action["runs"]["steps"].as_array().unwrap();
    let step = steps.iter().find(|step| step["name"] == name).unwrap();
    assert_eq!(step["shell"], "bash");
    let directory = directory(test);
    // As GitHub runs `shell: bash`.
    let mut command =
        shell(&["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"].as_str().unwrap()]);
    for (variable, value) in step["env"].as_object().unwrap() {
        let expression = value.as_str().unwrap().trim_start_matches("${{ ").trim_end_matches(" }}");
        let value = expression.strip_prefix("inputs.").map_or("", |input| {
            let default = &action["inputs"][input];
            assert!(default.is_object(), "the action has no input {input}");
            inputs.get(input).copied().or_else(|| default["default"].as_str()).unwrap()
        });
        command.env(variable, value);
    }
    for file in ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH"] {
        std::fs::write(directory.join(file), "").unwrap();
        command.env(file, directory.join(file));
    }
    let output = command.env("RUNNER_TEMP", &directory).env("TMPDIR", &directory).output().unwrap();
    Step {
        status: output.status.code().unwrap(),
        log: String::from_utf8(output.stdout).unwrap(),
        outputs: std::fs::read_to_string(directory.join("GITHUB_OUTPUT")).unwrap(),
        summary: std::fs::read_to_string(directory.join("GITHUB_STEP_SUMMARY")).unwrap(),
    }
}

#[test]
fn the_action_fails_a_restore_that_flink_refuses() {
    let sarif = directory("action-refused-sarif").join("holdpoint.sarif");
    let sarif = sarif.to_str().unwrap();
    let inputs = BTreeMap::from([("savepoint", SAVEPOINT), ("plan", UID_DROPPED), ("sarif", sarif)]);
    let step = action_step("action-refused", "Check", &inputs);
    assert_eq!(step.status, 1, "{}", step.log);
    assert_eq!(step.outputs, "status=1\nverdict=needs-allow-non-restored-state\n");
    assert!(step.log.contains("::error "), "{}", step.log);
    assert!(step.summary.contains("operator-id-changed"), "{}", step.summary);
    let log: Value = serde_json::from_str(&std::fs::read_to_string(sarif).unwrap()).unwrap();
    assert_eq!(log["runs"][0]["results"][0]["ruleId"], "operator-id-changed");
}

/// Plans and options are a line each; empty lines are none.
#[test]
fn the_action_passes_a_restore_that_flink_accepts() {
    let sarif = directory("action-accepted-sarif").join("holdpoint.sarif");
    let plans = format!("{SINK_RENAMED}\n{SINK_RENAMED}\n");
    let inputs = BTreeMap::from([
        ("savepoint", SAVEPOINT),
        ("plan", &plans),
        ("options", "--target-flink=2.3\n\n--accept-undetermined\n"),
        ("sarif", sarif.to_str().unwrap()),
    ]);
    let step = action_step("action-accepted", "Check", &inputs);
    assert_eq!(step.status, 0, "{}", step.log);
    assert_eq!(step.outputs, "status=0\nverdict=compatible\n");
}

#[test]
fn the_action_says_when_nothing_was_judged() {
    let inputs = BTreeMap::from([("savepoint", "no/such/savepoint"), ("plan", SINK_RENAMED)]);
    let step = action_step("action-unusable", "Check", &inputs);
    assert_eq!((step.status, step.outputs.as_str(), step.summary.as_str()), (2, "status=2\n", ""));
}

#[test]
fn the_action_takes_the_holdpoint_that_is_there() {
    let step = action_step("action-install", "Install holdpoint", &BTreeMap::new());
    assert_eq!((step.status, step.log.trim_end()), (0, env!("CARGO_BIN_EXE_holdpoint")));
}

/// The script of the template writes the reports that it declares, and ends as the check does.
#[test]
fn the_gitlab_template_runs() {
    let job = &yaml("ci/gitlab/holdpoint.yml")[".holdpoint"];
    let script: Vec<_> =
        job["script"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
    let directory = directory("gitlab");
    for (plan, status) in [(UID_DROPPED, 1), (SINK_RENAMED, 0)] {
        let output = shell(&["sh", "-e", "-c", &script.join("\n")])
            .current_dir(&directory)
            .env("HOLDPOINT_SAVEPOINT", path(SAVEPOINT))
            .env("HOLDPOINT_PLAN", path(plan))
            .env("HOLDPOINT_OPTIONS", job["variables"]["HOLDPOINT_OPTIONS"].as_str().unwrap())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(status), "{}", String::from_utf8_lossy(&output.stderr));
        for (kind, file) in job["artifacts"]["reports"].as_object().unwrap() {
            let file = directory.join(file.as_str().unwrap());
            assert!(file.exists(), "no {kind}");
            std::fs::remove_file(file).unwrap();
        }
    }
}

#[test]
fn the_pre_commit_hook_runs() {
    let hook = &yaml(".pre-commit-hooks.yaml")[0];
    assert_eq!(hook["pass_filenames"], false);
    let mut command: Vec<_> = hook["entry"].as_str().unwrap().split(' ').collect();
    command.extend([SAVEPOINT, "--plan", UID_DROPPED]);
    assert_eq!(shell(&command).output().unwrap().status.code(), Some(1));
}
