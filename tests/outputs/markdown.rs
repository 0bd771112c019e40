//! The comment, read by a parser of GitHub's Markdown.

use super::{Case, HOSTILE, cases};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

fn events(text: &str) -> Vec<Event<'_>> {
    Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_GFM)
        .collect()
}

/// Cells of each row of each table.
fn rows(text: &str) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for event in events(text) {
        match event {
            Event::Start(Tag::TableCell) => rows.last_mut().unwrap().push(String::new()),
            Event::Text(text) | Event::Code(text) => {
                if let Some(cell) = rows.last_mut().and_then(|row| row.last_mut()) {
                    cell.push_str(&text);
                }
            }
            Event::Start(Tag::TableRow | Tag::TableHead) | Event::End(TagEnd::Table) => rows.push(Vec::new()),
            _ => {}
        }
    }
    rows
}

#[test]
fn a_comment_has_no_markup_but_its_own() {
    for case in cases() {
        let text = case.render("markdown");
        assert!(text.starts_with("<!-- holdpoint -->\n### "), "{}", case.name);
        for event in events(&text) {
            match event {
                Event::Html(html) | Event::InlineHtml(html) => {
                    let own = ["<!-- holdpoint -->", "<br>", "</details>"].contains(&html.trim());
                    assert!(own || html.starts_with("<details><summary>"), "{}: {html}", case.name);
                }
                Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::Emphasis | Tag::Strong) => {
                    panic!("{}: {event:?}", case.name)
                }
                _ => {}
            }
        }
    }
}

#[test]
fn every_finding_is_a_row() {
    for case in cases() {
        let text = case.render("markdown");
        let rows = rows(&text);
        let with = |rule: &str, place: &str| {
            rows.iter().any(|row| row.iter().any(|it| it == rule) && row.iter().any(|it| it == place))
        };
        for finding in case.report.findings.found.iter().filter(|_| case.name != "hostile") {
            assert!(with(finding.rule, &finding.subject.to_string()), "{}: {finding:?}\n{text}", case.name);
        }
        // A bar in a name ends no cell: the parser drops what is too many, so the last cell of each row must be there.
        for row in rows.iter().filter(|row| row.len() == 5) {
            let last = row.last().unwrap();
            assert!(last.contains('→') || last.starts_with("What"), "{}: {row:?}", case.name);
        }
    }
}

#[test]
fn a_name_is_read_as_it_is_and_mentions_nobody() {
    let text = Case::hostile().render("markdown");
    let (before, _) = HOSTILE.split_once('\u{1b}').unwrap();
    let name = before.replace('@', "@\u{2060}").replace('#', "#\u{2060}");
    assert!(rows(&text).iter().flatten().any(|cell| cell.contains(&name)), "{text}");
    assert!(!text.contains("@e") && !text.contains("#1"), "{text}");
}
