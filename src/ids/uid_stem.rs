//! A uid without what a next version changes at its end: `orders-v2` is `orders` with a version.

/// Words that stand for another version.
const WORDS: [&str; 6] = ["new", "old", "next", "copy", "fixed", "tmp"];
/// What stands between the stem and the version.
const SEPARATORS: [char; 5] = ['-', '_', '.', ':', ' '];
/// How many versions before, and one after, are tried.
const MOST_VERSIONS: u32 = 9;

/// A uid, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Versioned<'u> {
    /// What does not change.
    stem: &'u str,
    /// The separator, and the letter in front of a number.
    between: &'u str,
    /// The number, or the word.
    version: &'u str,
}

/// Whether two uids differ by a version at their ends.
pub fn same_stem(one: &str, other: &str) -> bool {
    one != other
        && Versioned::of(one).stem == Versioned::of(other).stem
        && !Versioned::of(one).stem.is_empty()
}

/// Uids that differ from this one by a version at their ends, those first that are likelier to be of before.
pub fn uids_like(uid: &str) -> impl Iterator<Item = String> {
    let Versioned { stem, between, version } = Versioned::of(uid);
    let number = version.parse::<u32>().ok();
    let before = number.into_iter().flat_map(|number| {
        let versions = (1..=MOST_VERSIONS).filter_map(move |back| number.checked_sub(back));
        versions.chain(number.checked_add(1))
    });
    let separator = between.chars().next().filter(|c| SEPARATORS.contains(c));
    let separators = separator.map_or_else(|| SEPARATORS.to_vec(), |separator| vec![separator]);
    let added = separators.into_iter().flat_map(move |separator| {
        let numbers = (0..=MOST_VERSIONS).flat_map(|number| [format!("v{number}"), number.to_string()]);
        let versions = numbers.chain(WORDS.iter().map(|word| (*word).to_owned()));
        versions.map(move |version| format!("{stem}{separator}{version}"))
    });
    let before = before.map(move |number| format!("{stem}{between}{number}"));
    std::iter::once(stem.to_owned()).chain(before).chain(added).filter(move |it| it != uid && !it.is_empty())
}

impl<'u> Versioned<'u> {
    fn of(uid: &'u str) -> Self {
        let plain = Self { stem: uid, between: "", version: "" };
        let without_digits = uid.trim_end_matches(|c: char| c.is_ascii_digit());
        if without_digits.len() < uid.len() {
            let without_letter = without_digits.strip_suffix(['v', 'V']).unwrap_or(without_digits);
            let stem = without_letter.strip_suffix(SEPARATORS).unwrap_or(without_letter);
            // `map2` is a name with a number, and so is `rev2`: a letter counts behind a separator alone.
            let stem = if stem.len() == without_letter.len() { without_digits } else { stem };
            return Self::split(uid, stem, without_digits).unwrap_or(plain);
        }
        let word = uid.rsplit(SEPARATORS).next().filter(|word| WORDS.contains(word));
        let found = word.and_then(|word| {
            let before = uid.strip_suffix(word)?;
            Self::split(uid, before.strip_suffix(SEPARATORS)?, before)
        });
        found.unwrap_or(plain)
    }

    /// `stem` and `before` are starts of the uid: without and with what is between.
    fn split(uid: &'u str, stem: &'u str, before: &'u str) -> Option<Self> {
        Some(Self { stem, between: before.get(stem.len()..)?, version: uid.get(before.len()..)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_at_the_end_is_no_part_of_the_stem() {
        for (one, other) in [
            ("orders", "orders-v2"),
            ("orders-v1", "orders-v2"),
            ("orders_1", "orders_12"),
            ("orders", "orders-new"),
            ("orders2", "orders3"),
            ("orders.v9", "orders.v10"),
        ] {
            assert!(same_stem(one, other) && same_stem(other, one), "{one} {other}");
        }
        for (one, other) in
            [("orders", "orders"), ("orders-in", "orders-out"), ("1", "2"), ("orders", "order")]
        {
            assert!(!same_stem(one, other), "{one} {other}");
        }
    }

    #[test]
    fn uids_of_before_are_among_those_like_it() {
        for (new, old) in [
            ("orders-v2", "orders"),
            ("orders-v2", "orders-v1"),
            ("orders", "orders-v1"),
            ("orders", "orders_2"),
            ("orders-new", "orders"),
            ("orders.10", "orders.9"),
        ] {
            assert!(uids_like(new).any(|it| it == old), "{new} {old}");
            assert!(uids_like(new).all(|it| it != new), "{new}");
        }
    }
}
