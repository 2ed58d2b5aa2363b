//! Calendar days in UTC, and periods of days.
//!
//! Today is an argument everywhere; nothing here asks a clock.

use std::fmt;
use std::str::FromStr;

/// A day, written `2026-11-22`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Date(jiff::civil::Date);

impl Date {
    /// The first and the last day there is.
    pub const FIRST: Date = Date(jiff::civil::Date::MIN);
    pub const LAST: Date = Date(jiff::civil::Date::MAX);

    pub fn days_until(self, later: Date) -> i64 {
        later.0.since(self.0).map_or(0, |span| i64::from(span.get_days()))
    }

    /// The day `period` after this one; the last day there is where that lies beyond the calendar.
    pub fn plus(self, period: Period) -> Date {
        Date(self.0.saturating_add(jiff::Span::new().days(i64::from(period.days))))
    }

    /// The same day of the next year; of a leap day, the last of February.
    pub fn next_year(self) -> Date {
        Date(self.0.saturating_add(jiff::Span::new().years(1)))
    }

    /// Seconds since 1970 of this day's first second, UTC: what a commit made for the day carries.
    pub fn unix_seconds(self) -> i64 {
        let epoch = Date(jiff::civil::date(1970, 1, 1));
        epoch.days_until(self) * 86_400
    }

    pub fn from_unix_seconds(seconds: i64) -> Option<Date> {
        let span = jiff::Span::new().try_days(seconds.div_euclid(86_400)).ok()?;
        jiff::civil::date(1970, 1, 1).checked_add(span).ok().map(Date)
    }
}

impl FromStr for Date {
    type Err = String;
    fn from_str(written: &str) -> Result<Self, String> {
        let strict = written.len() == 10 && written.as_bytes()[4] == b'-';
        let parsed = strict.then(|| written.parse().ok()).flatten();
        parsed.map(Date).ok_or_else(|| format!("`{written}` is no date like 2026-11-22"))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A number of days, written `14d`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Period {
    pub days: u16,
}

impl FromStr for Period {
    type Err = String;
    fn from_str(written: &str) -> Result<Self, String> {
        let days = written.strip_suffix('d').and_then(|number| number.parse().ok());
        days.filter(|days| *days > 0)
            .map(|days| Period { days })
            .ok_or_else(|| format!("`{written}` is no period like 14d (days, at least 1)"))
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}d", self.days)
    }
}

written_as_string!(Date, "date");
written_as_string!(Period, "period");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_count_across_months_and_years() {
        let day: Date = "2026-11-22".parse().unwrap();
        assert_eq!(day.plus("14d".parse().unwrap()).to_string(), "2026-12-06");
        assert_eq!(day.days_until("2027-01-29".parse().unwrap()), 68);
        assert_eq!(Date::from_unix_seconds(day.unix_seconds() + 86_399), Some(day));
    }

    #[test]
    fn a_year_from_a_leap_day_ends_in_february() {
        let after = |day: &str| day.parse::<Date>().unwrap().next_year().to_string();
        assert_eq!(after("2028-02-29"), "2029-02-28");
        assert_eq!(after("2026-12-31"), "2027-12-31");
        assert_eq!(after("9999-06-01"), "9999-12-31");
    }

    #[test]
    fn two_hundred_years_are_counted_and_the_calendar_ends() {
        let day: Date = "2026-11-22".parse().unwrap();
        assert_eq!(day.days_until("2226-11-22".parse().unwrap()), 73_048);
        let last: Date = "9999-12-31".parse().unwrap();
        assert_eq!(last.plus(Period { days: u16::MAX }), last);
        assert!("12026-11-22".parse::<Date>().is_err());
    }

    #[test]
    fn what_is_no_date_or_period_says_so() {
        assert_eq!(
            "2026-13-01".parse::<Date>().unwrap_err(),
            "`2026-13-01` is no date like 2026-11-22"
        );
        assert!("20261122".parse::<Date>().is_err());
        assert!("0d".parse::<Period>().is_err());
        assert!("2w".parse::<Period>().is_err());
    }
}
