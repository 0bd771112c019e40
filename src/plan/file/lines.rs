//! In which lines of a plan file its operators and states stand.

use crate::plan::Written;
use serde::Deserialize;
use serde_saphyr::Spanned;

/// As much of a plan file as is needed to find the lines.
#[derive(Deserialize)]
struct Lines {
    operators: Vec<Spanned<OperatorLines>>,
}

#[derive(Deserialize)]
struct OperatorLines {
    states: Option<Vec<Spanned<StateLine>>>,
}

#[derive(Deserialize)]
struct StateLine {
    name: String,
}

/// Where the operators stand in a plan file, in its order. Of a file that is none, nowhere.
pub(super) fn written(file: &str, text: &str) -> Vec<Written> {
    let lines = serde_saphyr::from_str::<Lines>(text).map(|lines| lines.operators).unwrap_or_default();
    let written = |operator: Spanned<OperatorLines>| Written {
        file: file.to_owned(),
        line: operator.referenced.line(),
        states: operator
            .value
            .states
            .into_iter()
            .flatten()
            .map(|it| (it.value.name, it.referenced.line()))
            .collect(),
    };
    lines.into_iter().map(written).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_those_of_the_entries() {
        let text = "flink: \"2.3\"\noperators:\n  - uid: a\n    states:\n      - {name: x, kind: value}\n      - name: y\n        kind: list\n\n  # next\n  - generated_id: 0\n";
        let found = written("plan.yaml", text);
        assert_eq!(found.iter().map(|it| it.line).collect::<Vec<_>>(), [3, 10]);
        assert_eq!(found[0].states, [("x".to_owned(), 5), ("y".to_owned(), 6)].into());
        let json = "{\"operators\": [\n {\"uid\": \"a\", \"states\": [\n  {\"name\": \"x\", \"kind\": \"value\"}]}]}";
        assert_eq!(written("plan.json", json)[0].line, 2);
    }
}
