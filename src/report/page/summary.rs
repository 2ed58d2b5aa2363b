//! The verdict, and the table of all changes.

use super::facts::{Facts, Told};
use super::html;
use crate::change::{Change, Direction};
use crate::text;

/// The most sentences of a change that its row says.
const SENTENCES: usize = 3;

/// A direction as a sign, beside its word.
pub fn sign(direction: Direction) -> &'static str {
    match direction {
        Direction::Loosens => "▼",
        Direction::Unknown => "?",
        Direction::Tightens => "▲",
        Direction::Neutral => "=",
    }
}

/// A direction with its sign, coloured.
pub fn way(direction: Direction) -> String {
    format!(
        "<span class=\"way {}\"><i aria-hidden=\"true\">{}</i> {}</span>",
        direction.id(),
        sign(direction),
        direction.word()
    )
}

/// `hits` is whom it hits, where that is known.
pub fn verdict(change: &Change, facts: &Facts<'_>, against: &str, hits: Option<&str>) -> String {
    let (all, counted) = (facts.told.len(), facts.tally());
    let compared = text::count(change.in_all(), "cluster");
    let mut page = format!(
        "<section id=\"verdict\" aria-labelledby=\"says\">\n<h1 id=\"says\">{}</h1>\n<p class=\"lede\">",
        headline(change, all, &counted)
    );
    let against = format!("compared with <code>{}</code>", html::text(against));
    match all {
        0 if change.left_out == 0 => page.push_str(&format!("{compared}, {against}.")),
        0 => page.push_str(&format!("{compared}, {against}")),
        _ => page.push_str(&format!(
            "<b>{}</b> on <b>{}</b> of {compared}, {against}",
            text::count(all, "change"),
            change.clusters.len()
        )),
    }
    if let Some(left_out) = change.says_left_out() {
        page.push_str(&format!("; {left_out}"));
    }
    page.push_str(if all == 0 && change.left_out == 0 { "</p>\n" } else { ".</p>\n" });
    if let Some(hits) = hits {
        let hits = html::text(&text::capital(hits));
        page.push_str(&format!("<p class=\"lede\"><a href=\"#blast\">{hits}</a>.</p>\n"));
    }
    if all > 0 {
        page.push_str("<ul class=\"tally\">\n");
        for (direction, count) in counted {
            page.push_str(&format!(
                "<li class=\"{}{}\"><b>{count}</b> {}</li>\n",
                direction.id(),
                if count == 0 { " none" } else { "" },
                way(direction)
            ));
        }
        page.push_str("</ul>\n");
    }
    page + "</section>\n"
}

fn headline(change: &Change, all: usize, counted: &[(Direction, usize)]) -> String {
    let count = |way| counted.iter().find(|one| one.0 == way).map_or(0, |one| one.1);
    let verb = |count: usize| if count == 1 { "loosens" } else { "loosen" };
    match (count(Direction::Loosens), count(Direction::Unknown)) {
        _ if all + change.left_out == 0 => "Nothing changes".to_owned(),
        _ if all == 0 => change.says_nothing(),
        (0, 0) => "Nothing loosens".to_owned(),
        (0, may) => format!("{} may loosen", of(may, all)),
        (one, 0) => format!("{} {}", of(one, all), verb(one)),
        (one, may) => format!("{} {}, {may} more may", of(one, all), verb(one)),
    }
}

/// `2 of 3 changes`, `All 3 changes`, `The only change`.
fn of(count: usize, all: usize) -> String {
    match (count, all) {
        (1, 1) => "The only change".to_owned(),
        (count, all) if count == all => format!("All {all} changes"),
        (count, all) => format!("{count} of {all} changes"),
    }
}

pub fn table(facts: &Facts<'_>) -> String {
    let mut page = String::from(
        "<section id=\"changes\" aria-labelledby=\"changes-title\">\n<h2 id=\"changes-title\">Changes</h2>\n<div class=\"tools\" hidden>\n",
    );
    page.push_str(
        "<label class=\"search\"><span class=\"quiet\">Filter by words, or by a cluster’s name</span><input id=\"words\" type=\"search\" placeholder=\"Filter by words, or by a cluster’s name\" autocomplete=\"off\" spellcheck=\"false\" aria-controls=\"table\"><kbd aria-hidden=\"true\">/</kbd></label>\n<fieldset><legend class=\"quiet\">Direction</legend>\n",
    );
    for (direction, count) in facts.tally() {
        page.push_str(&format!(
            "<label class=\"chip {0}\"><input type=\"checkbox\" name=\"way\" value=\"{0}\"{1}>{2} <b>{count}</b></label>\n",
            direction.id(),
            if count == 0 { " disabled" } else { " checked" },
            way(direction)
        ));
    }
    page.push_str("</fieldset>\n<p id=\"shown\" role=\"status\"></p>\n</div>\n");
    page.push_str("<table id=\"table\">\n<caption class=\"quiet\">Every change, what loosens first; headings sort</caption>\n<thead><tr>");
    for (class, key, name, ascending) in [
        ("number", "number", "№", true),
        ("", "direction", "Direction", false),
        ("", "title", "Change", false),
        ("", "says", "What it says", false),
        ("number", "clusters", "Clusters", false),
    ] {
        let sorted = if ascending { " aria-sort=\"ascending\"" } else { "" };
        page.push_str(&format!(
            "<th scope=\"col\" class=\"{class}\" data-key=\"{key}\"{sorted}>{name}</th>"
        ));
    }
    page.push_str("</tr></thead>\n<tbody>\n");
    for one in &facts.told {
        page.push_str(&row(one));
    }
    page + "</tbody>\n</table>\n<p id=\"none\" hidden>No change fits these filters. <button type=\"button\" id=\"clear\">Show all</button></p>\n</section>\n"
}

fn row(one: &Told<'_>) -> String {
    let said = one.entry.says();
    let mut says = said.iter().take(SENTENCES).map(|line| html::text(line)).collect::<Vec<_>>();
    if said.len() > SENTENCES {
        says.push(format!("<span class=\"soft\">and {} more</span>", said.len() - SENTENCES));
    }
    format!(
        "<tr class=\"{}\"><td class=\"number soft\">{}</td><td>{}</td><th scope=\"row\"><a href=\"#{}\">{}</a></th><td class=\"says\">{}</td><td class=\"number\">{}</td></tr>\n",
        one.entry.direction.id(),
        one.number,
        way(one.entry.direction),
        one.id,
        html::text(&one.entry.title()),
        says.join("<br>"),
        one.clusters.len()
    )
}
