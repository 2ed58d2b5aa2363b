//! Days on which something happens, told from exemptions as they stand.

use super::*;
use crate::link::{ExemptScope, Lifting, Review};
use crate::selector::Selector;
use crate::text::SourceId;

fn day(written: &str) -> Date {
    written.parse().unwrap()
}

fn lifting(granted: &str, review: Option<&str>, expires: &str) -> Lifting {
    let place = Place { source: SourceId(0), start: 0, end: 0 };
    Lifting {
        name: "hole".into(),
        place,
        lifts: vec![("no-root".into(), "safe".into(), place)],
        clusters: Selector::all(),
        scope: ExemptScope::from(&crate::document::Scope::default()),
        images: vec![],
        expires: day(expires),
        granted: Some(day(granted)),
        review: review.map(|period| Review {
            begins: day(granted),
            days: vec![],
            period: period.parse().unwrap(),
            lapses: false,
            place,
        }),
        owner: "team".into(),
        reason: "So it is.".into(),
        approved_by: None,
        ticket: None,
    }
}

/// The days and kinds of what an exemption brings.
fn brings(lifting: &Lifting, today: &str) -> Vec<(String, &'static str)> {
    let today = day(today);
    let state = match lifting.ended(today) {
        Some(_) => State::Ended { since: next(lifting.expires) },
        None => State::InForce,
    };
    let standing = Standing { lifting, age: None, left: None, clusters: vec!["c"], state };
    let events = exemptions(&[standing], today).into_iter();
    events.map(|event| (event.day.to_string(), event.kind.id())).collect()
}

#[test]
fn an_exemption_begins_is_reviewed_and_ends() {
    let one = lifting("2026-12-01", Some("30d"), "2027-02-28");
    let all = [
        ("2026-12-01".to_owned(), "exemption-begins"),
        ("2026-12-31".to_owned(), "review-due"),
        ("2027-02-28".to_owned(), "exemption-ends"),
    ];
    assert_eq!(brings(&one, "2026-11-22"), all);
    assert_eq!(brings(&one, "2026-12-01"), all[1..]);
    assert_eq!(brings(&one, "2027-01-20"), all[1..], "missed, and told since when");
    assert_eq!(brings(&one, "2027-02-28"), all[1..], "the last day counts");
    assert_eq!(brings(&one, "2027-03-01"), all[2..]);
}

#[test]
fn a_review_that_would_come_too_late_is_not_asked_for() {
    let one = lifting("2026-12-01", Some("90d"), "2027-03-01");
    assert_eq!(one.review.as_ref().unwrap().due(day("2026-12-01")), day("2027-03-01"));
    assert!(!brings(&one, "2026-12-01").iter().any(|(_, kind)| *kind == "review-due"));
}

#[test]
fn events_are_sorted_and_cut_at_both_ends() {
    let one = lifting("2026-12-01", Some("30d"), "2226-02-28");
    let standing = |lifting| Standing {
        lifting,
        age: None,
        left: None,
        clusters: vec![],
        state: State::InForce,
    };
    let today = day("2028-02-29");
    let events = exemptions(&[standing(&one)], today);
    let year = calendar(events.clone(), today, today.next_year());
    assert_eq!((year.overdue.len(), year.ahead.len()), (1, 0), "two hundred years are no year");
    assert_eq!(year.overdue[0].day, day("2026-12-31"));
    let until = calendar(events.clone(), today, day("2226-02-28"));
    assert_eq!(until.ahead.len(), 1, "the last day that is asked for counts");
    assert_eq!(calendar(events, today, day("2226-02-27")).ahead.len(), 0);
}
