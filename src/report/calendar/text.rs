//! Dates for a terminal: what is overdue, then a line for every date ahead.

use crate::calendar::Event;
use crate::report::Dates;
use crate::text::{count, visible};

pub fn write(dates: &Dates<'_>) -> String {
    let (overdue, ahead) = (&dates.calendar.overdue, &dates.calendar.ahead);
    let mut text = String::new();
    if !overdue.is_empty() {
        text += &format!("{} overdue on {}\n", count(overdue.len(), "date"), dates.today);
        overdue.iter().for_each(|event| text += &line(dates, event));
        text.push('\n');
    }
    let number = match ahead.len() {
        0 => "No date".to_owned(),
        number => count(number, "date"),
    };
    text += &format!("{number} ahead, from {} to {}\n", dates.today, dates.until);
    ahead.iter().for_each(|event| text += &line(dates, event));
    text
}

fn line(dates: &Dates<'_>, event: &Event) -> String {
    let clusters: Vec<&str> = event.clusters.iter().map(String::as_str).collect();
    let on = match &clusters[..] {
        [] => String::new(),
        some => format!(" on {}", crate::change::clusters(some)),
    };
    let place = dates.sources.short(event.place);
    let words = visible(&format!("{} {}{on}", event.about, event.text));
    format!("  {}  {:<16}  {words}   {place}\n", event.day, event.kind.title())
}
