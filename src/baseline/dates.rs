//! When the exemptions of a baseline end: not all on one day, and always the same days again.

use crate::date::{Date, Period};

/// The days on which exemptions end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stagger {
    pub first: Date,
    /// How many days later the last one ends.
    pub days: u16,
}

impl Stagger {
    /// What is not given: from the middle of the longest time that is allowed to its end.
    pub fn within(
        granted: Date,
        longest: Period,
        from: Option<Date>,
        days: Option<u16>,
    ) -> Stagger {
        let half = longest.days / 2;
        let days = days.unwrap_or(match from {
            // What is left of it.
            Some(from) => {
                u16::try_from(from.days_until(after(granted, longest.days))).unwrap_or(0).min(half)
            }
            None => half,
        });
        let begin = longest.days.saturating_sub(days).max(1);
        Stagger { first: from.unwrap_or_else(|| after(granted, begin)), days }
    }

    /// The day on which exemption `index` of `number` ends, spread evenly.
    pub fn day(self, index: usize, number: usize) -> Date {
        let last = number.saturating_sub(1).max(1) as u64;
        let later = u64::from(self.days) * index as u64 / last;
        after(self.first, u16::try_from(later).unwrap_or(self.days))
    }

    pub fn last(self) -> Date {
        after(self.first, self.days)
    }
}

fn after(day: Date, days: u16) -> Date {
    if days == 0 { day } else { day.plus(Period { days }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(written: &str) -> Date {
        written.parse().unwrap()
    }

    #[test]
    fn ends_are_spread_over_the_second_half_of_what_is_allowed() {
        let stagger = Stagger::within(day("2026-11-22"), Period { days: 90 }, None, None);
        assert_eq!((stagger.first, stagger.last()), (day("2027-01-06"), day("2027-02-20")));
        let ends: Vec<String> = (0..4).map(|index| stagger.day(index, 4).to_string()).collect();
        assert_eq!(ends, ["2027-01-06", "2027-01-21", "2027-02-05", "2027-02-20"]);
        assert_eq!(stagger.day(0, 1), day("2027-01-06"));
    }

    #[test]
    fn what_is_given_is_kept() {
        let from = Some(day("2027-02-10"));
        let longest = Period { days: 90 };
        let stagger = Stagger::within(day("2026-11-22"), longest, from, None);
        assert_eq!((stagger.first, stagger.last()), (day("2027-02-10"), day("2027-02-20")));
        let stagger = Stagger::within(day("2026-11-22"), longest, None, Some(0));
        assert_eq!((stagger.first, stagger.last()), (day("2027-02-20"), day("2027-02-20")));
        let stagger = Stagger::within(day("2026-11-22"), Period { days: 1 }, None, None);
        assert_eq!((stagger.first, stagger.last()), (day("2026-11-23"), day("2026-11-23")));
    }
}
