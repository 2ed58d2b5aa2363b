//! The line of time: a mark on its day for each date, as sign and colour say what it does.

use super::super::html;
use super::{sign, way};
use crate::calendar::Event;
use crate::date::Date;
use crate::report::Ahead;
use crate::text::count;
use std::collections::BTreeMap;

/// So many marks stand on one another before they are counted.
const HIGH: usize = 4;

/// The height of a mark, in pixels.
const MARK: usize = 18;

/// The line of time. Marks stand on their days; what lies outside is in the table alone.
pub fn drawn(ahead: &Ahead) -> String {
    let Ahead { today, until, dates } = ahead;
    let days = today.days_until(*until).max(1);
    let at = |day: Date| 1.0 + 98.0 * today.days_until(day) as f64 / days as f64;
    let mut by_day: BTreeMap<Date, Vec<&Event>> = BTreeMap::new();
    let inside = dates.iter().filter(|one| (*today..=*until).contains(&one.event.day));
    for one in inside {
        by_day.entry(one.event.day).or_default().push(&one.event);
    }
    let shown: usize = by_day.values().map(Vec::len).sum();
    let high = by_day.values().map(|all| all.len().min(HIGH)).max().unwrap_or(1);
    let axis = high * MARK + 6;
    let outside = match dates.len() - shown {
        0 => String::new(),
        outside => format!("; {outside} overdue or later"),
    };
    let mut drawing = format!(
        "<svg class=\"line\" role=\"img\" aria-label=\"{} from {today} to {until}{outside}; all are listed below\" width=\"100%\" height=\"{}\">",
        count(shown, "date"),
        axis + 24
    );
    drawing.push_str(&format!(
        "<line x1=\"1%\" x2=\"99%\" y1=\"{axis}\" y2=\"{axis}\"/><text class=\"today\" x=\"1%\" y=\"{}\">today</text>",
        axis + 18
    ));
    for day in firsts(*today, *until) {
        let x = at(day);
        // Beside `today` and at the end there is no room for another word.
        let word = match (8.0..97.0).contains(&x) {
            true => format!(
                "<text x=\"{x:.1}%\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                axis + 18,
                month(day)
            ),
            false => String::new(),
        };
        drawing.push_str(&format!(
            "<line x1=\"{x:.1}%\" x2=\"{x:.1}%\" y1=\"{}\" y2=\"{}\"/>{word}",
            axis - 3,
            axis + 4
        ));
    }
    for (day, mut events) in by_day {
        // What loosens stands lowest, where nothing hides it.
        events.sort_by_key(|event| std::cmp::Reverse(way(event.kind)));
        for (level, event) in events.iter().take(HIGH).enumerate() {
            let way = way(event.kind);
            let counted = events.len() > HIGH && level + 1 == HIGH;
            let mark = match counted {
                true => format!("+{}", events.len() + 1 - HIGH),
                false => sign(way).to_owned(),
            };
            drawing.push_str(&format!(
                "<text class=\"mark-of {}\" x=\"{:.1}%\" y=\"{}\" text-anchor=\"middle\"><title>{day}: {} {}</title>{mark}</text>",
                if counted { "neutral" } else { way.id() },
                at(day),
                axis - 4 - level * MARK,
                html::text(&event.about),
                event.kind.title(),
            ));
        }
    }
    drawing + "</svg>\n"
}

/// The first days of the months between two days.
fn firsts(today: Date, until: Date) -> Vec<Date> {
    let (mut year, mut month) = year_and_month(today);
    let mut firsts = vec![];
    loop {
        (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
        match format!("{year:04}-{month:02}-01").parse::<Date>() {
            Ok(day) if day <= until => firsts.push(day),
            _ => return firsts,
        }
    }
}

fn year_and_month(day: Date) -> (u32, usize) {
    let written = day.to_string();
    let mut parts = written.split('-');
    let year = parts.next().and_then(|year| year.parse().ok());
    let month = parts.next().and_then(|month| month.parse().ok());
    (year.unwrap_or_default(), month.unwrap_or(1))
}

/// `December`, and of January the year.
fn month(day: Date) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let (year, month) = year_and_month(day);
    match month {
        1 => format!("January {year}"),
        month => MONTHS[(month - 1) % 12].to_owned(),
    }
}
