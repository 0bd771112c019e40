//! Text that may be a uid: what stands in quotes in source code, and what a compiled plan says.

use super::{SQL_NODES, UidFormat};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// What stands in quotes in a line, and what stands between two texts in quotes: which of them is which cannot be told
/// without the language, and text that is no uid does no harm.
pub(super) fn string_literals(line: &str) -> Vec<Cow<'_, str>> {
    let mut literals = Vec::new();
    for quote in ['"', '\''] {
        let mut parts = Vec::new();
        let mut start = 0;
        let mut escaped = false;
        for (place, c) in line.char_indices() {
            if escaped {
                escaped = false;
            } else if c == '\\' {
                escaped = true;
            } else if c == quote {
                parts.push(line.get(start..place).unwrap_or_default());
                start = place.saturating_add(1);
            }
        }
        literals.extend(parts.into_iter().skip(1).filter(|part| !part.is_empty()).map(unescaped));
    }
    literals
}

/// As Java, Scala, Kotlin and Python read the escapes in a literal.
fn unescaped(literal: &str) -> Cow<'_, str> {
    if !literal.contains('\\') {
        return Cow::Borrowed(literal);
    }
    let mut text = String::new();
    let mut chars = literal.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => text.push('\n'),
            Some('t') => text.push('\t'),
            Some('r') => text.push('\r'),
            Some('b') => text.push('\u{8}'),
            Some('u') => {
                let hex: String = chars.by_ref().take(4).collect();
                let code = u32::from_str_radix(&hex, 16).ok().and_then(char::from_u32);
                text.push(code.unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            Some(c) => text.push(c),
            None => {}
        }
    }
    Cow::Owned(text)
}

/// Whether a text is what `COMPILE PLAN` writes.
pub(super) fn is_compiled_plan(text: &str) -> bool {
    text.trim_start().starts_with('{') && text.contains("\"flinkVersion\"") && text.contains("\"nodes\"")
}

/// What nodes may become that is in no plan that was tried.
const OTHERS: &[&str] = &[
    "writer",
    "rowtime-to-insert",
    "sink-materializer",
    "partitioner",
    "row-kind-setter",
    "changelog-normalize",
    "drop-update-before",
    "lookup-join",
];

/// The uids that the nodes of a compiled plan may have, in the formats of `table.exec.uid.format` that are or were the
/// default.
pub(super) fn compiled_plan_uids(text: &str) -> Vec<String> {
    let Ok(plan) = serde_json::from_str::<serde_json::Value>(text) else { return Vec::new() };
    let nodes = plan.get("nodes").and_then(|nodes| nodes.as_array());
    let mut uids = Vec::new();
    for node in nodes.into_iter().flatten() {
        let id = node.get("id").and_then(serde_json::Value::as_u64).and_then(|id| u32::try_from(id).ok());
        let Some((id, kind)) = id.zip(node.get("type").and_then(|it| it.as_str())) else { continue };
        let (name, _) = kind.rsplit_once('_').unwrap_or((kind, ""));
        let own = name.strip_prefix("stream-exec-").unwrap_or(name);
        let seen = SQL_NODES.iter().filter(|(known, _)| *known == name).flat_map(|(_, names)| *names);
        let names: BTreeSet<_> = seen.chain(OTHERS).copied().chain([own]).collect();
        for format in UidFormat::defaults() {
            uids.extend(names.iter().map(|transformation| format.uid(id, kind, transformation)));
        }
    }
    uids
}
