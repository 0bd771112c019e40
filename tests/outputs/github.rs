//! Annotations, read back as the runner of GitHub's workflows reads a log: a line that starts with two colons is a command,
//! its properties end at the next two, and both are unescaped.

use super::{Case, HOSTILE, cases};
use std::collections::BTreeMap;

struct Annotation {
    command: String,
    properties: BTreeMap<String, String>,
    message: String,
}

fn unescaped(text: &str, also: &[(&str, &str)]) -> String {
    let mut text = text.replace("%0D", "\r").replace("%0A", "\n");
    for (from, to) in also {
        text = text.replace(from, to);
    }
    text.replace("%25", "%")
}

fn annotations(log: &str) -> Vec<Annotation> {
    let commands = log.lines().filter_map(|line| line.trim_start().strip_prefix("::"));
    let annotation = |line: &str| {
        let (head, message) = line.split_once("::").unwrap();
        let (command, properties) = head.split_once(' ').unwrap();
        let properties = properties.split(',').map(|property| {
            let (name, value) = property.split_once('=').unwrap();
            (name.to_owned(), unescaped(value, &[("%3A", ":"), ("%2C", ",")]))
        });
        Annotation {
            command: command.to_owned(),
            properties: properties.collect(),
            message: unescaped(message, &[]),
        }
    };
    commands.map(annotation).collect()
}

#[test]
fn each_finding_is_one_annotation() {
    for case in cases() {
        let log = case.render("github");
        let found = annotations(&log);
        assert_eq!(found.len(), case.entries(), "{}: {log}", case.name);
        assert_eq!(log.lines().count(), case.entries() + 1, "{}: the verdict comes last", case.name);
        for annotation in &found {
            assert!(["error", "warning", "notice"].contains(&annotation.command.as_str()), "{log}");
            let names: Vec<_> = annotation.properties.keys().map(String::as_str).collect();
            assert_eq!(names, ["file", "line", "title"], "{}", case.name);
            assert!(annotation.properties["line"].parse::<u64>().unwrap() > 0);
        }
    }
}

#[test]
fn a_name_is_read_back_as_it_is_but_for_what_a_terminal_obeys() {
    let case = Case::hostile();
    let found = annotations(&case.render("github"));
    let (before, _) = HOSTILE.split_once('\u{1b}').unwrap();
    let named = |it: &&Annotation| it.message.contains(before) && it.properties["title"].contains(before);
    assert!(found.iter().find(named).is_some(), "{}", case.render("github"));
    assert!(!case.render("github").contains(['\u{1b}', '\u{202e}']));
}

#[test]
fn an_annotation_points_to_the_line_of_the_plan() {
    let found = annotations(&Case::shop().render("github"));
    let text = std::fs::read_to_string("examples/shop-next.yaml").unwrap();
    let line_of = |part: &str| {
        let annotation = found.iter().find(|it| it.message.contains(part)).unwrap();
        assert_eq!(annotation.properties["file"], "examples/shop-next.yaml");
        text.lines().nth(annotation.properties["line"].parse::<usize>().unwrap() - 1).unwrap()
    };
    assert!(line_of("Order.priority").contains("last-order"));
    assert!(line_of("6e4ee0af903c0216e07293b5b5dfe2b7").contains("150463b3bcca284d14630755b6e68ebd"));
    assert_eq!(line_of("b864716503adbe27d91981bb81974494"), text.lines().next().unwrap()); // it is gone
}
