//! The page, read by a strict reader of XML, which its elements are, too.

use super::{Case, cases};
use crate::support::{catalog, job_fixtures};
use holdpoint::report::html::render_catalog;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::collections::BTreeSet;

/// Elements, their attributes, and the text between them.
#[derive(Default)]
struct Page {
    elements: Vec<(String, Vec<(String, String)>)>,
    text: String,
}

impl Page {
    fn of(case: &Case) -> Self {
        Self::parse(&case.name, &case.render("html"))
    }

    fn parse(name: &str, html: &str) -> Self {
        let mut reader = Reader::from_str(html);
        let mut page = Self::default();
        let mut open: Vec<String> = Vec::new();
        loop {
            match reader.read_event().unwrap_or_else(|error| panic!("{name}: {error}")) {
                Event::Start(start) => {
                    page.add(&start, name);
                    open.push(String::from_utf8(start.name().as_ref().to_vec()).unwrap());
                }
                Event::Empty(start) => page.add(&start, name),
                Event::End(_) => {
                    open.pop().unwrap();
                }
                Event::Text(text) => page.text.push_str(std::str::from_utf8(&text).unwrap()),
                Event::GeneralRef(entity) => {
                    page.text.push_str(match std::str::from_utf8(&entity).unwrap() {
                        "amp" => "&",
                        "lt" => "<",
                        "gt" => ">",
                        "quot" => "\"",
                        other => panic!("{name}: &{other};"),
                    });
                }
                Event::Eof => break,
                Event::DocType(_) => {}
                other => panic!("{name}: {other:?}"),
            }
        }
        assert!(open.is_empty(), "{name}: {open:?} is not closed");
        page
    }

    fn add(&mut self, start: &BytesStart<'_>, case: &str) {
        let name = String::from_utf8(start.name().as_ref().to_vec()).unwrap();
        let attributes = start.attributes().map(|it| {
            let it = it.unwrap_or_else(|error| panic!("{case}: {name}: {error}"));
            let value = std::str::from_utf8(&it.value).unwrap().to_owned();
            (String::from_utf8(it.key.as_ref().to_vec()).unwrap(), value)
        });
        self.elements.push((name.clone(), attributes.collect()));
    }

    fn attributes(&self, name: &str) -> impl Iterator<Item = &str> {
        let all = self.elements.iter().flat_map(|(_, attributes)| attributes);
        all.filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Elements that the page may have: none that loads or runs anything.
const ELEMENTS: &[&str] = &[
    "html", "head", "meta", "title", "style", "body", "header", "main", "nav", "section", "h1", "h2", "h3",
    "p", "a", "dl", "dt", "dd", "ol", "li", "strong", "code", "span", "div", "details", "summary", "table",
    "thead", "tbody", "tr", "th", "td", "svg", "path", "rect", "text", "del", "ins", "fieldset", "legend",
    "label", "input",
];

#[test]
fn a_page_is_well_formed_and_loads_nothing() {
    let checks = cases().iter().map(|case| (case.name.clone(), case.render("html")));
    let savepoints = job_fixtures().into_iter().map(|name| {
        let page = render_catalog(&name, &catalog(&name));
        (name, page)
    });
    for (case, html) in checks.chain(savepoints) {
        let page = Page::parse(&case, &html);
        for (name, attributes) in &page.elements {
            assert!(ELEMENTS.contains(&name.as_str()), "{case}: {name}");
            for (key, value) in attributes {
                assert!(!key.starts_with("on") && key != "src", "{case}: {key}");
                assert!(key != "href" || value.starts_with('#'), "{case}: {value}");
            }
        }
        let ids: Vec<_> = page.attributes("id").collect();
        let distinct: BTreeSet<_> = ids.iter().collect();
        assert_eq!(ids.len(), distinct.len(), "{case}: an id stands twice");
        let links = page.attributes("href").map(|link| &link[1..]);
        for link in links.chain(page.attributes("aria-labelledby")).chain(page.attributes("for")) {
            assert!(distinct.contains(&link), "{case}: {link} leads nowhere");
        }
    }
    let style = std::fs::read_to_string(crate::support::path("src/report/html/style.css")).unwrap();
    assert!(!style.contains("url(") && !style.contains("@import") && !style.contains('<'), "{style}");
}

#[test]
fn every_finding_is_on_the_page() {
    for case in cases() {
        let text = Page::of(case).text;
        let entries = case.report.entries();
        for entry in entries {
            assert!(text.contains(&entry.fingerprint.to_string()), "{}: {entry:?}", case.name);
        }
    }
}

/// What a user named stays text.
#[test]
fn names_make_no_markup() {
    for hostile in
        ["</script><script>alert(1)</script>", "\" onload=\"x", "a\0b", "\u{fffd}&amp;<!--", "]]></style>"]
    {
        let name = serde_json::Value::from(hostile);
        let text = format!(
            "operators:\n  - {{uid: {name}, name: {name}, states: [{{name: {name}, kind: value, value: Long}}]}}\n"
        );
        let case = Case::new("named", "flink-2.3-v1", crate::support::plan_file("html-hostile.yaml", &text));
        let page = Page::of(&case);
        let shown = holdpoint::report::text::plain(hostile);
        assert!(page.text.contains(&*shown), "{hostile}: {}", page.text);
        assert!(page.elements.iter().all(|(name, _)| ELEMENTS.contains(&name.as_str())), "{hostile}");
        assert!(page.attributes("onload").next().is_none());
        assert!(!case.render("html").contains('\0'));
    }
}

/// A plan of 500 operators gives a page of a size that a browser takes, with a box for each.
#[test]
fn five_hundred_operators_are_drawn() {
    let operators: Vec<_> = (0..500).map(|number| format!("  - uid: operator-{number}\n")).collect();
    let plan = crate::support::plan_file("html-many.yaml", &format!("operators:\n{}", operators.concat()));
    let case = Case::new("many", "flink-2.3-v1", plan);
    let boxes = Page::of(&case).elements.into_iter().filter(|(name, attributes)| {
        name == "rect" && attributes.iter().any(|(key, value)| key == "class" && value.starts_with("node"))
    });
    assert!(boxes.count() >= 500);
    assert!(case.render("html").len() < 2 << 20);
    assert_eq!(case.render("html"), case.render("html"));
}
