//! From a record's bounds to ranges that documents can say.

use crate::version::{Affected, Standing};

/// One range of a record: versions as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    pub from: Option<String>,
    pub above: Option<String>,
    pub below: Option<String>,
    pub to: Option<String>,
}

impl Bounds {
    /// One version alone.
    pub fn only(version: &str) -> Bounds {
        let both = Some(version.to_owned());
        Bounds { from: both.clone(), to: both, ..Bounds::default() }
    }

    /// The version, where it is one alone.
    pub fn single(&self) -> Option<&str> {
        let open = self.above.is_none() && self.below.is_none();
        self.from.as_deref().filter(|_| open && self.from == self.to)
    }
}

/// `>= 1.7.0-beta.0, < 1.7.27` in the place of a version; `None` of what is no comparison.
pub fn comparators(written: &str) -> Option<Result<Bounds, String>> {
    written.trim().starts_with(['<', '>', '=']).then(|| compared(written))
}

fn compared(written: &str) -> Result<Bounds, String> {
    let shown: String = written.chars().take(60).collect();
    let mut bounds = Bounds::default();
    for part in written.split(',').map(str::trim) {
        let sign = [">=", "<=", ">", "<", "=="].into_iter().find(|sign| part.starts_with(sign));
        let Some(sign) = sign.or(part.starts_with('=').then_some("=")) else {
            let part: String = part.chars().take(40).collect();
            return Err(format!("`{part}` in `{shown}` is compared with nothing"));
        };
        let version = part[sign.len()..].trim().to_owned();
        let (low, high) = (
            bounds.from.is_some() || bounds.above.is_some(),
            bounds.below.is_some() || bounds.to.is_some(),
        );
        if (low && !sign.starts_with('<')) || (high && !sign.starts_with('>')) {
            return Err(format!("`{shown}` begins or ends twice"));
        }
        match sign {
            ">=" => bounds.from = Some(version),
            ">" => bounds.above = Some(version),
            "<" => bounds.below = Some(version),
            "<=" => bounds.to = Some(version),
            _ => bounds = Bounds::only(&version),
        }
    }
    Ok(bounds)
}

/// A range, and whether something behind a version's numbers was left out.
pub fn range(bounds: &Bounds) -> Result<(Affected, bool), String> {
    let Bounds { from, above, below, to } = bounds;
    let mut cut = false;
    let mut parts = vec![];
    for (sign, bound) in [(">=", from), (">", above), ("<", below), ("<=", to)] {
        let Some(written) = bound else { continue };
        let (mut numbers, rest) = numbers(written)?;
        cut |= rest;
        // From the very first on is no bound.
        if sign == ">=" && numbers.split('.').all(|number| number.trim_matches('0').is_empty()) {
            continue;
        }
        // Above 2.0 is 2.0.1 for those who publish; here it would be 2.1.
        while sign == ">" && numbers.split('.').count() < 3 {
            numbers.push_str(".0");
        }
        parts.push(format!("{sign}{numbers}"));
    }
    let text = if parts.is_empty() { "*".to_owned() } else { parts.join(", ") };
    text.parse().map(|range| (range, cut))
}

/// A range as somebody would write it: `=1.2.3` for one version alone.
pub fn written(range: &Affected) -> String {
    let text = range.to_string();
    let ends = text.strip_prefix(">=").and_then(|ends| ends.split_once(", <="));
    match ends {
        Some((from, to)) if from == to => format!("={from}"),
        _ => text,
    }
}

/// A range and the version with which it begins.
pub struct Span(Affected, String);

impl Span {
    pub fn of(bounds: &Bounds) -> Option<Span> {
        let begins = bounds.from.clone().or(bounds.above.clone());
        let begins = begins.unwrap_or_else(|| "0.0.0.0".to_owned());
        range(bounds).ok().map(|(range, _)| Span(range, begins))
    }

    /// Whether some version may lie in both: two ranges meet where one begins within the other.
    pub fn meets(&self, other: &Span) -> bool {
        let outside = Standing::Outside;
        self.0.standing(&other.1) != outside || other.0.standing(&self.1) != outside
    }

    pub fn written(&self) -> String {
        written(&self.0)
    }
}

/// The leading numbers of a version, at most four, and whether more stands behind them.
pub fn numbers(written: &str) -> Result<(String, bool), String> {
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
