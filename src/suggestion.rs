//! What a misspelt name was likely meant to be.

/// From which likeness on, between 0 and 1, one name is taken for another.
const ALIKE: f64 = 0.7;

/// `; did you mean "…"?`, if one of the names is close to `wrong`.
pub(crate) fn suggestion<'n>(wrong: &str, names: impl IntoIterator<Item = &'n str>) -> String {
    let scored = names.into_iter().map(|name| (strsim::jaro_winkler(wrong, name), name));
    let best = scored.filter(|(score, _)| *score > ALIKE).max_by(|a, b| a.0.total_cmp(&b.0));
    best.map_or_else(String::new, |(_, name)| format!("; did you mean \"{name}\"?"))
}
