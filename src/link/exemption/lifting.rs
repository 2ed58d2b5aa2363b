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
    pub owner: String,
    pub reason: String,
    pub approved_by: Option<String>,
    pub ticket: Option<String>,
}

/// How often it must be looked at again, by the strictest bound that holds for it.
///
/// Where it lapses, a review that comes too late is none: a day that was written down in advance
/// would otherwise free again what has long been refused, and nobody would have decided it on that
/// day. What has lapsed is granted anew.
#[derive(Debug)]
pub struct Review {
    /// The day it was granted; where nobody says, the first on which it was reviewed.
    pub begins: Date,
    /// The days on which somebody looked at it, or means to; sorted.
    pub days: Vec<Date>,
    pub period: Period,
    /// It does not count any more once a review is overdue.
    pub lapses: bool,
    /// The bound that says so.
    pub place: Place,
}

impl Review {
    /// The last day on which it need not have been reviewed again. A day to come is a plan, not a
    /// review.
    pub fn due(&self, today: Date) -> Date {
        let mut due = self.begins.plus(self.period);
        for day in self.days.iter().filter(|day| **day <= today) {
            if self.lapses && *day > due {
                break;
            }
            due = due.max(day.plus(self.period));
        }
        due
    }

    /// The same, if every review is done on the day that is written down for it.
    pub fn due_as_planned(&self, today: Date) -> Date {
        let mut due = self.due(today);
        for day in self.days.iter().filter(|day| **day > today) {
            if *day > due {
                break;
            }
            due = day.plus(self.period);
        }
        due
    }

    /// It should have been reviewed before this day.
    pub fn is_overdue(&self, today: Date) -> bool {
        self.due(today) < today
    }

    /// The first review that came too late to keep it from lapsing.
    pub fn too_late(&self, today: Date) -> Option<Date> {
        let due = self.due(today);
        self.days.iter().copied().find(|day| self.lapses && due < *day && *day <= today)
    }
}

/// How an exemption came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// This was its last day.
    On(Date),
    /// This was the last day on which it could have been reviewed in time.
    Unreviewed(Date),
}

impl Lifting {
    /// Its first day, where it has one: the day it was granted, else that of the first review
    /// where it is to be reviewed.
    pub fn begins(&self) -> Option<Date> {
        self.granted.or(self.review.as_ref().map(|review| review.begins))
    }

    /// It has begun; its first day counts.
    pub fn has_begun(&self, today: Date) -> bool {
        self.begins().is_none_or(|first| first <= today)
    }

    /// It does not count any more once a review is overdue.
    pub fn lapses(&self) -> bool {
        self.review.as_ref().is_some_and(|review| review.lapses)
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
        let review = self.review.as_ref().filter(|one| one.lapses && self.has_begun(today))?;
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
            begins: day(granted),
            days: vec![],
            period: period.parse().unwrap(),
            lapses: true,
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
        let due = Some(Ended::Unreviewed(day("2028-02-29")));
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

    fn reviewed(mut one: Lifting, days: &[&str]) -> Lifting {
        one.review.as_mut().unwrap().days = days.iter().map(|written| day(written)).collect();
        one
    }

    #[test]
    fn it_lapses_the_day_after_unless_it_was_reviewed() {
        let one = lifting("2026-11-02", Some("30d"), "2027-11-02");
        assert!(one.is_in_force(day("2026-12-02")));
        let due = Some(Ended::Unreviewed(day("2026-12-02")));
        assert_eq!(one.ended(day("2026-12-03")), due);
        // On the last day, and once more on the last.
        let one = reviewed(one, &["2026-12-02", "2027-01-01"]);
        let review = one.review.as_ref().unwrap();
        assert_eq!(review.due(day("2026-12-01")), day("2026-12-02"));
        assert_eq!(review.due_as_planned(day("2026-12-01")), day("2027-01-31"));
        assert!(one.is_in_force(day("2026-12-03")) && one.is_in_force(day("2027-01-31")));
        assert!(!one.is_in_force(day("2027-02-01")));
    }

    #[test]
    fn what_has_lapsed_stays_so_whatever_is_planned() {
        let mut one = reviewed(
            lifting("2026-11-02", Some("30d"), "2027-11-02"),
            &["2026-12-10", "2027-01-05"],
        );
        assert!(one.is_in_force(day("2026-12-02")));
        let due = Some(Ended::Unreviewed(day("2026-12-02")));
        for late in ["2026-12-03", "2026-12-10", "2027-01-05", "2027-10-01"] {
            assert_eq!(one.ended(day(late)), due, "{late}");
        }
        let review = one.review.as_mut().unwrap();
        assert_eq!(review.too_late(day("2026-12-09")), None, "it is still to come");
        assert_eq!(review.too_late(day("2027-02-01")), Some(day("2026-12-10")));
        // Where it does not lapse, it is late and a review all the same.
        review.lapses = false;
        assert_eq!(review.due(day("2026-12-09")), day("2026-12-02"));
        assert_eq!(review.due(day("2026-12-10")), day("2027-01-09"));
        assert!(one.is_in_force(day("2027-03-01")));
    }

    #[test]
    fn the_first_review_is_a_beginning_where_nothing_else_is() {
        let mut one = lifting("2026-11-02", Some("30d"), "2027-11-02");
        (one.granted, one.review.as_mut().unwrap().begins) = (None, day("2027-01-01"));
        assert!(!one.is_in_force(day("2026-12-31")));
        assert_eq!(one.ended(day("2026-12-31")), None, "it has not begun");
        assert!(one.is_in_force(day("2027-01-01")) && one.is_in_force(day("2027-01-31")));
        assert!(!one.is_in_force(day("2027-02-01")));
    }
}
