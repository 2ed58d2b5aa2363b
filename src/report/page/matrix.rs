//! Cluster × change as a heat map: a row for each group of clusters with the same changes, a
//! column for each change. A row opens to its clusters and changes, which is also how the map is
//! heard. Each row is one small drawing of runs, so a thousand rows of two hundred columns are a
//! few hundred kilobytes that need no script.

use super::facts::{Facts, Group, cluster_id, loosening, runs};
use super::html;
use crate::change::Direction;
use crate::text;

/// Up to so many columns have their titles above them.
const TITLED: usize = 24;

/// The most names a row says before it counts the rest.
const NAMED: usize = 2;

pub fn write(facts: &Facts<'_>) -> String {
    let (columns, rows) = (facts.told.len(), facts.groups.len());
    let all = text::count(facts.everywhere.len(), "cluster");
    let about = match facts.everywhere.len() {
        1 => all,
        count if count == rows => format!("{all}, no two with the same changes"),
        _ if rows == 1 => format!("{all}, all with the same changes"),
        _ => format!("{all} in {rows} groups with the same changes"),
    };
    let mut page = format!(
        "<section id=\"clusters\" aria-labelledby=\"clusters-title\">\n<h2 id=\"clusters-title\">Clusters</h2>\n<p class=\"about\">{about}. A column is a change, numbered as above; a row opens to its clusters.</p>\n",
    );
    page.push_str("<div class=\"tools\" hidden><label class=\"search\"><span class=\"quiet\">Filter clusters by name</span><input id=\"names\" type=\"search\" placeholder=\"Filter clusters by name\" autocomplete=\"off\" spellcheck=\"false\" aria-controls=\"groups\"></label><p id=\"groups-shown\" role=\"status\"></p></div>\n");
    page.push_str(if columns <= TITLED {
        "<div class=\"map titled\">\n"
    } else {
        "<div class=\"map\">\n"
    });
    page.push_str(&legend(facts));
    if columns <= TITLED {
        page.push_str("<div class=\"heads\" aria-hidden=\"true\"><p>");
        for one in &facts.told {
            page.push_str(&format!(
                "<span class=\"{}\"><em>{}</em></span>",
                one.entry.direction.id(),
                html::text(&one.entry.title())
            ));
        }
        page.push_str("</p></div>\n");
    }
    page.push_str("<ul id=\"groups\">\n");
    for group in &facts.groups {
        page.push_str(&row(facts, group));
    }
    page + "</ul>\n<p id=\"readout\" aria-hidden=\"true\" hidden></p>\n</div>\n</section>\n"
}

/// Which columns are of which direction: they stand side by side.
fn legend(facts: &Facts<'_>) -> String {
    let mut line = String::from("<p class=\"legend\">");
    for (direction, _) in facts.tally().into_iter().filter(|one| one.1 > 0) {
        let numbers = facts.told.iter().filter(|one| one.entry.direction == direction);
        let positions: Vec<usize> = numbers.map(|one| one.number - 1).collect();
        line.push_str(&format!(
            "<span><svg class=\"key\" viewBox=\"0 0 1 1\" width=\"14\" height=\"14\" aria-hidden=\"true\"><path class=\"{}\" d=\"M0 .5h1\"/></svg>{} {}</span>",
            direction.id(),
            direction.word(),
            ranges(&positions)
        ));
    }
    line + "</p>\n"
}

fn row(facts: &Facts<'_>, group: &Group<'_>) -> String {
    let named: Vec<String> =
        group.clusters.iter().take(NAMED).map(|name| html::text(name)).collect();
    let more = match group.clusters.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" <span class=\"soft\">and {more} more</span>"),
    };
    let loosens = match loosening(&facts.told, &group.changes) {
        0 => String::new(),
        count => format!(", {count} loosening or not known"),
    };
    let members: Vec<String> = group
        .clusters
        .iter()
        .map(|name| format!("<li id=\"{}\">{}", cluster_id(name), html::text(name)))
        .collect();
    format!(
        "<li><details id=\"{}\"><summary><span class=\"who\">{}{more}</span> <span class=\"many\">{}<span class=\"quiet\"> {}, {}{loosens}</span></span> {}</summary>\n<div class=\"open\"><h3>{}</h3><ul class=\"names\">{}</ul><h3>{}</h3><div class=\"what\"><p>№ {}</p></div></div></details></li>\n",
        group.id,
        named.join(", "),
        group.clusters.len(),
        if group.clusters.len() == 1 { "cluster" } else { "clusters" },
        text::count(group.changes.len(), "change"),
        strip(facts, &group.changes),
        text::count(group.clusters.len(), "cluster"),
        members.concat(),
        text::count(group.changes.len(), "change"),
        ranges(&group.changes)
    )
}

/// A row of the map: for each direction one path of runs.
fn strip(facts: &Facts<'_>, changes: &[usize]) -> String {
    let columns = facts.told.len();
    let mut drawing = format!(
        "<svg class=\"strip\" viewBox=\"0 0 {columns} 1\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
    );
    for direction in Direction::ALL.into_iter().rev() {
        let its = |one: &&usize| facts.told[**one].entry.direction == direction;
        let positions: Vec<usize> = changes.iter().filter(its).copied().collect();
        if positions.is_empty() {
            continue;
        }
        drawing.push_str(&format!(
            "<path class=\"{}\" {}/>",
            direction.id(),
            drawn(&positions, columns)
        ));
    }
    drawing + "</svg>"
}

/// One run as a line; more as a line with gaps, which takes half the bytes.
fn drawn(positions: &[usize], columns: usize) -> String {
    let runs = runs(positions);
    if let [[first, last]] = runs[..] {
        return format!("d=\"M{first} .5h{}\"", last - first + 1);
    }
    let mut gaps = String::from("0");
    let mut at = 0;
    for [first, last] in runs {
        gaps.push_str(&format!(" {} {}", first - at, last - first + 1));
        at = last + 1;
    }
    format!("d=\"M0 .5h{columns}\" stroke-dasharray=\"{gaps} {columns}\"")
}

/// `1-14 17`, as people count, in few bytes.
fn ranges(positions: &[usize]) -> String {
    let written = runs(positions).into_iter().map(|[first, last]| match first == last {
        true => format!("{}", first + 1),
        false => format!("{}-{}", first + 1, last + 1),
    });
    written.collect::<Vec<_>>().join(" ")
}
