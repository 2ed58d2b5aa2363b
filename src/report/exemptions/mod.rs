//! Exemptions as they stand on a day, for a terminal and for programs.

pub mod json;
pub mod text;

use crate::calendar::Standing;

/// By intent, in the order written: what is lifted from it.
pub fn lifts<'a>(standing: &'a Standing<'_>) -> Vec<(&'a str, Vec<&'a str>)> {
    let mut found: Vec<(&str, Vec<&str>)> = vec![];
    for (control, intent, _) in &standing.lifting.lifts {
        match found.iter_mut().find(|(known, _)| known == intent) {
            Some((_, controls)) => controls.push(control),
            None => found.push((intent, vec![control])),
        }
    }
    found
}
