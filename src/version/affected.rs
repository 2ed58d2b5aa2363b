//! Ranges of versions of anything: of images, container runtimes, kubelets.
//!
//! A version here is up to four numbers, whatever stands behind them. One with fewer numbers stands
//! for every version that begins with them, in a range as in what is compared with it. The control
//! that judges images says the same in CEL (`disallow-affected-images`); a test holds the two
//! together.

use serde_json::{Map, Value, json};
use std::fmt;
use std::str::FromStr;

/// How many numbers of a version are compared.
const NUMBERS: usize = 4;

/// More digits than this are no number of a version.
const DIGITS: usize = 18;

/// Above every number of eighteen digits.
const LARGEST: u64 = 999_999_999_999_999_999;

/// Numbers as they were written; those that are missing may be any.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Numbers(Vec<u64>);

impl Numbers {
    fn filled(&self, fill: u64) -> [u64; NUMBERS] {
        let mut all = [fill; NUMBERS];
        all.iter_mut().zip(&self.0).for_each(|(place, number)| *place = *number);
        all
    }

    fn first(&self) -> [u64; NUMBERS] {
        self.filled(0)
    }

    fn last(&self) -> [u64; NUMBERS] {
        self.filled(LARGEST)
    }
}

impl fmt::Display for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.0.iter().map(u64::to_string).collect();
        f.write_str(&numbers.join("."))
    }
}

fn number(written: &str) -> Option<u64> {
    let digits = (1..=DIGITS).contains(&written.len());
    (digits && written.bytes().all(|byte| byte.is_ascii_digit())).then(|| written.parse().ok())?
}

impl FromStr for Numbers {
    type Err = String;
    fn from_str(written: &str) -> Result<Self, String> {
        let plain = written.strip_prefix(['v', 'V']).unwrap_or(written);
        let numbers: Option<Vec<u64>> = plain.split('.').map(number).collect();
        let numbers = numbers.filter(|numbers| numbers.len() <= NUMBERS);
        numbers
            .map(Numbers)
            .ok_or_else(|| format!("`{written}` is no version of one to four numbers, like 2.4.1"))
    }
}

/// `>=1.7.0, <1.7.29`: from one version up to another. `*` is every version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Affected {
    from: Option<Numbers>,
    above: Option<Numbers>,
    below: Option<Numbers>,
    to: Option<Numbers>,
}

/// Whether a version lies in a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    Outside,
    /// It is not told exactly enough.
    Unknown,
    Inside,
}

impl Affected {
    /// What a control is handed.
    pub fn parameter(&self) -> Value {
        let bounds = [
            ("from", &self.from),
            ("above", &self.above),
            ("below", &self.below),
            ("to", &self.to),
        ];
        let written = bounds.into_iter().filter_map(|(name, bound)| {
            Some((name.to_owned(), json!(bound.as_ref()?.to_string())))
        });
        Value::Object(written.collect::<Map<_, _>>())
    }

    /// Where a version stands that somebody reports, such as `v1.33.4-gke.1`.
    pub fn standing(&self, reported: &str) -> Standing {
        if *self == Affected::default() {
            return Standing::Inside;
        }
        let plain = reported.strip_prefix(['v', 'V']).unwrap_or(reported);
        let core = plain.split(['-', '_', '+']).next().unwrap_or_default();
        let numbers: Vec<u64> = core.split('.').map_while(number).take(NUMBERS).collect();
        if numbers.is_empty() {
            return Standing::Unknown;
        }
        let version = Numbers(numbers);
        let (mut first, last) = ((version.first(), 1), (version.last(), 1));
        // Before its version and after all that are smaller.
        if is_early(plain) {
            first.1 = 0;
        }
        let bound = |bound: &Option<Numbers>, of: fn(&Numbers) -> [u64; NUMBERS]| {
            bound.as_ref().map(|bound| (of(bound), 1))
        };
        let from = bound(&self.from, Numbers::first);
        let above = bound(&self.above, Numbers::last);
        let below = bound(&self.below, Numbers::first);
        let to = bound(&self.to, Numbers::last);
        let within = |low: ([u64; NUMBERS], u8), high: ([u64; NUMBERS], u8)| {
            from.is_none_or(|from| low >= from)
                && above.is_none_or(|above| low > above)
                && below.is_none_or(|below| high < below)
                && to.is_none_or(|to| high <= to)
        };
        match (within(first, last), within(last, first)) {
            (true, _) => Standing::Inside,
            (false, true) => Standing::Unknown,
            (false, false) => Standing::Outside,
        }
    }

    /// Where a version stands of which nothing is known but the newest that it can be.
    pub fn standing_up_to(&self, newest: &str) -> Standing {
        let above_all =
            Affected { from: self.from.clone(), above: self.above.clone(), ..Affected::default() };
        let below_all =
            Affected { below: self.below.clone(), to: self.to.clone(), ..Affected::default() };
        if above_all.standing(newest) == Standing::Outside {
            return Standing::Outside;
        }
        let open = self.from.as_ref().is_none_or(|from| from.first() == [0; NUMBERS])
            && self.above.is_none();
        match below_all.standing(newest) {
            Standing::Inside if open => Standing::Inside,
            _ => Standing::Unknown,
        }
    }

    fn is_empty(&self) -> bool {
        let low =
            self.from.as_ref().map(Numbers::first).max(self.above.as_ref().map(Numbers::last));
        let high = [self.below.as_ref().map(Numbers::first), self.to.as_ref().map(Numbers::last)];
        let high = high.into_iter().flatten().min();
        let exclusive = self.above.is_some() || self.below.is_some();
        match (low, high) {
            (Some(low), Some(high)) if exclusive => low >= high,
            (Some(low), Some(high)) => low > high,
            (None, Some(high)) => self.below.is_some() && high == [0; NUMBERS],
            _ => false,
        }
    }
}

/// What is called a pre-release, of whatever version.
fn is_early(plain: &str) -> bool {
    const EARLY: [&str; 7] = ["alpha", "beta", "rc", "pre", "preview", "snapshot", "nightly"];
    let Some((_, end)) = plain.split_once('-') else { return false };
    let end = end.to_ascii_lowercase();
    let word: String = end.chars().take_while(char::is_ascii_lowercase).collect();
    EARLY.contains(&word.as_str())
}

impl fmt::Display for Affected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bounds = [(">=", &self.from), (">", &self.above), ("<", &self.below), ("<=", &self.to)];
        let written = bounds
            .into_iter()
            .filter_map(|(sign, bound)| Some(format!("{sign}{}", bound.as_ref()?)));
        let written: Vec<String> = written.collect();
        f.write_str(if written.is_empty() { "*" } else { "" })?;
        f.write_str(&written.join(", "))
    }
}

impl FromStr for Affected {
    type Err = String;
    fn from_str(written: &str) -> Result<Self, String> {
        let mut range = Affected::default();
        if written.trim() == "*" {
            return Ok(range);
        }
        for part in written.split(',').map(str::trim) {
            let signs = [">=", "<=", ">", "<", "="];
            let sign = signs.into_iter().find(|sign| part.starts_with(sign)).ok_or_else(|| {
                format!("`{part}` in `{written}` needs one of >=, <=, >, <, = before its version")
            })?;
            let numbers: Numbers = part[sign.len()..].trim().parse()?;
            let (low, high) = (
                range.from.is_some() || range.above.is_some(),
                range.below.is_some() || range.to.is_some(),
            );
            if (low && sign != "<" && sign != "<=") || (high && sign != ">" && sign != ">=") {
                return Err(format!("`{written}` begins or ends twice"));
            }
            match sign {
                ">=" => range.from = Some(numbers),
                ">" => range.above = Some(numbers),
                "<" => range.below = Some(numbers),
                "<=" => range.to = Some(numbers),
                _ => (range.from, range.to) = (Some(numbers.clone()), Some(numbers)),
            }
        }
        match range.is_empty() {
            true => Err(format!("no version lies in `{written}`")),
            false => Ok(range),
        }
    }
}

written_as_string!(Affected, "affected-versions");

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(range: &str, version: &str) -> Standing {
        range.parse::<Affected>().unwrap().standing(version)
    }

    #[test]
    fn what_has_fewer_numbers_is_all_that_begin_with_them() {
        use Standing::{Inside, Outside, Unknown};
        for (range, version, expected) in [
            ("<2.4.1", "2.4.0", Inside),
            ("<2.4.1", "v2.4.0-alpine", Inside),
            ("<2.4.1", "2.4.1", Outside),
            ("<2.4.1", "2.4", Unknown),
            ("<2.4.1", "1", Inside),
            ("<2.4.1", "2.4.1-rc1", Unknown),
            ("<2.4.1", "2.3.0-rc1", Inside),
            ("<=16.2", "16.2.9", Inside),
            (">16.2", "16.2.9", Outside),
            ("=16.2", "16.2", Inside),
            (">=1.7.0, <1.7.29", "1.7.27-0ubuntu1", Inside),
            (">=1.7.0, <1.7.29", "1.6.36", Outside),
            ("<1.33.4", "v1.33.3-gke.100", Inside),
            ("<1.33.4", "latest", Unknown),
            ("<1.33.4", "99999999999999999999", Unknown),
            ("*", "latest", Inside),
        ] {
            assert_eq!(standing(range, version), expected, "{version} in {range}");
        }
    }

    #[test]
    fn of_what_may_be_older_only_a_range_without_a_beginning_is_sure() {
        use Standing::{Inside, Outside, Unknown};
        for (range, newest, expected) in [
            ("<1.33.4", "1.33.2", Inside),
            ("<1.33.4", "1.29", Inside),
            ("<1.33.4", "1.33", Unknown),
            ("<1.33.4", "1.34", Unknown),
            (">=0, <1.33.4", "1.33.2", Inside),
            (">=1.33.0, <1.33.9", "1.33.2", Unknown),
            (">=1.34, <1.34.2", "1.33", Outside),
            (">=1.34, <1.34.2", "1.33.9", Outside),
            (">1.33", "1.33", Outside),
            (">=1.34, <1.34.2", "1.34", Unknown),
            ("*", "1.34", Inside),
        ] {
            let found = range.parse::<Affected>().unwrap().standing_up_to(newest);
            assert_eq!(found, expected, "up to {newest} in {range}");
        }
    }

    #[test]
    fn a_range_that_means_nothing_says_so() {
        for written in [
            "2.4.1",
            "<2.4.1-rc1",
            "<1.2.3.4.5",
            "<9999999999999999999",
            "",
            "<",
            ">=2, >3",
            ">=2, <2",
            "<0",
            "=1, <2",
            ">1.2, <=1.2",
        ] {
            assert!(written.parse::<Affected>().is_err(), "{written}");
        }
        for written in ["<2.4.1", ">=1.7, <1.7.29", ">1.2, <=1.3", "*", "<=0"] {
            assert_eq!(written.parse::<Affected>().unwrap().to_string(), written);
        }
    }
}
