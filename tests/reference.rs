//! What is made from the definitions of the command line: `docs/cli.md`, manual pages, completions.

use crate::support::path;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::PathBuf;
use std::process::Command;

/// What a run that has to pass prints, as wide as without a terminal.
fn holdpoint(arguments: &[&str]) -> String {
    let output =
        Command::new(env!("CARGO_BIN_EXE_holdpoint")).args(arguments).env("COLUMNS", "100").output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A new directory for the test of this name.
fn directory(test: &str) -> PathBuf {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test);
    let _ = std::fs::remove_dir_all(&directory);
    std::fs::create_dir_all(&directory).unwrap();
    directory
}

/// The commands, in the order of the help.
fn commands() -> Vec<String> {
    let help = holdpoint(&["--help"]);
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let commands = listed.take_while(|line| !line.is_empty()).filter(|line| !line.starts_with("   "));
    let names = commands.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help");
    let names: Vec<_> = names.map(str::to_owned).collect();
    assert!(names.contains(&"check".to_owned()), "{help}");
    names
}

/// The long options that a command's help lists.
fn options(help: &str) -> BTreeSet<String> {
    let listed = help.lines().map(str::trim_start).filter(|line| line.starts_with('-'));
    let words = listed.flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '-'));
    words.filter(|word| word.starts_with("--")).map(str::to_owned).collect()
}

#[test]
fn the_reference_is_what_the_commands_say_of_themselves() {
    let mut page = "# Commands\n\n<!-- Made from the commands by `SNAPSHOTS=overwrite cargo test`; do not edit. -->\n\n\
        `holdpoint man` and `holdpoint completions` make manual pages and completions from the same definitions.\n"
        .to_owned();
    let mut section = |name: &str, help: &str| {
        let lines: Vec<_> = help.lines().map(str::trim_end).collect();
        write!(page, "\n## {name}\n\n```text\n{}\n```\n", lines.join("\n")).unwrap();
    };
    section("holdpoint", &holdpoint(&["--help"]));
    for command in commands() {
        section(&format!("holdpoint {command}"), &holdpoint(&[&command, "--help"]));
    }
    snapbox::assert_data_eq!(page, snapbox::Data::read_from(&path("docs/cli.md"), None).raw());
}

/// Each command has a page, and each page every option that the command has.
#[test]
fn manual_pages_have_all_commands_and_options() {
    let directory = directory("man");
    assert_eq!(holdpoint(&["man", &directory.display().to_string()]), "");
    let pages: BTreeMap<_, _> = directory
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|page| {
            let name = page.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(page).unwrap())
        })
        .collect();
    let mut expected = BTreeSet::from(["holdpoint.1".to_owned()]);
    for command in commands() {
        let name = format!("holdpoint-{command}.1");
        let text = pages[&name].replace("\\-", "-");
        for option in options(&holdpoint(&[&command, "--help"])) {
            assert!(text.contains(&option), "{name} has no {option}");
        }
        expected.insert(name);
    }
    assert_eq!(pages.keys().cloned().collect::<BTreeSet<_>>(), expected);
    assert_eq!(holdpoint(&["man"]), pages["holdpoint.1"]);
    for page in pages.values() {
        assert!(page.contains(".SH \"EXIT STATUS\""), "{page}");
    }
}

/// Bash itself completes a command, an option of it, and a value of that.
#[test]
fn bash_completes_what_there_is() {
    let script = directory("completions").join("holdpoint.bash");
    std::fs::write(&script, holdpoint(&["completions", "bash"])).unwrap();
    let complete = |words: &[&str]| {
        let typed = words.join(" ");
        let (last, before) = words.split_last().unwrap();
        let code = format!(
            "source '{}'; COMP_WORDS=({typed}); COMP_CWORD={}; _holdpoint holdpoint '{last}' '{}'; echo \"${{COMPREPLY[@]}}\"",
            script.display(),
            before.len(),
            before.last().unwrap(),
        );
        let output = Command::new("bash").args(["--norc", "-c", &code]).output().unwrap();
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    };
    assert_eq!(complete(&["holdpoint", "che"]), "check");
    assert_eq!(complete(&["holdpoint", "check", "--accept"]), "--accept-undetermined");
    assert_eq!(complete(&["holdpoint", "check", "--fail-on", "warn"]), "warning");
}

/// The other shells are not here; each script has every command.
#[test]
fn each_shell_has_a_script_of_all_commands() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = holdpoint(&["completions", shell]);
        for command in commands() {
            assert!(script.contains(&command), "{shell} has no {command}");
        }
    }
}
