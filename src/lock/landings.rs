//! When lines of locks landed on the base: read once from its history, or from a file.

use super::{FILE, Held, Since};
use crate::date::Date;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The lines whose landing decides something, with the day they state, by the path of their lock.
pub type Awaited = BTreeMap<String, BTreeMap<String, Date>>;

/// The day (UTC) of the first commit of the base's first-parent history that holds a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Landings(BTreeMap<(String, String), Date>);

impl Landings {
    pub fn note(&mut self, path: &str, line: &str, day: Date) {
        self.0.insert((path.to_owned(), line.to_owned()), day);
    }

    /// `None` where nothing is known of the line: it then counts from the day it states.
    pub fn of(&self, path: &str, line: &str) -> Option<Date> {
        self.0.get(&(path.to_owned(), line.to_owned())).copied()
    }

    /// Reads a file with a day, the path of a lock and the lock's line on every line; `Err` is the
    /// number of the first that cannot be read.
    pub fn read(text: &str) -> Result<Landings, usize> {
        let mut landings = Landings::default();
        for (index, written) in text.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
            let mut words = written.splitn(3, ' ');
            let day = words.next().and_then(|day| day.parse().ok());
            let (Some(day), Some(path), Some(line)) = (day, words.next(), words.next()) else {
                return Err(index + 1);
            };
            landings.note(path, line, day);
        }
        Ok(landings)
    }
}

/// The lines of a lock whose landing decides when a grace ends.
pub fn awaited<'a>(held: impl IntoIterator<Item = &'a Arc<Held>>) -> BTreeMap<String, Date> {
    let begins = held.into_iter().filter_map(|held| match held.since {
        Since::First(first) => Some((held.to_string(), first)),
        Since::Enforced | Since::Landed(_) => None,
    });
    begins.collect()
}

/// The path of a cluster's lock.
pub fn path(home: &str) -> String {
    format!("{home}/{FILE}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_a_day_a_path_and_the_lines_words() {
        let text = "2026-11-25 rendered/a/ordinance.lock held limits control x deny\n\n";
        let landings = Landings::read(text).unwrap();
        let day = "2026-11-25".parse().ok();
        assert_eq!(landings.of("rendered/a/ordinance.lock", "held limits control x deny"), day);
        assert_eq!(landings.of("rendered/b/ordinance.lock", "held limits control x deny"), None);
        assert_eq!(Landings::read("2026-11-25 a b\nyesterday a b\n"), Err(2));
    }
}
