//! From a record's bounds to ranges that documents can say.

use crate::version::Affected;

/// One range of a record: versions as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    pub from: Option<String>,
    pub below: Option<String>,
    pub to: Option<String>,
}

/// A range, and whether something behind a version's numbers was left out.
pub fn range(bounds: &Bounds) -> Result<(Affected, bool), String> {
    let mut cut = false;
    let mut parts = vec![];
    for (sign, bound) in [(">=", &bounds.from), ("<", &bounds.below), ("<=", &bounds.to)] {
        let Some(written) = bound else { continue };
        let (numbers, rest) = numbers(written)?;
        cut |= rest;
        // From the very first on is no bound.
        if sign == ">=" && numbers.split('.').all(|number| number.trim_matches('0').is_empty()) {
            continue;
        }
        parts.push(format!("{sign}{numbers}"));
    }
    let text = if parts.is_empty() { "*".to_owned() } else { parts.join(", ") };
    text.parse().map(|range| (range, cut))
}

/// One version alone.
pub fn exactly(version: &str) -> Option<Affected> {
    let (numbers, _) = numbers(version).ok()?;
    format!("={numbers}").parse().ok()
}

/// The leading numbers of a version, at most four, and whether more stands behind them.
fn numbers(written: &str) -> Result<(String, bool), String> {
    let plain = written.trim().trim_start_matches(['v', 'V']);
    let core = plain.split(['-', '+', '~', '_', ' ']).next().unwrap_or_default();
    let is_number =
        |part: &&str| (1..=18).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    let numbers: Vec<&str> = core.split('.').take_while(is_number).take(4).collect();
    if numbers.is_empty() {
        let shown: String = written.chars().take(40).collect();
        return Err(format!("`{shown}` is no version of numbers"));
    }
    let joined = numbers.join(".");
    let cut = joined.len() < plain.len();
    Ok((joined, cut))
}
