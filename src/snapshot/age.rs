//! When a snapshot was taken, as far as anybody says.

use crate::date::Date;

/// The day a snapshot is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// A file beside it says so.
    Stated(Date),
    /// It was committed then, and so taken that day or before.
    Committed(Date),
}

impl Taken {
    pub fn day(self) -> Date {
        match self {
            Taken::Stated(day) | Taken::Committed(day) => day,
        }
    }

    /// How old it is on a day, in whole days; of a day to come, none.
    pub fn age(self, today: Date) -> u32 {
        u32::try_from(self.day().days_until(today)).unwrap_or(0)
    }

    /// In words, after `of a snapshot` or the like.
    pub fn words(taken: Option<Taken>) -> String {
        match taken {
            Some(Taken::Stated(day)) => format!("taken on {day}"),
            Some(Taken::Committed(day)) => format!("committed on {day}"),
            None => "of unknown age".to_owned(),
        }
    }
}

/// The day that a file states, which holds nothing else.
pub fn stated(bytes: &[u8]) -> Result<Date, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8")?;
    text.trim().parse().map_err(|_| "it holds one day like 2026-11-22 and nothing else".to_owned())
}
