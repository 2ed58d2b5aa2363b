//! How bad something is, by a CVSS 3 vector: the base score of its specification.

use crate::document::Severity;

/// By a word such as `HIGH` or `MODERATE`.
pub fn by_word(word: &str) -> Option<Severity> {
    match word.to_ascii_lowercase().as_str() {
        "critical" => Some(Severity::Critical),
        "high" | "important" => Some(Severity::High),
        "medium" | "moderate" => Some(Severity::Medium),
        "low" => Some(Severity::Low),
        _ => None,
    }
}

/// By a vector such as `CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H`; `None` of other versions.
pub fn by_vector(vector: &str) -> Option<Severity> {
    let rest = vector.strip_prefix("CVSS:3.1/").or(vector.strip_prefix("CVSS:3.0/"))?;
    let metric =
        |name: &str| rest.split('/').find_map(|part| part.strip_prefix(name)?.strip_prefix(':'));
    let changed = match metric("S")? {
        "C" => true,
        "U" => false,
        _ => return None,
    };
    let of = |name: &str, known: &[(&str, f64)]| {
        let value = metric(name)?;
        known.iter().find(|(letter, _)| *letter == value).map(|(_, weight)| *weight)
    };
    let privileges = match changed {
        true => [("N", 0.85), ("L", 0.68), ("H", 0.5)],
        false => [("N", 0.85), ("L", 0.62), ("H", 0.27)],
    };
    let impact = [("H", 0.56), ("L", 0.22), ("N", 0.0)];
    let exploitability = 8.22
        * of("AV", &[("N", 0.85), ("A", 0.62), ("L", 0.55), ("P", 0.2)])?
        * of("AC", &[("L", 0.77), ("H", 0.44)])?
        * of("PR", &privileges)?
        * of("UI", &[("N", 0.85), ("R", 0.62)])?;
    let base =
        1.0 - (1.0 - of("C", &impact)?) * (1.0 - of("I", &impact)?) * (1.0 - of("A", &impact)?);
    let impact = match changed {
        true => 7.52 * (base - 0.029) - 3.25 * (base - 0.02).powi(15),
        false => 6.42 * base,
    };
    if impact <= 0.0 {
        return Some(Severity::Low);
    }
    let sum = if changed { 1.08 * (impact + exploitability) } else { impact + exploitability };
    // Rounded up to a tenth, without what binary fractions add.
    let tenths = ((sum.min(10.0) * 100_000.0).round() / 10_000.0).ceil();
    Some(match tenths {
        score if score >= 90.0 => Severity::Critical,
        score if score >= 70.0 => Severity::High,
        score if score >= 40.0 => Severity::Medium,
        _ => Severity::Low,
    })
}
