//! The posture as Markdown: to be committed, sent and read in a pull request.
//!
//! Clusters on which everything stands alike are one column. Where there are more columns than a
//! page has room for, the last ones are counted, and what they say stands below, by recommendation.

use super::{NAMED, cell, fine_print, is_plain, marks, part, standing, verdict};
use crate::posture::{
    Alike, By, Decision, Exempted, Posture, Recommended, Told, Who, Word, clusters,
};
use crate::report::safe::{code, prose, told as ours};
use crate::text::count;

/// Up to so many columns fit.
const COLUMNS: usize = 12;

pub fn write(posture: &Posture) -> String {
    let mut text = format!("# Posture of {} on {}\n\n", prose(&posture.fleet), posture.day);
    for told in &posture.frameworks {
        text += &format!(
            "**{}** ({}). {}\n\n",
            verdict(told),
            code(&told.called()),
            prose(&told.title)
        );
    }
    if posture.decided {
        text += "It is decided for the day its render was last changed for, and names no day on \
                 which it was written: git knows when each version of it was committed.\n\n";
    }
    text += &contents(posture);
    for told in &posture.frameworks {
        text += &framework(posture, told);
    }
    text += &blind(posture);
    text += &exemptions(posture);
    text += &decisions(posture);
    text
}

fn contents(posture: &Posture) -> String {
    let mut text = String::new();
    for (number, told) in posture.frameworks.iter().enumerate() {
        text += &format!("- [{}](#{})\n", code(&told.called()), section(number));
    }
    text += "- [What is not seen, or not judged](#blind)\n";
    text += &format!("- [Exemptions](#exemptions) ({})\n", posture.exemptions.len());
    text + &format!("- [Who decided what, when](#decisions) ({})\n\n", posture.decisions.len())
}

fn section(number: usize) -> String {
    format!("framework-{}", number + 1)
}

fn anchor(number: usize, one: &Recommended) -> String {
    let id: String =
        one.id.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    format!("r{}-{id}", number + 1)
}

fn framework(posture: &Posture, told: &Told) -> String {
    let number = posture.frameworks.iter().position(|one| std::ptr::eq(one, told)).unwrap_or(0);
    let mut text = format!(
        "<a id=\"{}\"></a>\n\n## {}\n\n{}: {}.\n\n",
        section(number),
        code(&told.called()),
        verdict(told),
        fine_print(told)
    );
    text += "| standing | recommendations, by where they stand worst | clusters × recommendations |\n\
        | --- | --: | --: |\n";
    for (word, count) in ordered(told) {
        let cells: usize = told.recommendations.iter().map(|one| one.on(word)).sum();
        text += &format!("| {} | {count} | {cells} |\n", word.in_words());
    }
    text += &columns(posture, told);
    text += &matrix(told, number);
    text += "### By recommendation\n\n";
    for one in &told.recommendations {
        text += &recommendation(posture, told, one, number);
    }
    text
}

fn ordered(told: &Told) -> Vec<(Word, usize)> {
    let tally = told.tally();
    Word::ALL.into_iter().map(|word| (word, tally[&word])).collect()
}

fn columns(posture: &Posture, told: &Told) -> String {
    let mut text = "\n### Clusters\n\n| column | clusters | while the engine is away |\n\
        | --- | --- | --- |\n"
        .to_owned();
    for group in told.groups.iter().take(COLUMNS) {
        let names = names(posture, &group.clusters);
        let fails = match group.fails.may_be_open() {
            true => format!("**{}**", ours(group.fails.in_words())),
            false => ours(group.fails.in_words()),
        };
        text += &format!("| {} | {}: {} | {fails} |\n", group.id, group.clusters.len(), names);
    }
    text += "\n";
    text
}

fn names(posture: &Posture, indices: &[usize]) -> String {
    let names: Vec<&str> =
        indices.iter().map(|index| posture.clusters[*index].name.as_str()).collect();
    prose(&clusters(&names, NAMED))
}

fn matrix(told: &Told, number: usize) -> String {
    let shown = &told.groups[..told.groups.len().min(COLUMNS)];
    let heads: Vec<&str> = shown.iter().map(|group| group.id.as_str()).collect();
    let mut text = format!(
        "| recommendation | level | {} |\n| --- | --- |{}\n",
        heads.join(" | "),
        " --- |".repeat(heads.len())
    );
    for (row, one) in told.recommendations.iter().enumerate() {
        let cells = shown.iter().map(|group| {
            let found = &group.cells[row];
            let marks = marks(found).replace('*', "\\*");
            let open = group.fails.may_be_open() && found.word.is_held();
            format!("{}{marks}{}", cell(found), if open { " ⚠" } else { "" })
        });
        text += &format!(
            "| [{}](#{}) {} | {} | {} |\n",
            prose(&one.id),
            anchor(number, one),
            prose(&one.title),
            prose(&one.level.to_string()),
            cells.collect::<Vec<_>>().join(" | ")
        );
    }
    text += "\n† somebody is exempt · \\* something is not reached, or only a part is enforced · ⚠ \
             the engine fails open, or may\n";
    let more = told.groups.len() - shown.len();
    if more > 0 {
        let all: usize = told.groups[COLUMNS..].iter().map(|group| group.clusters.len()).sum();
        text += &format!(
            "\n{} ({}) left out of this table; each stands below, and by name in \
             `ordinance posture --format csv`.\n",
            count(more, "more column"),
            count(all, "cluster")
        );
    }
    text + "\n"
}

fn recommendation(posture: &Posture, told: &Told, one: &Recommended, number: usize) -> String {
    let mut text = format!(
        "<a id=\"{}\"></a>\n\n#### {} {}\n\n",
        anchor(number, one),
        prose(&one.id),
        prose(&one.title)
    );
    if let Some(why) = &one.partly {
        text += &format!("Admission can enforce a part of it: {}.\n\n", prose(why));
    }
    if let Some(source) = &one.source {
        text += &format!("Stated in {}.\n\n", prose(source));
    }
    for alike in one.alike() {
        text += &standing_of(posture, told, &alike);
    }
    text + "\n"
}

fn standing_of(posture: &Posture, told: &Told, alike: &Alike<'_>) -> String {
    let one = alike.standing;
    let on = match alike.clusters.len() {
        all if all == told.clusters.len() && all > 1 => format!("on all {all} clusters"),
        _ => format!("on {}", names(posture, &alike.clusters)),
    };
    let mut text = format!("- **{}** {on}", prose(&standing(posture, one)));
    if let Some(why) = &one.why {
        text += &format!(": {}", ours(why));
    }
    if let Some(source) = &one.source {
        text += &format!(" ({})", ours(source));
    }
    text += "\n";
    for (by, shapes) in one.by.iter().zip(&alike.shapes) {
        text += &format!("  - by {}", shaped(by, shapes));
        if by.before {
            text += ", as asked for before";
        }
        if !is_plain(by) {
            let parts: Vec<String> =
                by.parts.iter().map(|one| prose(&part(posture, one))).collect();
            text += &format!(": {}", parts.join("; "));
        }
        text += "\n";
        for (all, clusters) in shapes.iter().filter(|_| shapes.len() > 1) {
            text += &format!("    - {} on {}\n", objects(by, all), names(posture, clusters));
        }
    }
    for gap in &one.gaps {
        text += &format!("  - but {}\n", ours(gap));
    }
    for name in &one.exemptions {
        text += &format!("  - exempt: [{}](#exemption-{name})\n", prose(name));
    }
    if !alike.decided.is_empty() {
        let labels: Vec<String> = alike.decided.iter().map(|label| code(label)).collect();
        text += &format!("  - asked for by {}\n", labels.join(", "));
    }
    text
}

/// A rule's file, and its objects where clusters do not differ in them.
fn shaped(by: &By, shapes: &[(&[String], Vec<usize>)]) -> String {
    match shapes {
        [(all, _)] => format!("{} in {}", objects(by, all), code(&by.file)),
        _ => code(&by.file),
    }
}

fn objects(by: &By, all: &[String]) -> String {
    match all {
        [] => format!("{} (nothing is rendered)", code(&by.rule)),
        all => all.iter().map(|object| code(object)).collect::<Vec<_>>().join(", "),
    }
}

fn blind(posture: &Posture) -> String {
    let mut text = "<a id=\"blind\"></a>\n\n## What is not seen, or not judged\n\n".to_owned();
    if posture.blind.is_empty() {
        return text + "Nothing is known.\n\n";
    }
    text += "| what | on | stated in |\n| --- | --- | --- |\n";
    for one in &posture.blind {
        let source = if one.source.is_empty() { "–".to_owned() } else { ours(&one.source) };
        let weighs = matches!(one.id, "paused" | "fails-open" | "fail-open-not-stated");
        let words = if weighs { format!("**{}**", ours(&one.words)) } else { ours(&one.words) };
        text += &format!(
            "| {words} | {}: {} | {source} |\n",
            one.clusters.len(),
            names(posture, &one.clusters)
        );
    }
    if posture.retired > 0 {
        text += &format!("\n{} left out: retired.\n", count(posture.retired, "cluster"));
    }
    text + "\n"
}

fn exemptions(posture: &Posture) -> String {
    let mut text = "<a id=\"exemptions\"></a>\n\n## Exemptions\n\n".to_owned();
    if posture.exemptions.is_empty() {
        text += "Nobody is exempt.\n\n";
    }
    for one in &posture.exemptions {
        text += &exemption(one);
    }
    if posture.others > 0 {
        let them = if posture.others == 1 { "concerns" } else { "concern" };
        text += &format!(
            "{} {them} no recommendation told here.\n\n",
            count(posture.others, "other exemption")
        );
    }
    text
}

fn exemption(one: &Exempted) -> String {
    let names: Vec<&str> = one.clusters.iter().map(String::as_str).collect();
    let on = match names.is_empty() {
        true => "no cluster that is asked for it".to_owned(),
        false => clusters(&names, NAMED),
    };
    let mut reaches: Vec<String> = vec![];
    for (framework, id) in &one.reaches {
        reaches.push(format!("{} {}", code(framework), prose(id)));
    }
    let dash = || "–".to_owned();
    let day = |day: Option<crate::date::Date>| day.map_or_else(dash, |day| day.to_string());
    let days: Vec<String> = one.reviewed.iter().map(ToString::to_string).collect();
    let state = one.state.in_words();
    let rows = [
        ("state", if one.state.is_wanting() { format!("**{state}**") } else { state }),
        ("because", prose(&one.reason)),
        ("for", prose(&format!("{} on {on}", one.scope))),
        ("lifts", prose(&one.lifts.join("; "))),
        ("reaches", if reaches.is_empty() { dash() } else { reaches.join(", ") }),
        ("owner", prose(&one.owner)),
        ("approved by", one.approved_by.as_deref().map_or_else(dash, prose)),
        ("ticket", one.ticket.as_deref().map_or_else(dash, prose)),
        ("granted", day(one.granted)),
        ("reviewed", if days.is_empty() { dash() } else { days.join(", ") }),
        ("next review by", day(one.review_due)),
        ("expires", one.expires.to_string()),
        ("written in", code(&one.place)),
    ];
    let mut text = format!(
        "<a id=\"exemption-{}\"></a>\n\n### {}\n\n| | |\n| --- | --- |\n",
        one.name,
        prose(&one.name)
    );
    for (label, words) in rows {
        text += &format!("| {label} | {words} |\n");
    }
    text + "\n"
}

fn decisions(posture: &Posture) -> String {
    let mut text = "<a id=\"decisions\"></a>\n\n## Who decided what, when\n\n".to_owned();
    if posture.decisions.is_empty() {
        return text + "No line decides anything here.\n";
    }
    let asked = posture.decisions.iter().any(|one| one.who != Who::NotAsked);
    let (head, line) = match asked {
        true => (" last written by | on | commit |", " --- | --- | --- |"),
        false => ("", ""),
    };
    text += &format!(
        "| | decision | in plain words | owner | ticket | written in |{head}\n\
         | --- | --- | --- | --- | --- | --- |{line}\n"
    );
    for one in &posture.decisions {
        text += &decision(one, asked);
    }
    text
}

fn decision(one: &Decision, asked: bool) -> String {
    let lines = match one.line.first == one.line.last {
        true => format!("{}:{}", one.line.path, one.line.first),
        false => format!("{}:{}-{}", one.line.path, one.line.first, one.line.last),
    };
    let who = match &one.who {
        _ if !asked => String::new(),
        Who::Committed { commit, author, day, or_earlier } => {
            let author = match or_earlier {
                true => format!("{author}, or earlier (the clone is shallow)"),
                false => author.clone(),
            };
            let short: String = commit.chars().take(10).collect();
            format!(" {} | {day} | {} |", prose(&author), code(&short))
        }
        Who::NotCommitted => " not committed | – | – |".to_owned(),
        Who::NotAsked => " – | – | – |".to_owned(),
    };
    format!(
        "| {} | {} | {} | {} | {} | {} |{who}\n",
        one.kind.in_words(),
        code(&one.name),
        prose(&one.what),
        prose(&one.owner),
        one.ticket.as_deref().map_or("–".to_owned(), prose),
        code(&lines)
    )
}
