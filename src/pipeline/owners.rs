//! How many exemptions each owner has in force.
//!
//! No single document can tell, and neither can the linked ones: it depends on the day. Days to
//! come are looked at too, so that what is refused is refused to whoever writes it, and never
//! because time has passed.

use super::Loaded;
use crate::date::Date;
use crate::diagnostic::Diagnostic;
use crate::link::Lifting;
use crate::text::count;
use std::collections::BTreeMap;

/// How many places of one owner are shown.
const SHOWN: usize = 5;

/// Owners with more exemptions in force, on some day from `today` on, than the fleet lets them have.
pub fn exemptions(loaded: &Loaded, today: Date) -> Vec<Diagnostic> {
    let bounds = loaded.linked.settings.exemptions.as_ref();
    let Some(most) = bounds.and_then(|bounds| bounds.per_owner.as_ref()) else { return vec![] };
    let mut by_owner: BTreeMap<&str, Vec<&Lifting>> = BTreeMap::new();
    for lifting in loaded.linked.liftings.iter().filter(|one| one.ended(today).is_none()) {
        by_owner.entry(&lifting.owner).or_default().push(lifting);
    }
    let told = by_owner.into_iter().filter_map(|(owner, all)| {
        let (day, counting) = fullest(&all, today);
        let number = counting.len();
        if number <= usize::try_from(most.value).unwrap_or(usize::MAX) {
            return None;
        }
        let when = if day == today { String::new() } else { format!(" on {day}") };
        let message = format!("`{owner}` has {} in force{when}", count(number, "exemption"));
        let mut said = Diagnostic::error("too-many-exemptions", message);
        for (index, lifting) in counting.iter().take(SHOWN).enumerate() {
            said = said.at(lifting.place, if index == 0 { "one of them" } else { "another" });
        }
        if number > SHOWN {
            said = said.note_that(format!("{} more are not shown", number - SHOWN));
        }
        let said = said.at(most.place, format!("the fleet allows {}", most.value));
        Some(said.help("let one of them end before the next begins, or mend what they are for"))
    });
    told.collect()
}

/// The first of the days from `today` on that has the most exemptions in force, and these.
fn fullest<'a>(all: &[&'a Lifting], today: Date) -> (Date, Vec<&'a Lifting>) {
    let counting = |day: Date| -> Vec<&'a Lifting> {
        let counts = |one: &&&Lifting| one.has_begun(day) && day <= one.expires;
        all.iter().filter(counts).copied().collect()
    };
    // The number only grows on days on which one begins.
    let mut days: Vec<Date> = all.iter().filter_map(|one| one.begins()).collect();
    days.retain(|day| *day > today);
    days.sort();
    let mut found = (today, counting(today));
    for day in days {
        let counting = counting(day);
        if counting.len() > found.1.len() {
            found = (day, counting);
        }
    }
    found
}
