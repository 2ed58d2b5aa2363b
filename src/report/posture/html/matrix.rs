//! Recommendation × column of clusters alike.

use super::{anchor, section, sign};
use crate::posture::{Cell, Group, Posture, Told, Word};
use crate::report::html;
use crate::report::posture::{cell, marks};
use crate::text::count;

/// Up to so many columns are drawn; the others are counted, and told by recommendation.
const COLUMNS: usize = 60;

/// Up to so many columns have room for words.
const WORDED: usize = 8;

/// The most names a row of clusters says before it folds them away.
const NAMED: usize = 6;

pub fn write(posture: &Posture, told: &Told, number: usize) -> String {
    let shown = &told.groups[..told.groups.len().min(COLUMNS)];
    let clusters = count(told.clusters.len(), "cluster");
    let about = match told.groups.len() {
        1 => format!("{clusters}, all alike"),
        all if all == told.clusters.len() => format!("{clusters}, no two alike"),
        all => format!("{clusters} in {all} columns of clusters alike"),
    };
    let id = section(number);
    let mut page = format!(
        "<section id=\"{id}\" class=\"framework\" aria-labelledby=\"{id}-title\">\n<h2 id=\"{id}-title\">{} <span class=\"soft\">{}</span></h2>\n<p class=\"about\">{about}. Each recommendation leads to what it stands on.</p>\n",
        html::text(&told.called()),
        html::text(&told.title)
    );
    page.push_str(&legend());
    page.push_str(&format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Recommendations of {} by cluster\">\n<table class=\"matrix{}\">\n<thead><tr><th scope=\"col\">Recommendation</th>",
        html::text(&told.called()),
        if shown.len() <= WORDED { " worded" } else { "" }
    ));
    for group in shown {
        page.push_str(&format!(
            "<th scope=\"col\"><a href=\"#{}\">{}</a>{}<span class=\"soft\">{}</span></th>",
            group_id(number, group),
            group.id,
            open_mark(group),
            group.clusters.len()
        ));
    }
    page.push_str("</tr></thead>\n<tbody>\n");
    for (row, one) in told.recommendations.iter().enumerate() {
        page.push_str(&format!(
            "<tr><th scope=\"row\"><a href=\"#{}\"><b>{}</b> {}</a></th>",
            anchor(number, one),
            html::text(&one.id),
            html::text(&one.title)
        ));
        for group in shown {
            page.push_str(&drawn(&group.cells[row], shown.len() <= WORDED));
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody>\n</table>\n</div>\n");
    let more = told.groups.len() - shown.len();
    if more > 0 {
        let all: usize = told.groups[COLUMNS..].iter().map(|group| group.clusters.len()).sum();
        page.push_str(&format!(
            "<p class=\"soft\">{} ({}) left out of this table: each is told below, and by name in <code>ordinance posture --format csv</code>.</p>\n",
            count(more, "more column"),
            count(all, "cluster")
        ));
    }
    page.push_str("<ul class=\"columns\">\n");
    for group in &told.groups {
        page.push_str(&column(posture, group, number));
    }
    page + "</ul>\n</section>\n"
}

fn group_id(number: usize, group: &Group) -> String {
    format!("c{}-{}", number + 1, group.id)
}

fn open_mark(group: &Group) -> &'static str {
    match group.fails.may_be_open() {
        true => "<i class=\"fails\" title=\"fails open, or may\">△</i>",
        false => "",
    }
}

fn drawn(one: &Cell, worded: bool) -> String {
    let words = cell(one);
    let quiet = if worded { "" } else { " class=\"quiet\"" };
    let marks = marks(one);
    let marks = if marks.is_empty() { marks } else { format!("<sup>{marks}</sup>") };
    format!(
        "<td class=\"{}\"><i aria-hidden=\"true\">{}</i><span{quiet}>{}</span>{marks}</td>",
        one.word.id(),
        sign(one.word),
        html::text(&words)
    )
}

fn legend() -> String {
    let mut line = String::from("<p class=\"legend\">");
    for word in Word::ALL {
        line.push_str(&format!(
            "<span class=\"{}\"><i>{}</i>{}</span>",
            word.id(),
            sign(word),
            word.in_words()
        ));
    }
    line + "<span>† somebody is exempt</span><span>* something is not reached, or only a part is enforced</span><span><i class=\"fails\">△</i>the engine fails open, or may</span></p>\n"
}

fn column(posture: &Posture, group: &Group, number: usize) -> String {
    let names: Vec<String> =
        group.clusters.iter().map(|index| html::text(&posture.clusters[*index].name)).collect();
    let fails = match group.fails.may_be_open() {
        true => format!(" <b class=\"fails\">{}</b>", html::text(group.fails.in_words())),
        false => format!(" <span class=\"soft\">{}</span>", html::text(group.fails.in_words())),
    };
    let id = group_id(number, group);
    let told = match names.len() <= NAMED {
        true => names.join(", "),
        false => format!(
            "<details><summary>{} and {} more</summary><p>{}</p></details>",
            names[..NAMED].join(", "),
            names.len() - NAMED,
            names.join(", ")
        ),
    };
    format!("<li id=\"{id}\"><b>{}</b> <div>{told}</div>{fails}</li>\n", group.id)
}
