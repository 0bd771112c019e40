//! What stays the same of a finding from run to run: its name for scripts and waivers.

use super::Subject;
use std::fmt;
use std::str::FromStr;

/// Tells a finding from all others of a job, and is the same in the next run, in another directory, and when the state
/// has grown: a hash of the rule, the operator, the state, and what changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(u64);

impl Fingerprint {
    /// The hash of these parts. An operator goes by its ID, which its uid gives; where that is not known, by its name.
    pub(super) fn of(what: &str, rule: &str, subject: &Subject, change: &str) -> Self {
        let operator = match (subject.operator_id, &subject.uid, &subject.operator_name) {
            (Some(id), _, _) => id.to_string(),
            (None, Some(name), _) | (None, None, Some(name)) => name.clone(),
            (None, None, None) => String::new(),
        };
        let mut bytes = Vec::new();
        for part in [what, rule, &operator, subject.state.as_deref().unwrap_or_default(), change] {
            // The length keeps parts apart, whatever is in them.
            bytes.extend((part.len() as u64).to_be_bytes());
            bytes.extend(part.as_bytes());
        }
        // Reading from memory cannot fail.
        let hash = murmur3::murmur3_x64_128(&mut bytes.as_slice(), 0).unwrap_or_default();
        #[expect(clippy::cast_possible_truncation, reason = "half of a hash is a hash")]
        Self(hash as u64)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for Fingerprint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = Some(text).filter(|it| it.len() == 16 && it.chars().all(|c| c.is_ascii_hexdigit()));
        let value = digits.and_then(|digits| u64::from_str_radix(digits, 16).ok());
        value.map(Self).ok_or_else(|| {
            format!("\"{text}\" is no fingerprint: write the 16 hex digits that a report has for the finding")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(operator: &str, state: Option<&str>) -> Subject {
        Subject {
            operator_name: Some(operator.to_owned()),
            state: state.map(str::to_owned),
            ..Subject::default()
        }
    }

    #[test]
    fn every_part_counts_and_none_runs_into_the_next() {
        let of = |what, rule, operator, state, change| {
            Fingerprint::of(what, rule, &subject(operator, state), change)
        };
        let all = [
            of("finding", "r", "o", Some("s"), "c"),
            of("unchecked", "r", "o", Some("s"), "c"),
            of("finding", "ro", "", Some("s"), "c"),
            of("finding", "r", "os", None, "c"),
            of("finding", "r", "o", Some("sc"), ""),
        ];
        for (place, one) in all.iter().enumerate() {
            assert!(!all.iter().skip(place + 1).any(|other| other == one), "{place}");
        }
    }

    /// Waivers are kept in files: the hash must stay what it is.
    #[test]
    fn it_is_read_as_it_is_written_and_never_changes() {
        let one = Fingerprint::of("finding", "state-removed", &subject("o", Some("s")), "");
        assert_eq!(one.to_string(), "7cf295bf0fabe471");
        assert_eq!(one.to_string().parse(), Ok(one));
        for text in ["", "12345678", "+123456789abcdef", "0123456789abcdefg"] {
            assert!(text.parse::<Fingerprint>().is_err(), "{text}");
        }
    }
}
