//! Versions of Kubernetes, engines and of Ordinance itself, and ranges of them.
//!
//! Providers write `v1.30.2-gke.1` or `1.30+`; only the leading numbers decide anything.

mod affected;

pub use affected::{Affected, Standing};

use std::fmt;
use std::str::FromStr;

/// `1.30` or `1.17.2`; a missing patch counts as 0 when compared.
#[derive(Clone, Copy, Debug)]
pub struct Version {
    pub major: u32,
    pub minor: u32,
    pub patch: Option<u32>,
}

impl Version {
    pub const fn new(major: u32, minor: u32) -> Version {
        Version { major, minor, patch: None }
    }

    /// Major, minor and patch.
    pub fn numbers(self) -> (u32, u32, u32) {
        (self.major, self.minor, self.patch.unwrap_or(0))
    }

    /// Without its patch.
    pub fn minor_version(self) -> Version {
        Version { patch: None, ..self }
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.numbers() == other.numbers()
    }
}
impl Eq for Version {}
impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Version {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.numbers().cmp(&other.numbers())
    }
}

impl FromStr for Version {
    type Err = String;
    fn from_str(written: &str) -> Result<Self, String> {
        let refuse = || format!("`{written}` is no version like 1.30 or 1.17.2");
        let core = written.strip_prefix('v').unwrap_or(written);
        let core = core.split(['-', '+']).next().unwrap_or_default();
        let numbers: Vec<u32> =
            core.split('.').map(str::parse).collect::<Result<_, _>>().map_err(|_| refuse())?;
        match numbers[..] {
            [major, minor] => Ok(Version { major, minor, patch: None }),
            [major, minor, patch] => Ok(Version { major, minor, patch: Some(patch) }),
            _ => Err(refuse()),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        self.patch.map_or(Ok(()), |patch| write!(f, ".{patch}"))
    }
}

/// `>=1.16, <1.19`: versions that satisfy every bound.
#[derive(Clone, Debug, Default)]
pub struct Range {
    bounds: Vec<(Bound, Version)>,
}

#[derive(Clone, Copy, Debug)]
enum Bound {
    AtLeast,
    Above,
    AtMost,
    Below,
    Exactly,
}

impl Range {
    pub fn contains(&self, version: Version) -> bool {
        self.bounds.iter().all(|(bound, limit)| match bound {
            Bound::AtLeast => version >= *limit,
            Bound::Above => version > *limit,
            Bound::AtMost => version <= *limit,
            Bound::Below => version < *limit,
            Bound::Exactly => version == *limit,
        })
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (bound, limit)) in self.bounds.iter().enumerate() {
            let sign = match bound {
                Bound::AtLeast => ">=",
                Bound::Above => ">",
                Bound::AtMost => "<=",
                Bound::Below => "<",
                Bound::Exactly => "=",
            };
            let before = if index == 0 { "" } else { ", " };
            write!(f, "{before}{sign}{limit}")?;
        }
        Ok(())
    }
}

impl FromStr for Range {
    type Err = String;
    fn from_str(written: &str) -> Result<Self, String> {
        let bound = |part: &str| {
            let part = part.trim();
            let signs = [
                (">=", Bound::AtLeast),
                ("<=", Bound::AtMost),
                (">", Bound::Above),
                ("<", Bound::Below),
                ("=", Bound::Exactly),
            ];
            let (sign, bound) =
                signs.iter().find(|(sign, _)| part.starts_with(sign)).ok_or_else(|| {
                    format!(
                        "`{part}` in `{written}` needs one of >=, <=, >, <, = before its version"
                    )
                })?;
            Ok((*bound, part[sign.len()..].trim().parse()?))
        };
        Ok(Range { bounds: written.split(',').map(bound).collect::<Result<_, String>>()? })
    }
}

written_as_string!(Version, "version");
written_as_string!(Range, "version-range");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_spellings_are_read_by_their_numbers() {
        for (written, plain) in
            [("v1.30.2-gke.1", "1.30.2"), ("1.30+", "1.30"), ("1.17.2", "1.17.2")]
        {
            assert_eq!(written.parse::<Version>().unwrap().to_string(), plain);
        }
        assert!("1".parse::<Version>().is_err());
        assert!("1.x".parse::<Version>().is_err());
    }

    #[test]
    fn versions_compare_by_number_not_by_text() {
        let range: Range = ">=1.16, <1.19".parse().unwrap();
        assert!(range.contains("1.18.9".parse().unwrap()));
        assert!(!range.contains("1.9".parse().unwrap()));
        assert!(!range.contains("1.19.0".parse().unwrap()));
        assert!("1.16".parse::<Range>().is_err());
        assert_eq!(range.to_string(), ">=1.16, <1.19");
    }
}
