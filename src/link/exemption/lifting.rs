//! An exemption as it is applied, and what a day makes of it: in force, to come, ended, lapsed.
//!
//! Days are days in UTC, and the last one still counts. It is handed the day; whether anybody is
//! told, and in which words, is for others to decide.

use super::ExemptScope;
use crate::date::{Date, Period};
use crate::link::Demand;
use crate::selector::Selector;
use crate::text::Place;

/// An exemption, ready to be applied.
#[derive(Debug)]
pub struct Lifting {
    pub name: String,
    pub place: Place,
    /// Control (or rendered name) and the intents it is lifted from, each with its place.
    pub lifts: Vec<(String, String, Place)>,
    pub clusters: Selector,
    pub scope: ExemptScope,
    /// The images of the scope, as written.
    pub images: Vec<String>,
    pub expires: Date,
    pub granted: Option<Date>,
    pub review: Option<Review>,
    /// It does not count while its review is overdue.
    pub lapses: bool,
    pub owner: String,
    pub reason: String,
    pub approved_by: Option<String>,
    pub ticket: Option<String>,
}

/// How often it must be looked at again, by the strictest bound that holds for it.
#[derive(Debug)]
pub struct Review {
    /// The days on which somebody did, the day it was granted among them.
    pub days: Vec<Date>,
    pub period: Period,
    /// The bound that says so.
    pub place: Place,
}

impl Review {
    /// The last day on which it need not have been reviewed again; `None` where it never was. A
    /// day to come is a plan, not a review.
    pub fn due(&self, today: Date) -> Option<Date> {
        let past = self.days.iter().copied().filter(|day| *day <= today);
        past.max().map(|day| day.plus(self.period))
    }

    /// It should have been reviewed before this day.
    pub fn is_overdue(&self, today: Date) -> bool {
        self.due(today).is_none_or(|due| due < today)
    }
}

/// How an exemption came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// This was its last day.
    On(Date),
    /// This was the last day on which it could have been reviewed in time; `None` where it never
    /// was reviewed at all.
    Unreviewed(Option<Date>),
}

impl Lifting {
    /// It has begun; its first day counts.
    pub fn has_begun(&self, today: Date) -> bool {
        self.granted.is_none_or(|granted| granted <= today)
    }

    /// It has begun and not ended; its last day still counts.
    pub fn is_in_force(&self, today: Date) -> bool {
        self.has_begun(today) && self.ended(today).is_none()
    }

    /// How it has ended, once it has. One that is to come has not.
    pub fn ended(&self, today: Date) -> Option<Ended> {
        if self.expires < today {
            return Some(Ended::On(self.expires));
        }
        let review = self.review.as_ref().filter(|_| self.lapses && self.has_begun(today))?;
        review.is_overdue(today).then(|| Ended::Unreviewed(review.due(today)))
    }

    /// It lifts what `demand` asks for.
    pub fn lifts(&self, demand: &Demand) -> bool {
        self.lifts.iter().any(|(control, intent, _)| {
            *intent == demand.intent && (*control == demand.control.id() || *control == demand.rule)
        })
    }

    /// It names the control of `demand`, be it for this intent or another.
    pub fn names_control(&self, demand: &Demand) -> Option<Place> {
        let named = |(control, _, _): &&(String, String, Place)| {
            *control == demand.control.id() || *control == demand.rule
        };
        self.lifts.iter().find(named).map(|(_, _, place)| *place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::SourceId;

    fn day(written: &str) -> Date {
        written.parse().unwrap()
    }

    /// Granted, reviewed every so often, expiring.
    fn lifting(granted: &str, review: Option<&str>, expires: &str) -> Lifting {
        let place = Place { source: SourceId(0), start: 0, end: 0 };
        let review = review.map(|period| Review {
            days: vec![day(granted)],
            period: period.parse().unwrap(),
            place,
        });
        Lifting {
            name: "hole".into(),
            place,
            lifts: vec![],
            clusters: Selector::all(),
            scope: ExemptScope::from(&crate::document::Scope::default()),
            images: vec![],
            expires: day(expires),
            granted: Some(day(granted)),
            review,
            lapses: true,
            owner: "team".into(),
            reason: "So it is.".into(),
            approved_by: None,
            ticket: None,
        }
    }

    #[test]
    fn the_first_and_the_last_day_count() {
        let one = lifting("2026-11-02", None, "2026-11-30");
        assert!(!one.is_in_force(day("2026-11-01")));
        assert_eq!(one.ended(day("2026-11-01")), None);
        assert!(one.is_in_force(day("2026-11-02")));
        assert!(one.is_in_force(day("2026-11-30")));
        assert_eq!(one.ended(day("2026-12-01")), Some(Ended::On(day("2026-11-30"))));
    }

    #[test]
    fn leap_days_and_ends_of_years_are_days_like_others() {
        let one = lifting("2028-02-01", Some("28d"), "2028-12-31");
        assert!(one.is_in_force(day("2028-02-29")));
        let due = Some(Ended::Unreviewed(Some(day("2028-02-29"))));
        assert_eq!(one.ended(day("2028-03-01")), due);
        let common = lifting("2027-02-01", Some("28d"), "2027-12-31");
        assert!(common.is_in_force(day("2027-03-01")));
        assert!(!common.is_in_force(day("2027-03-02")));
        let year = lifting("2026-12-31", None, "2027-01-01");
        assert!(year.is_in_force(day("2026-12-31")) && year.is_in_force(day("2027-01-01")));
        assert!(!year.is_in_force(day("2027-01-02")));
    }

    #[test]
    fn two_hundred_years_are_counted_to_the_day() {
        let one = lifting("2026-11-22", Some("65535d"), "2226-11-22");
        assert_eq!(day("2026-11-22").days_until(one.expires), 73_048);
        assert!(one.is_in_force(day("2206-04-28")));
        assert!(!one.is_in_force(day("2206-04-29")), "not reviewed for 65535 days");
        let last = lifting("9999-01-01", Some("65535d"), "9999-12-31");
        assert!(last.is_in_force(day("9999-12-31")), "the calendar's last day is never overdue");
    }

    #[test]
    fn it_lapses_the_day_after_and_a_review_brings_it_back() {
        let mut one = lifting("2026-11-02", Some("30d"), "2027-11-02");
        assert!(one.is_in_force(day("2026-12-02")));
        let due = Some(Ended::Unreviewed(Some(day("2026-12-02"))));
        assert_eq!(one.ended(day("2026-12-03")), due);
        one.review.as_mut().unwrap().days.push(day("2026-12-10"));
        assert!(!one.is_in_force(day("2026-12-09")), "a day to come is no review");
        assert!(one.is_in_force(day("2026-12-10")) && one.is_in_force(day("2027-01-09")));
        assert!(!one.is_in_force(day("2027-01-10")));
        one.lapses = false;
        assert!(one.is_in_force(day("2027-01-10")));
    }

    #[test]
    fn what_never_was_reviewed_has_lapsed_once_it_began() {
        let mut one = lifting("2026-11-02", Some("30d"), "2027-11-02");
        one.review.as_mut().unwrap().days = vec![day("2027-01-01")];
        assert_eq!(one.ended(day("2026-11-02")), Some(Ended::Unreviewed(None)));
        assert_eq!(one.ended(day("2026-11-01")), None, "it has not begun");
    }
}
