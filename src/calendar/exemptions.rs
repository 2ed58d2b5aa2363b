//! The dates of exemptions: when each begins, is to be reviewed and ends.

use super::{Event, Kind, Standing, State};
use crate::date::Date;
use crate::link::Lifting;

/// What is ahead of every exemption, and what has been missed and not been seen to.
pub fn exemptions(standings: &[Standing<'_>], today: Date) -> Vec<Event> {
    standings.iter().flat_map(|standing| of(standing, today)).collect()
}

fn of(standing: &Standing<'_>, today: Date) -> Vec<Event> {
    let lifting = standing.lifting;
    let event = |day: Date, kind: Kind, text: String| Event {
        day,
        kind,
        about: lifting.name.clone(),
        text,
        place: lifting.place,
        rules: vec![],
        clusters: standing.clusters.iter().map(|&name| name.to_owned()).collect(),
    };
    let lifted = lifted(lifting);
    if matches!(standing.state, State::Ended { .. }) {
        let text = format!("has ended and can be removed: {lifted} again");
        return vec![event(lifting.expires, Kind::ExemptionEnds, text)];
    }
    let mut found = vec![];
    if let Some(first) = lifting.begins().filter(|first| *first > today) {
        let text = format!("begins to count: {} lifted", controls(lifting));
        found.push(event(first, Kind::ExemptionBegins, text));
    }
    if let Some((due, text)) = review(lifting, today) {
        found.push(event(due, Kind::ReviewDue, text));
    }
    // What has lapsed does not count again.
    if lifting.ended(today).is_some() {
        return found;
    }
    let text = format!("counts for the last time; from the next day, {lifted} again");
    found.push(event(lifting.expires, Kind::ExemptionEnds, text));
    found
}

/// The next review, or the one that was missed; none where it ends before.
fn review(lifting: &Lifting, today: Date) -> Option<(Date, String)> {
    let review = lifting.review.as_ref()?;
    // Before it begins, its first day is the last one that is known of.
    let known = review.begins.max(today);
    let due = match review.is_overdue(known) {
        true => review.due(known),
        false => review.due_as_planned(known),
    };
    if due >= lifting.expires {
        return None;
    }
    let or = if review.lapses { ", or it lapses" } else { "" };
    let text = match (due < today, review.lapses) {
        (false, _) => format!("is to be reviewed{or}"),
        (true, true) => "was to be reviewed, and has lapsed".to_owned(),
        (true, false) => "was to be reviewed".to_owned(),
    };
    Some((due, text))
}

fn controls(lifting: &Lifting) -> String {
    let mut names: Vec<&str> = lifting.lifts.iter().map(|(name, ..)| name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    format!("{} {}", names.join(", "), if names.len() == 1 { "is" } else { "are" })
}

fn lifted(lifting: &Lifting) -> String {
    format!("{} judged", controls(lifting))
}
