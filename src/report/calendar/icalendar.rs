//! Dates for calendars: RFC 5545, one all-day event each.
//!
//! An event keeps its identity from day to day, so a calendar that subscribes moves what moves:
//! an exemption's dates are known by its name, the end of a grace by its rules, clusters and day.

use crate::calendar::{Event, Kind};
use crate::date::{Date, Period};
use crate::name;
use crate::report::Dates;
use crate::text::visible;

/// The longest line, in octets without its end.
const LINE: usize = 75;

pub fn write(dates: &Dates<'_>) -> String {
    let mut lines = vec![
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        "PRODID:-//Ordinance//Calendar//EN".to_owned(),
        "CALSCALE:GREGORIAN".to_owned(),
    ];
    for event in &dates.calendar.overdue {
        lines.extend(told(dates, event, "overdue: "));
    }
    for event in &dates.calendar.ahead {
        lines.extend(told(dates, event, ""));
    }
    lines.push("END:VCALENDAR".to_owned());
    lines.iter().map(|line| folded(line)).collect()
}

fn told(dates: &Dates<'_>, event: &Event, overdue: &str) -> Vec<String> {
    let day = |date: Date| date.to_string().replace('-', "");
    let mut lines = vec![
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{}@ordinance", identity(event)),
        format!("DTSTAMP:{}T000000Z", day(dates.today)),
        format!("DTSTART;VALUE=DATE:{}", day(event.day)),
    ];
    // The end is the day after; the calendar's last day has none, and lasts a day without it too.
    let next = event.day.plus(Period { days: 1 });
    if next > event.day {
        lines.push(format!("DTEND;VALUE=DATE:{}", day(next)));
    }
    let mut description = format!("{} {}", event.about, event.text);
    for (label, names) in [("rules", &event.rules), ("clusters", &event.clusters)] {
        if !names.is_empty() {
            description += &format!("\n{label}: {}", names.join(", "));
        }
    }
    description += &format!("\n{}", dates.sources.short(event.place));
    lines.extend([
        format!("SUMMARY:{}", escaped(&format!("{overdue}{} {}", event.about, event.text))),
        format!("DESCRIPTION:{}", escaped(&description)),
        format!("CATEGORIES:{}", escaped(event.kind.title())),
        "TRANSP:TRANSPARENT".to_owned(),
        "END:VEVENT".to_owned(),
    ]);
    lines
}

fn identity(event: &Event) -> String {
    let mut words = vec![event.kind.id().to_owned(), event.about.clone()];
    if event.kind == Kind::GraceEnds {
        words.push(event.day.to_string());
        words.extend(event.rules.iter().cloned());
        words.push(String::new());
        words.extend(event.clusters.iter().cloned());
    }
    name::digest(words.join("\n").as_bytes())[..32].to_owned()
}

/// As a TEXT value: what separates values is escaped, and no control character is left.
fn escaped(text: &str) -> String {
    let lines = text.split('\n').map(|line| {
        let line = visible(&line.replace('\t', " "));
        line.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,")
    });
    lines.collect::<Vec<_>>().join("\\n")
}

/// With its end, folded so that no line has more octets than are allowed and no character is torn.
fn folded(line: &str) -> String {
    let mut text = String::with_capacity(line.len() + 2);
    let mut room = LINE;
    for c in line.chars() {
        if c.len_utf8() > room {
            text.push_str("\r\n ");
            room = LINE - 1;
        }
        text.push(c);
        room -= c.len_utf8();
    }
    text + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Calendar;
    use crate::text::{Place, Sources};

    fn shown(events: Vec<Event>) -> String {
        let mut sources = Sources::default();
        sources.add("a;b.yaml", "x\n");
        let calendar = Calendar { overdue: vec![], ahead: events };
        let today: Date = "2026-11-22".parse().unwrap();
        write(&Dates { today, until: today.next_year(), calendar: &calendar, sources: &sources })
    }

    fn event(day: &str, text: &str) -> Event {
        Event {
            day: day.parse().unwrap(),
            kind: Kind::ExemptionEnds,
            about: "hole".into(),
            text: text.into(),
            place: Place { source: crate::text::SourceId(0), start: 0, end: 1 },
            rules: vec![],
            clusters: vec!["a".into(), "b".into()],
        }
    }

    #[test]
    fn an_event_reads_like_this() {
        let told = shown(vec![event("2026-12-31", "ends")]);
        let start = told.find("UID:").unwrap();
        let uid = &told[start..start + 4 + 32];
        let expected = format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Ordinance//Calendar//EN\r\n\
             CALSCALE:GREGORIAN\r\nBEGIN:VEVENT\r\n{uid}@ordinance\r\n\
             DTSTAMP:20261122T000000Z\r\nDTSTART;VALUE=DATE:20261231\r\n\
             DTEND;VALUE=DATE:20270101\r\nSUMMARY:hole ends\r\n\
             DESCRIPTION:hole ends\\nclusters: a\\, b\\na\\;b.yaml:1\r\n\
             CATEGORIES:exemption ends\r\nTRANSP:TRANSPARENT\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        );
        assert_eq!(told, expected);
    }

    #[test]
    fn an_exemption_that_moves_stays_the_same_event() {
        let uid = |day: &str, text: &str| identity(&event(day, text));
        assert_eq!(uid("2026-12-31", "ends"), uid("2027-01-01", "ends, really"));
    }

    /// Lines are short, end as they must, hold no control character, and unfold to what was said.
    #[test]
    fn whatever_is_said_stays_within_its_line() {
        for text in
            ["é".repeat(200), "日本語🎉\u{7}\r\nBEGIN:VEVENT; a, b\\n".repeat(9), "x".repeat(75)]
        {
            let told = shown(vec![event("2026-12-31", &text)]);
            assert!(told.ends_with("\r\n"));
            let lines: Vec<&str> = told.trim_end_matches("\r\n").split("\r\n").collect();
            assert!(lines.iter().all(|line| line.len() <= LINE && !line.is_empty()), "{told}");
            assert!(!told.replace("\r\n", "").contains(char::is_control), "{told}");
            assert_eq!(lines.iter().filter(|line| **line == "BEGIN:VEVENT").count(), 1, "{told}");
            let unfolded = told.replace("\r\n ", "");
            let summary = unfolded.lines().find_map(|line| line.strip_prefix("SUMMARY:")).unwrap();
            let read = summary.replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\");
            let first: String = text.chars().take(3).collect();
            assert!(read.contains(&first), "{read}");
        }
    }

    #[test]
    fn the_last_day_of_the_calendar_is_an_event_too() {
        assert!(!shown(vec![event("9999-12-31", "ends")]).contains("DTEND"));
    }
}
