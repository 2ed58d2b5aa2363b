//! What is not seen, exemptions with their whys, and who decided what, when.

use crate::posture::{Decision, Exempted, Posture, Who, clusters};
use crate::report::html;
use crate::report::posture::NAMED;
use crate::text::count;

/// The most letters of a long sentence that are shown before it folds.
const LONG: usize = 220;

pub fn blind(posture: &Posture) -> String {
    let mut page = String::from(
        "<section id=\"blind\" aria-labelledby=\"blind-title\">\n<h2 id=\"blind-title\">What is not seen, or not judged</h2>\n",
    );
    if posture.blind.is_empty() {
        page.push_str("<p class=\"about\">Nothing is known.</p>\n");
    } else {
        page.push_str("<table class=\"list\"><thead><tr><th scope=\"col\">What</th><th scope=\"col\">On</th><th scope=\"col\">Stated in</th></tr></thead><tbody>\n");
    }
    for one in &posture.blind {
        let weighs = matches!(one.id, "paused" | "fails-open" | "fail-open-not-stated");
        let names: Vec<&str> =
            one.clusters.iter().map(|index| posture.clusters[*index].name.as_str()).collect();
        page.push_str(&format!(
            "<tr{}><td>{}</td><td>{} <span class=\"soft\">{}</span></td><td class=\"soft\"><code>{}</code></td></tr>\n",
            if weighs { " class=\"weighs\"" } else { "" },
            folded(&one.words),
            count(names.len(), "cluster"),
            html::text(&clusters(&names, NAMED)),
            html::text(&one.source)
        ));
    }
    if !posture.blind.is_empty() {
        page.push_str("</tbody></table>\n");
    }
    if posture.retired > 0 {
        page.push_str(&format!(
            "<p class=\"soft\">{} left out: retired.</p>\n",
            count(posture.retired, "cluster")
        ));
    }
    page + "</section>\n"
}

/// A sentence; of a long one the beginning, and all of it below.
fn folded(words: &str) -> String {
    match words.char_indices().nth(LONG) {
        None => html::text(words),
        Some((at, _)) => format!(
            "<details><summary>{}…</summary>{}</details>",
            html::text(words[..at].trim_end()),
            html::text(words)
        ),
    }
}

pub fn exemptions(posture: &Posture) -> String {
    let mut page = String::from(
        "<section id=\"exemptions\" aria-labelledby=\"exemptions-title\">\n<h2 id=\"exemptions-title\">Exemptions</h2>\n",
    );
    if posture.exemptions.is_empty() {
        page.push_str("<p class=\"about\">Nobody is exempt.</p>\n");
    }
    for one in &posture.exemptions {
        page.push_str(&exemption(one));
    }
    if posture.others > 0 {
        let them = if posture.others == 1 { "concerns" } else { "concern" };
        page.push_str(&format!(
            "<p class=\"soft\">{} {them} no recommendation told here.</p>\n",
            count(posture.others, "other exemption")
        ));
    }
    page + "</section>\n"
}

fn exemption(one: &Exempted) -> String {
    let names: Vec<&str> = one.clusters.iter().map(String::as_str).collect();
    let on = match names.is_empty() {
        true => "no cluster that is asked for it".to_owned(),
        false => clusters(&names, NAMED),
    };
    let reaches: Vec<String> =
        one.reaches.iter().map(|(framework, id)| format!("{framework} {id}")).collect();
    let days: Vec<String> = one.reviewed.iter().map(ToString::to_string).collect();
    let rows = [
        ("because", Some(one.reason.clone())),
        ("for", Some(format!("{} on {on}", one.scope))),
        ("lifts", Some(one.lifts.join("; "))),
        ("reaches", Some(reaches.join(", ")).filter(|all| !all.is_empty())),
        ("owner", Some(one.owner.clone())),
        ("approved by", one.approved_by.clone()),
        ("ticket", one.ticket.clone()),
        ("granted", one.granted.map(|day| day.to_string())),
        ("reviewed", Some(days.join(", ")).filter(|all| !all.is_empty())),
        ("next review by", one.review_due.map(|day| day.to_string())),
        ("expires", Some(one.expires.to_string())),
        ("written in", Some(one.place.clone())),
    ];
    let name = html::text(&one.name);
    let mut page = format!(
        "<article class=\"exemption{}\" id=\"exemption-{name}\"><h3>{name} <span class=\"soft\">{} · until {} · {}</span></h3>\n<dl>",
        if one.state.is_wanting() { " wanting" } else { "" },
        html::text(&one.state.in_words()),
        one.expires,
        html::text(&one.owner)
    );
    for (label, words) in rows {
        let words = words.map_or("–".to_owned(), |words| html::text(&words));
        page.push_str(&format!("<div><dt>{label}</dt><dd>{words}</dd></div>"));
    }
    page + "</dl></article>\n"
}

pub fn decisions(posture: &Posture) -> String {
    let mut page = String::from(
        "<section id=\"decisions\" aria-labelledby=\"decisions-title\">\n<h2 id=\"decisions-title\">Who decided what, when</h2>\n",
    );
    if posture.decisions.is_empty() {
        return page + "<p class=\"about\">No line decides anything here.</p>\n</section>\n";
    }
    page.push_str("<table class=\"list\"><thead><tr><th scope=\"col\">Decision</th><th scope=\"col\">In plain words</th><th scope=\"col\">Owner</th><th scope=\"col\">Last written by</th><th scope=\"col\">Where</th></tr></thead><tbody>\n");
    for one in &posture.decisions {
        page.push_str(&decision(one));
    }
    page + "</tbody></table>\n</section>\n"
}

fn decision(one: &Decision) -> String {
    let lines = match one.line.first == one.line.last {
        true => format!("{}:{}", one.line.path, one.line.first),
        false => format!("{}:{}-{}", one.line.path, one.line.first, one.line.last),
    };
    let who = match &one.who {
        Who::Committed { commit, author, day, or_earlier } => {
            let short: String = commit.chars().take(10).collect();
            let earlier = if *or_earlier { ", or earlier: the clone is shallow" } else { "" };
            format!("{} on {day}{earlier} <code>{}</code>", html::text(author), html::text(&short))
        }
        Who::NotCommitted => "<b>not committed</b>".to_owned(),
        Who::NotAsked => "–".to_owned(),
    };
    let ticket = one
        .ticket
        .as_deref()
        .map(|ticket| format!(" <span class=\"soft\">{}</span>", html::text(ticket)));
    format!(
        "<tr><th scope=\"row\"><span class=\"soft\">{}</span> {}</th><td>{}</td><td>{}{}</td><td>{who}</td><td><code>{}</code></td></tr>\n",
        one.kind.in_words(),
        html::text(&one.name),
        folded(&one.what),
        html::text(&one.owner),
        ticket.unwrap_or_default(),
        html::text(&lines)
    )
}
