//! Whom it hits: a verdict with what it rests on, by namespace and owner, and workload by workload.

use super::facts::Facts;
use super::html;
use crate::blast::{Blast, Counts, Effect, Hit};
use crate::change::{self, Change};
use crate::text;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The most lines of a table; the rest is counted, and the JSON has all of it.
const ROWS: usize = 400;

pub fn write(change: &Change, facts: &Facts<'_>, blast: &Blast) -> String {
    let Some(verdict) = blast.verdict() else { return String::new() };
    let rests: Vec<String> =
        blast.rests_on().iter().map(|line| format!("<li>{}</li>", html::text(line))).collect();
    let mut page = format!(
        "<section id=\"blast\" aria-labelledby=\"blast-title\">\n<h2 id=\"blast-title\">Whom it hits</h2>\n<p class=\"lede\">{}</p>\n",
        html::text(&text::capital(&verdict))
    );
    if !rests.is_empty() {
        page.push_str(&format!("<ul class=\"about\">{}</ul>\n", rests.concat()));
    }
    if !blast.hits.is_empty() {
        page.push_str(&by_namespace(blast));
        page.push_str(&workloads(change, facts, blast));
    }
    if blast.knows() {
        page.push_str(&snapshots(blast));
    }
    page + "</section>\n"
}

/// What is hit in each namespace, for each owner.
fn by_namespace(blast: &Blast) -> String {
    let mut found: BTreeMap<(&str, Option<&str>), Vec<&Hit>> = BTreeMap::new();
    for hit in &blast.hits {
        let key = (hit.workload.namespace.as_str(), hit.owner.as_deref());
        found.entry(key).or_default().push(hit);
    }
    let mut found: Vec<_> =
        found.into_iter().map(|(key, hits)| (key, Counts::of(hits.into_iter()))).collect();
    found
        .sort_by_key(|(key, counts)| (Effect::ALL.map(|effect| Reverse(counts.get(effect))), *key));
    let heads: Vec<String> = Effect::ALL
        .iter()
        .map(|effect| {
            format!("<th scope=\"col\" class=\"number\">{}</th>", text::capital(effect.id()))
        })
        .collect();
    let rows: Vec<String> = found
        .iter()
        .take(ROWS)
        .map(|((namespace, owner), counts)| {
            let cells = Effect::ALL.map(|effect| match counts.get(effect) {
                0 => "<td class=\"number soft\">–</td>".to_owned(),
                count => format!("<td class=\"number\">{count}</td>"),
            });
            format!(
                "<tr><th scope=\"row\">{}</th><td>{}</td>{}<td class=\"number\">{}</td></tr>\n",
                named(namespace, "no namespace"),
                named(owner.unwrap_or_default(), "nobody named"),
                cells.concat(),
                counts.clusters
            )
        })
        .collect();
    table(
        "By namespace and owner",
        &format!(
            "<th scope=\"col\">Namespace</th><th scope=\"col\">Owner</th>{}<th scope=\"col\" class=\"number\">Clusters</th>",
            heads.concat()
        ),
        &rows,
        found.len(),
    )
}

fn workloads(change: &Change, facts: &Facts<'_>, blast: &Blast) -> String {
    let told: BTreeMap<usize, (usize, &str)> = facts
        .told
        .iter()
        .filter_map(|one| Some((change.place_of(one.entry)?, (one.number, one.id.as_str()))))
        .collect();
    let row = |hit: &Hit| {
        let by: Vec<String> = hit
            .entries
            .iter()
            .filter_map(|entry| told.get(entry))
            .map(|(number, id)| format!("<a href=\"#{id}\">{number}</a>"))
            .collect();
        format!(
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td class=\"soft\">{}</td><td>{}</td><td class=\"number\">{}</td></tr>\n",
            html::text(&hit.workload.to_string()),
            named(hit.owner.as_deref().unwrap_or_default(), "nobody named"),
            html::text(&text::capital(hit.becomes())),
            html::text(&hit.offenders.join(", ")),
            html::text(&change::clusters(&hit.clusters)),
            by.join(" ")
        )
    };
    let rows: Vec<String> = blast.hits.iter().take(ROWS).map(row).collect();
    table(
        "Workload by workload",
        "<th scope=\"col\">Workload</th><th scope=\"col\">Owner</th><th scope=\"col\">Becomes</th><th scope=\"col\">For</th><th scope=\"col\">On</th><th scope=\"col\" class=\"number\">By change</th>",
        &rows,
        blast.hits.len(),
    )
}

/// How old what is known of each cluster is.
fn snapshots(blast: &Blast) -> String {
    let rows: Vec<String> = blast
        .clusters
        .iter()
        .take(ROWS)
        .map(|(name, looked)| {
            let (age, objects) = match looked {
                None => ("no snapshot".to_owned(), "–".to_owned()),
                Some((taken, looked)) => {
                    (crate::snapshot::Taken::words(*taken), looked.objects.to_string())
                }
            };
            format!(
                "<tr><th scope=\"row\">{}</th><td>{age}</td><td class=\"number\">{objects}</td></tr>\n",
                html::text(name)
            )
        })
        .collect();
    let heads = "<th scope=\"col\">Cluster</th><th scope=\"col\">Snapshot</th><th scope=\"col\" class=\"number\">Objects</th>";
    table("What is known of each cluster", heads, &rows, blast.clusters.len())
}

fn table(title: &str, heads: &str, rows: &[String], all: usize) -> String {
    let more = match all.saturating_sub(rows.len()) {
        0 => String::new(),
        more => format!(
            "<p class=\"soft\">and {more} more; <code>ordinance diff --format json</code> has all of them</p>\n"
        ),
    };
    format!(
        "<details class=\"part\"{}><summary><h3>{title}</h3> <span class=\"soft on\">{}</span></summary>\n<div class=\"open\" tabindex=\"0\" role=\"region\" aria-label=\"{title}\"><table class=\"hits\"><caption class=\"quiet\">{title}</caption><thead><tr>{heads}</tr></thead><tbody>\n{}</tbody></table>\n{more}</div></details>\n",
        if title.starts_with("By") { " open" } else { "" },
        text::count(all, "line"),
        rows.concat()
    )
}

fn named(name: &str, without: &str) -> String {
    match name {
        "" => format!("<span class=\"soft\">{without}</span>"),
        name => html::text(name),
    }
}
