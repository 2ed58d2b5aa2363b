//! One part for each change: what it says, before and after, on which clusters, and as text.

use super::dates::Dates;
use super::facts::{Facts, Told};
use super::html;
use super::sides::{self, Sides};
use super::summary::way;
use crate::change::{Entry, Presence, Rendering, Statement, Subject, Topic, short};
use crate::text::{self, visible};
use serde_json::Value;
use std::collections::BTreeMap;

/// All texts together take at most so many bytes; what comes later is named but not shown.
const TEXTS: usize = 1_000_000;

/// From more clusters than these their names are not said again and again.
const MANY: usize = 6;

/// Up to so many changes are open from the beginning, if they loosen.
const OPEN: usize = 3;

pub fn write(facts: &Facts<'_>, dates: Option<&Dates<'_>>) -> String {
    let mut page = String::from(
        "<section id=\"each\" aria-labelledby=\"each-title\">\n<h2 id=\"each-title\">Change by change</h2>\n<p class=\"tools\" hidden><button type=\"button\" id=\"open-all\">Open all</button> <button type=\"button\" id=\"close-all\">Close all</button></p>\n",
    );
    let mut texts = Texts::default();
    let mut named = Named::new();
    for one in &facts.told {
        let open = one.number <= OPEN && one.entry.direction.counts_as_loosening();
        page.push_str(&format!(
            "<details class=\"change\" id=\"{}\"{}><summary><span class=\"number soft\">{}</span> <h3>{}</h3> {} <span class=\"soft on\">{}</span></summary>\n<div class=\"open\">\n",
            one.id,
            if open { " open" } else { "" },
            one.number,
            html::text(&one.entry.title()),
            way(one.entry.direction),
            text::count(one.clusters.len(), "cluster"),
        ));
        page.push_str(&fields(one.entry));
        page.push_str(&dates.map_or_else(String::new, |dates| dates.links(one)));
        page.push_str(&objects(facts, one, &mut named));
        page.push_str(&texts.of(one));
        page.push_str("</div></details>\n");
    }
    page + "</section>\n"
}

/// What it says: in sentences, or before and after where both can be set side by side.
fn fields(entry: &Entry) -> String {
    let beside = |one: &&Statement| {
        entry.presence == Presence::Changed
            && !matches!(one.topic, Topic::Expression | Topic::Exemption)
    };
    let rows: Vec<&Statement> = entry.statements.iter().filter(beside).collect();
    if rows.is_empty() || matches!(entry.subject, Subject::Cluster) {
        return said(entry);
    }
    let mut others = entry.clone();
    others.statements.retain(|one| !beside(&one));
    let mut page = String::new();
    if !others.statements.is_empty() {
        page.push_str(&said(&others));
    }
    page.push_str("<table class=\"fields\"><caption class=\"quiet\">Fields, before and after</caption><thead><tr><th scope=\"col\">Field</th><th scope=\"col\">Before</th><th scope=\"col\">After</th></tr></thead><tbody>\n");
    for one in rows {
        let name = match one.topic {
            Topic::Parameter => format!("parameter {}", one.path),
            _ => one.path.clone(),
        };
        page.push_str(&format!(
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td></tr>\n",
            html::text(&name),
            value(one.old.as_ref(), "del"),
            value(one.new.as_ref(), "ins")
        ));
    }
    page + "</tbody></table>\n"
}

fn said(entry: &Entry) -> String {
    let lines = entry.says();
    let lines: Vec<String> = lines.iter().map(|line| format!("<li>{}", html::text(line))).collect();
    format!("<ul class=\"said\">{}</ul>\n", lines.concat())
}

fn value(value: Option<&Value>, tag: &str) -> String {
    match value {
        None => "<span class=\"soft\">none</span>".to_owned(),
        Some(value) => format!("<{tag}>{}</{tag}>", html::text(&short(value))),
    }
}

/// As which objects it is on which clusters.
fn objects<'a>(facts: &Facts<'_>, one: &Told<'a>, named: &mut Named<'a>) -> String {
    let mut page = String::from("<ul class=\"objects\">\n");
    for rendering in &one.entry.renderings {
        let object = match one.entry.object(rendering) {
            object if object.is_empty() => String::new(),
            object => format!("<b>{}</b> ", html::text(&object)),
        };
        page.push_str(&format!(
            "<li><p>{object}on {} <code>{}</code></p>{}</li>\n",
            text::count(rendering.clusters.len(), "cluster"),
            html::text(&rendering.path),
            on(facts, one, &rendering.clusters, named)
        ));
    }
    page + "</ul>\n"
}

/// Where long lists of clusters were named.
type Named<'a> = BTreeMap<&'a [String], (usize, String)>;

/// The clusters' names, of many once; where most have it, those that do not.
fn on<'a>(
    facts: &Facts<'_>,
    one: &Told<'a>,
    clusters: &'a [String],
    named: &mut Named<'a>,
) -> String {
    let all = facts.everywhere.len();
    let missing = all.saturating_sub(clusters.len());
    if all > MANY && missing == 0 {
        return format!("<p class=\"names\">all {all} clusters that change</p>");
    }
    if missing > 0 && missing * 4 <= clusters.len() {
        let without: Vec<String> = facts
            .everywhere
            .iter()
            .filter(|name| clusters.binary_search_by(|one| one.as_str().cmp(name)).is_err())
            .map(|name| (*name).to_owned())
            .collect();
        return format!(
            "<p class=\"names\">all {all} clusters that change, except {}</p>",
            listed(&without)
        );
    }
    if clusters.len() > MANY {
        if let Some((number, id)) = named.get(clusters) {
            return format!(
                "<p class=\"names\">the same clusters as <a href=\"#{id}\">change {number}</a></p>"
            );
        }
        named.insert(clusters, (one.number, one.id.clone()));
    }
    format!("<p class=\"names\">{}</p>", listed(clusters))
}

/// Names with a comma between them. Where many have the same beginning, it is said once, as a shell
/// would take it: `prod-{1, 2, 3}`.
fn listed(names: &[String]) -> String {
    let beginning = |name: &str| name.rfind('-').map_or(0, |at| at + 1);
    let mut listed: Vec<String> = vec![];
    let mut rest = names;
    while let Some(first) = rest.first() {
        let shared = &first[..beginning(first)];
        let alike = |name: &&String| beginning(name) == shared.len() && name.starts_with(shared);
        let count = rest.iter().take_while(alike).count();
        let (these, others) = rest.split_at(count.max(1));
        rest = others;
        let from = if names.len() > MANY && count > 2 { shared.len() } else { 0 };
        let ends: Vec<String> = these.iter().map(|name| html::text(&name[from..])).collect();
        listed.push(match from {
            0 => ends.join(", "),
            _ => format!("{}{{{}}}", html::text(shared), ends.join(", ")),
        });
    }
    listed.join(", ")
}

/// The texts that were shown, by their paths, and how much they took.
#[derive(Default)]
struct Texts {
    shown: BTreeMap<String, (usize, String)>,
    bytes: usize,
}

impl Texts {
    fn of(&mut self, one: &Told<'_>) -> String {
        // Of a whole cluster or a lock there is nothing to learn line by line.
        if matches!(one.entry.subject, Subject::Cluster | Subject::Lock) {
            return String::new();
        }
        let Some(Rendering { example, .. }) = one.entry.renderings.first() else {
            return String::new();
        };
        let path = html::text(&example.path);
        if let Some((number, id)) = self.shown.get(&example.path) {
            return format!(
                "<p class=\"text\">The text of <code>{path}</code> is shown with <a href=\"#{id}\">change {number}</a>.</p>\n"
            );
        }
        let sides = sides::of(example);
        let (table, note) = match &sides {
            Sides::Table { rows, left_out } => (rows.as_str(), left_out.clone()),
            Sides::TooLarge { old, new } => {
                ("", Some(format!("too large to be shown: {old} and {new} bytes")))
            }
        };
        if self.bytes + table.len() > TEXTS {
            return format!(
                "<p class=\"text\">The text of <code>{path}</code> is left out to keep this page small; <code>ordinance diff --format text</code> has it.</p>\n"
            );
        }
        self.bytes += table.len();
        self.shown.insert(example.path.clone(), (one.number, one.id.clone()));
        let note = note.map(|note| format!("<p class=\"soft\">{}</p>", html::text(&note)));
        format!(
            "<figure><figcaption><code>{path}</code> <span class=\"soft\">{}</span></figcaption>\n{table}{}</figure>\n",
            html::text(&example_of(one, &example.cluster)),
            note.unwrap_or_default()
        )
    }
}

fn example_of(one: &Told<'_>, cluster: &str) -> String {
    match one.clusters.len() {
        0 | 1 => String::new(),
        all => format!("as on {}, one of {}", visible(cluster), text::count(all, "cluster")),
    }
}

#[cfg(test)]
mod tests {
    use super::listed;

    #[test]
    fn what_many_names_begin_with_is_said_once() {
        let names = |all: &[&str]| -> Vec<String> { all.iter().map(|one| (*one).into()).collect() };
        let few = names(&["a-1", "a-2", "a-3"]);
        assert_eq!(listed(&few), "a-1, a-2, a-3");
        let many = names(&["a-1", "a-2", "a-3", "b-1", "b-2", "c-d-1", "c-d-2", "c-d-<x", "plain"]);
        assert_eq!(listed(&many), "a-{1, 2, 3}, b-1, b-2, c-d-{1, 2, &lt;x}, plain");
    }
}
