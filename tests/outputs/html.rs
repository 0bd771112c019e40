//! The page, read by a strict reader of XML, which its elements are, too.

use super::{Case, cases};
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
        let html = case.render("html");
        let mut reader = Reader::from_str(&html);
        let mut page = Self::default();
        let mut open: Vec<String> = Vec::new();
        loop {
            match reader.read_event().unwrap_or_else(|error| panic!("{}: {error}", case.name)) {
                Event::Start(start) => {
                    page.add(&start, &case.name);
                    open.push(String::from_utf8(start.name().as_ref().to_vec()).unwrap());
                }
                Event::Empty(start) => page.add(&start, &case.name),
                Event::End(_) => {
                    open.pop().unwrap();
                }
                Event::Text(text) => page.text.push_str(std::str::from_utf8(&text).unwrap()),
                Event::GeneralRef(name) => page.text.push_str(match std::str::from_utf8(&name).unwrap() {
                    "amp" => "&",
                    "lt" => "<",
                    "gt" => ">",
                    "quot" => "\"",
                    other => panic!("{}: &{other};", case.name),
                }),
                Event::Eof => break,
                Event::DocType(_) => {}
                other => panic!("{}: {other:?}", case.name),
            }
        }
        assert!(open.is_empty(), "{}: {open:?} is not closed", case.name);
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
    "thead", "tbody", "tr", "th", "td", "svg", "path", "rect", "text",
];

#[test]
fn a_page_is_well_formed_and_loads_nothing() {
    for case in cases() {
        let page = Page::of(case);
        for (name, attributes) in &page.elements {
            assert!(ELEMENTS.contains(&name.as_str()), "{}: {name}", case.name);
            for (key, value) in attributes {
                assert!(!key.starts_with("on") && key != "src", "{}: {key}", case.name);
                assert!(key != "href" || value.starts_with('#'), "{}: {value}", case.name);
            }
        }
        let ids: Vec<_> = page.attributes("id").collect();
        let distinct: BTreeSet<_> = ids.iter().collect();
        assert_eq!(ids.len(), distinct.len(), "{}: an id stands twice", case.name);
        let links = page.attributes("href").map(|link| &link[1..]).chain(page.attributes("aria-labelledby"));
        for link in links {
            assert!(distinct.contains(&link), "{}: {link} leads nowhere", case.name);
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
