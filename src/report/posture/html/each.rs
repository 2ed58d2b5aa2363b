//! Recommendation by recommendation: how it stands where, by which objects, and what is beside it.

use super::{anchor, way};
use crate::posture::{Alike, By, Posture, Recommended, Told, Word, clusters};
use crate::report::html;
use crate::report::posture::{NAMED, is_plain, part, standing};
use crate::text::count;

pub fn write(posture: &Posture, told: &Told, number: usize) -> String {
    let id = format!("each-{}", number + 1);
    let mut page = format!(
        "<section id=\"{id}\" aria-labelledby=\"{id}-title\">\n<h2 id=\"{id}-title\">By recommendation <span class=\"soft\">{}</span></h2>\n",
        html::text(&told.called())
    );
    for one in &told.recommendations {
        page.push_str(&recommendation(posture, told, one, number));
    }
    page + "</section>\n"
}

fn recommendation(posture: &Posture, told: &Told, one: &Recommended, number: usize) -> String {
    let weakest = one.weakest();
    let on = match one.on(weakest) {
        all if all == told.clusters.len() => "everywhere".to_owned(),
        some => format!("on {}", count(some, "cluster")),
    };
    // The id is on what is folded away, so that a link to it unfolds it.
    let mut page = format!(
        "<details class=\"change recommendation\"><summary><span class=\"number soft\">{}</span> <h3>{}</h3> {} <span class=\"soft on\">{on}</span></summary>\n<div class=\"open\" id=\"{}\">\n",
        html::text(&one.id),
        html::text(&one.title),
        way(weakest, weakest.in_words()),
        anchor(number, one)
    );
    if let Some(why) = &one.partly {
        page.push_str(&format!(
            "<p class=\"partly\">Admission can enforce a part of it: {}.</p>\n",
            html::text(why)
        ));
    }
    if let Some(source) = &one.source {
        page.push_str(&format!("<p class=\"soft\">Stated in {}.</p>\n", html::text(source)));
    }
    page.push_str("<ul class=\"standings\">\n");
    for alike in one.alike() {
        page.push_str(&standing_of(posture, told, &alike));
    }
    page + "</ul>\n</div></details>\n"
}

fn names(posture: &Posture, indices: &[usize]) -> String {
    let names: Vec<&str> =
        indices.iter().map(|index| posture.clusters[*index].name.as_str()).collect();
    html::text(&clusters(&names, NAMED))
}

fn standing_of(posture: &Posture, told: &Told, alike: &Alike<'_>) -> String {
    let one = alike.standing;
    let on = match alike.clusters.len() {
        all if all == told.clusters.len() && all > 1 => format!("on all {all} clusters"),
        _ => format!("on {}", names(posture, &alike.clusters)),
    };
    let mut page = format!(
        "<li class=\"{}\"><p>{} {on}</p>\n",
        one.word.id(),
        way(one.word, &standing(posture, one))
    );
    let mut lines: Vec<String> = vec![];
    if let Some(why) = &one.why {
        let source = one.source.as_deref().map(|source| format!(" ({source})"));
        lines.push(html::text(&format!("{why}{}", source.unwrap_or_default())));
    }
    for (by, shapes) in one.by.iter().zip(&alike.shapes) {
        lines.push(shaped(posture, by, shapes));
    }
    lines.extend(one.gaps.iter().map(|gap| format!("<b>but</b> {}", html::text(gap))));
    lines.extend(one.exemptions.iter().map(|name| {
        let name = html::text(name);
        format!("exempt: <a href=\"#exemption-{name}\">{name}</a>")
    }));
    let open = |index: &&usize| posture.clusters[**index].fails.may_be_open();
    let open: Vec<usize> = alike.clusters.iter().filter(open).copied().collect();
    if !open.is_empty() && matches!(one.word, Word::Enforced | Word::Warns | Word::Audits) {
        lines.push(format!(
            "<i class=\"fails\">△</i> not while the engine is away on {}",
            names(posture, &open)
        ));
    }
    if !alike.decided.is_empty() {
        let labels: Vec<String> = alike
            .decided
            .iter()
            .map(|label| format!("<a href=\"#decisions\">{}</a>", html::text(label)))
            .collect();
        lines.push(format!("<span class=\"soft\">asked for by</span> {}", labels.join(", ")));
    }
    let lines: Vec<String> = lines.iter().map(|line| format!("<li>{line}</li>")).collect();
    page.push_str(&format!("<ul>{}</ul></li>\n", lines.concat()));
    page
}

/// What a rule is as objects, and what it does where that is worth a word.
fn shaped(posture: &Posture, by: &By, shapes: &[(&[String], Vec<usize>)]) -> String {
    let objects = |all: &[String]| match all {
        [] => "nothing is rendered".to_owned(),
        all => {
            let all = all.iter().map(|object| format!("<code>{}</code>", html::text(object)));
            all.collect::<Vec<_>>().join(", ")
        }
    };
    let (one, several) = match shapes {
        [(all, _)] => (format!("{} ", objects(all)), String::new()),
        shapes => {
            let each = shapes.iter().map(|(all, clusters)| {
                format!("<li>{} on {}</li>", objects(all), names(posture, clusters))
            });
            (String::new(), format!("<ul>{}</ul>", each.collect::<Vec<_>>().concat()))
        }
    };
    let before = if by.before { ", as asked for before" } else { "" };
    let mut line = format!(
        "<span class=\"soft\">by</span> {one}<code class=\"soft\">{}</code>{before}",
        html::text(&by.file)
    );
    if !is_plain(by) {
        let parts: Vec<String> =
            by.parts.iter().map(|one| html::text(&part(posture, one))).collect();
        line.push_str(&format!(": {}", parts.join("; ")));
    }
    line + &several
}
