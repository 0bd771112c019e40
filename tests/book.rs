//! The documents as a book: its table of contents, and the links in them.

use crate::support::path;
use holdpoint::rules::RULES;
use pulldown_cmark::{Event, Parser, Tag, TagEnd};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// All pages below `docs`, relative to it.
fn pages() -> BTreeSet<PathBuf> {
    let root = path("docs");
    let mut pages = BTreeSet::new();
    let mut left = vec![root.clone()];
    while let Some(place) = left.pop() {
        if place.is_dir() {
            left.extend(place.read_dir().unwrap().map(|entry| entry.unwrap().path()));
        } else if place.extension().is_some_and(|extension| extension == "md") {
            pages.insert(place.strip_prefix(&root).unwrap().to_owned());
        }
    }
    pages
}

/// The links of a document.
fn links(text: &str) -> Vec<String> {
    let links = Parser::new(text).filter_map(|event| match event {
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
            Some(dest_url.into_string())
        }
        _ => None,
    });
    links.collect()
}

/// The headings of a document, as links name them.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    let mut heading: Option<String> = None;
    for event in Parser::new(text) {
        match (event, &mut heading) {
            (Event::Start(Tag::Heading { .. }), _) => heading = Some(String::new()),
            (Event::Text(text) | Event::Code(text), Some(heading)) => heading.push_str(&text),
            (Event::End(TagEnd::Heading(_)), _) => {
                let heading = heading.take().unwrap().to_lowercase().replace(' ', "-");
                anchors
                    .insert(heading.chars().filter(|c| c.is_alphanumeric() || "-_".contains(*c)).collect());
            }
            _ => {}
        }
    }
    anchors
}

/// The pages of the rules are listed in the order of the rules, and written by `SNAPSHOTS=overwrite`; the others by hand.
#[test]
fn the_summary_lists_every_rule() {
    let kept = std::fs::read_to_string(path("docs/SUMMARY.md")).unwrap();
    let mut made = String::new();
    for line in kept.lines().filter(|line| !line.contains("(rules/")) {
        made.push_str(line);
        made.push('\n');
        if line.ends_with("(rules.md)") {
            made.extend(RULES.iter().map(|rule| format!("  - [{0}](rules/{0}.md)\n", rule.id)));
        }
    }
    snapbox::assert_data_eq!(made, snapbox::Data::read_from(&path("docs/SUMMARY.md"), None).raw());
}

#[test]
fn the_summary_lists_every_page_once() {
    let listed = links(&std::fs::read_to_string(path("docs/SUMMARY.md")).unwrap());
    let mut expected = pages();
    expected.remove(Path::new("SUMMARY.md"));
    for page in listed {
        assert!(expected.remove(Path::new(&page)), "{page} is listed twice, or is no page");
    }
    assert!(expected.is_empty(), "docs/SUMMARY.md does not list {expected:?}");
}

/// What a document links to is there, with the heading that the link names; from a page of the book, in the book.
#[test]
fn relative_links_lead_somewhere() {
    let documents = ["README.md", "README.zh-CN.md", "CONTRIBUTING.md", "CHANGELOG.md", "fixtures/README.md"];
    let pages = pages().into_iter().map(|page| Path::new("docs").join(page));
    let mut broken = Vec::new();
    let mut followed = 0;
    for document in documents.into_iter().map(PathBuf::from).chain(pages) {
        let text = std::fs::read_to_string(path("").join(&document)).unwrap();
        for link in links(&text).into_iter().filter(|link| !link.contains("://")) {
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = match file {
                "" => path("").join(&document),
                file => path("").join(&document).parent().unwrap().join(file),
            };
            // The book is of the pages below docs, and has nothing else of the repository.
            let is_page = document.starts_with("docs");
            let is_inside = target.exists()
                && target.canonicalize().unwrap().starts_with(path("docs").canonicalize().unwrap());
            let found = target.exists()
                && (is_inside || !is_page)
                && (anchor.is_empty()
                    || anchors(&std::fs::read_to_string(&target).unwrap()).contains(anchor));
            if !found {
                broken.push(format!("{}: {link}", document.display()));
            }
            followed += 1;
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(followed > 100, "only {followed} links were found");
}
