//! Exemptions for a terminal: a line each, and below it what is lifted, for whom and why.

use super::lifts;
use crate::calendar::Standing;
use crate::report::Exemptions;
use crate::text::{count, visible};

pub fn write(exemptions: &Exemptions<'_>) -> String {
    let all = exemptions.standings;
    if all.is_empty() {
        return "There are no exemptions.\n".to_owned();
    }
    let heads: Vec<[String; 5]> =
        std::iter::once(["exemption", "owner", "age", "left", "state"].map(str::to_owned))
            .chain(all.iter().map(cells))
            .collect();
    let width = |column: usize| heads.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..5).map(|column| width(column).unwrap_or(0)).collect();
    let line = |row: &[String; 5]| {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
            if matches!(column, 2 | 3) {
                format!("{cell:>width$}")
            } else {
                format!("{cell:<width$}")
            }
        });
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    let mut text = line(&heads[0]);
    for (standing, row) in all.iter().zip(&heads[1..]) {
        text += &line(row);
        for (label, words) in details(exemptions, standing) {
            text += &format!("  {label:<8}  {words}\n");
        }
    }
    let wanting = all.iter().filter(|one| one.state.is_wanting()).count();
    let end = match wanting {
        0 => "nothing to do".to_owned(),
        1 => "1 of them wants something done".to_owned(),
        _ => format!("{wanting} of them want something done"),
    };
    text + &format!("{} on {}: {end}\n", count(all.len(), "exemption"), exemptions.today)
}

fn cells(standing: &Standing<'_>) -> [String; 5] {
    let days = |days: Option<i64>| days.map_or("–".to_owned(), |days| format!("{days}d"));
    let lifting = standing.lifting;
    [
        visible(&lifting.name),
        on_one_line(&lifting.owner),
        days(standing.age),
        days(standing.left),
        standing.state.in_words(),
    ]
}

fn details(exemptions: &Exemptions<'_>, standing: &Standing<'_>) -> Vec<(&'static str, String)> {
    let lifting = standing.lifting;
    let lifted = lifts(standing).into_iter();
    let lifted = lifted.map(|(intent, controls)| format!("{} of {intent}", controls.join(", ")));
    let images = format!("images {}", lifting.images.join(", "));
    let who = lifting.scope.in_words(&images);
    let whole = if who.is_empty() { "everything".to_owned() } else { who };
    let on = match (lifting.clusters.is_all(), &standing.clusters[..]) {
        (_, []) => "no cluster that is asked for it".to_owned(),
        (true, all) => format!("all of {}", count(all.len(), "cluster")),
        (false, some) => crate::change::clusters(some),
    };
    let place = exemptions.sources.short(lifting.place);
    vec![
        ("lifts", visible(&lifted.collect::<Vec<_>>().join("; "))),
        ("for", visible(&format!("{whole} on {on}"))),
        ("because", format!("{}   {place}", on_one_line(&lifting.reason))),
    ]
}

fn on_one_line(text: &str) -> String {
    visible(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}
