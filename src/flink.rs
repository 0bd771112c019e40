//! Release lines of Flink, by which the rules of a restore differ.

use std::fmt;

/// A release line of Flink, such as 1.20.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FlinkLine {
    /// The number before the point.
    pub major: u16,
    /// The number after it.
    pub minor: u16,
}

impl FlinkLine {
    /// The newest line that restores were run on.
    pub const NEWEST: Self = Self::new(2, 3);

    /// The line of these numbers.
    pub const fn new(major: u16, minor: u16) -> Self {
        Self { major, minor }
    }
}

impl fmt::Display for FlinkLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl std::str::FromStr for FlinkLine {
    type Err = String;

    /// Reads `1.20`, and takes the line of a release such as `1.20.5`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut numbers = text.split('.').map(str::parse::<u16>);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(major)), Some(Ok(minor))) => Ok(Self { major, minor }),
            _ => Err(format!("'{text}' is not a Flink version such as 1.20")),
        }
    }
}
