//! What dates bring where something changes: a line of time to be looked at, and a table that says
//! the same in words and links every date with the changes it has to do with.

mod line;

use super::facts::{Facts, Told};
use super::html;
use super::summary::sign;
use crate::calendar::{Event, Kind};
use crate::change::{Direction, Subject, Topic, clusters};
use crate::name;
use crate::report::{Ahead, Dated};
use crate::text::count;
use std::collections::{BTreeMap, BTreeSet};

/// The most dates that are told one by one.
const MOST: usize = 120;

/// The most links to changes of one date.
const LINKS: usize = 12;

/// The dates of a page.
pub struct Dates<'a> {
    ahead: &'a Ahead,
    told: Vec<Row<'a>>,
    /// Per position of a change, its dates.
    of: BTreeMap<usize, Vec<usize>>,
}

struct Row<'a> {
    id: String,
    dated: &'a Dated,
    changes: Vec<usize>,
}

impl<'a> Dates<'a> {
    /// None where no date has to do with what changes.
    pub fn of(ahead: Option<&'a Ahead>, facts: &Facts<'_>) -> Option<Dates<'a>> {
        let ahead = ahead.filter(|ahead| !ahead.dates.is_empty())?;
        let mut of: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut taken = BTreeSet::new();
        let mut told = vec![];
        for dated in ahead.dates.iter().take(MOST) {
            let is_of = |one: &&Told<'_>| concerns(&dated.event, one);
            let changes: Vec<usize> =
                facts.told.iter().filter(is_of).map(|one| one.number - 1).collect();
            for change in &changes {
                of.entry(*change).or_default().push(told.len());
            }
            let id = identity(&dated.event);
            // Two that say the same lead to the first.
            let id = if taken.insert(id.clone()) { id } else { String::new() };
            told.push(Row { id, dated, changes });
        }
        Some(Dates { ahead, told, of })
    }

    pub fn write(&self, facts: &Facts<'_>) -> String {
        let Ahead { today, until, dates } = self.ahead;
        let mut page = format!(
            "<section id=\"dates\" aria-labelledby=\"dates-title\">\n<h2 id=\"dates-title\">What dates bring</h2>\n<p class=\"about\">By themselves, on clusters that change and for exemptions that are touched, from {today} to {until}.</p>\n"
        );
        page.push_str(&line::drawn(self.ahead));
        page.push_str("<table id=\"days\"><caption class=\"quiet\">Every date, the earliest first</caption><thead><tr><th scope=\"col\">Date</th><th scope=\"col\">In</th><th scope=\"col\">What</th><th scope=\"col\">Changes</th></tr></thead><tbody>\n");
        for row in &self.told {
            page.push_str(&self.row(row, facts));
        }
        page.push_str("</tbody></table>\n");
        let more = dates.len().saturating_sub(self.told.len());
        if more > 0 {
            page.push_str(&format!(
                "<p class=\"about\">{} more: <code>ordinance calendar --until {until}</code> has them all.</p>\n",
                count(more, "date")
            ));
        }
        page + "</section>\n"
    }

    fn row(&self, row: &Row<'_>, facts: &Facts<'_>) -> String {
        let Event { day, kind, about, text, clusters: on, .. } = &row.dated.event;
        let away = self.ahead.today.days_until(*day);
        let away = match usize::try_from(away) {
            Ok(0) => "today".to_owned(),
            Ok(days) => count(days, "day"),
            Err(_) => "overdue".to_owned(),
        };
        let on: Vec<&str> = on.iter().map(String::as_str).collect();
        let on = if on.is_empty() { String::new() } else { format!(" on {}", clusters(&on)) };
        let links = row.changes.iter().take(LINKS).map(|at| {
            let one = &facts.told[*at];
            format!("<a href=\"#{}\">{}</a>", one.id, html::text(&one.entry.title()))
        });
        let mut links: Vec<String> = links.collect();
        if row.changes.len() > LINKS {
            links.push(format!("{} more", row.changes.len() - LINKS));
        }
        let id = if row.id.is_empty() { String::new() } else { format!(" id=\"{}\"", row.id) };
        let way = way(*kind);
        format!(
            "<tr{id} class=\"{}\"><th scope=\"row\"><time>{day}</time></th><td class=\"soft\">{away}</td><td><span class=\"way\"><i aria-hidden=\"true\">{}</i> {}</span> <b>{}</b> {}{} <code class=\"soft\">{}</code></td><td>{}</td></tr>\n",
            way.id(),
            sign(way),
            kind.title(),
            html::text(about),
            html::text(text),
            html::text(&on),
            html::text(&row.dated.place),
            links.join(", ")
        )
    }

    /// Links from a change to its dates.
    pub fn links(&self, one: &Told<'_>) -> String {
        let Some(rows) = self.of.get(&(one.number - 1)) else { return String::new() };
        let links: Vec<String> = rows
            .iter()
            .map(|row| &self.told[*row])
            .filter(|row| !row.id.is_empty())
            .take(LINKS)
            .map(|row| {
                let Event { day, kind, about, .. } = &row.dated.event;
                format!("<a href=\"#{}\">{day}</a> {} {}", row.id, html::text(about), kind.title())
            })
            .collect();
        format!("<p class=\"when\">{}</p>\n", links.join(" · "))
    }
}

/// What a day does by itself: a hole that opens or a ban that ends lets in what was not.
fn way(kind: Kind) -> Direction {
    match kind {
        Kind::ExemptionBegins | Kind::AdvisoryEnds => Direction::Loosens,
        Kind::GraceEnds | Kind::ExemptionEnds | Kind::AdvisoryBegins => Direction::Tightens,
        Kind::ReviewDue => Direction::Neutral,
    }
}

/// Whether a date has to do with a change: the rules that flip on its clusters, the exemption it
/// changes, the advisory it is made for.
fn concerns(event: &Event, one: &Told<'_>) -> bool {
    let rule = match &one.entry.subject {
        Subject::Rule { name } => Some(name),
        _ => None,
    };
    let shares = || event.clusters.iter().any(|name| one.clusters.contains(&name.as_str()));
    match event.kind {
        Kind::GraceEnds => rule.is_some_and(|rule| event.rules.contains(rule)) && shares(),
        Kind::AdvisoryBegins | Kind::AdvisoryEnds => {
            rule.is_some_and(|rule| rule.starts_with(event.about.as_str()))
        }
        Kind::ExemptionBegins | Kind::ReviewDue | Kind::ExemptionEnds => one
            .entry
            .statements
            .iter()
            .any(|said| said.topic == Topic::Exemption && said.path == event.about),
    }
}

fn identity(event: &Event) -> String {
    let Event { day, kind, about, rules, clusters, .. } = event;
    let known = [&[about.clone()][..], rules, clusters].concat().join("\n");
    let known = format!("{} {known}", kind.id());
    format!("date-{day}-{}", name::short_digest(known.as_bytes()))
}
