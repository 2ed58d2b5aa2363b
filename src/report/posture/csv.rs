//! The posture as a table for spreadsheets, as RFC 4180 writes it: a row for each cluster and
//! recommendation.
//!
//! A spreadsheet runs a cell that begins like a formula. Such a cell begins with an apostrophe
//! here, which spreadsheets do not show.

use super::part;
use crate::posture::{Posture, Standing};
use crate::text::visible;
use std::collections::BTreeMap;

const HEAD: [&str; 21] = [
    "day",
    "framework",
    "version",
    "recommendation",
    "level",
    "title",
    "cluster",
    "cluster state",
    "engine",
    "while the engine is away",
    "standing",
    "until",
    "in words",
    "objects",
    "files",
    "what they do",
    "exemptions",
    "gaps",
    "why",
    "source",
    "asked for by",
];

pub fn write(posture: &Posture) -> String {
    let mut text = row(HEAD.map(str::to_owned));
    for told in &posture.frameworks {
        for one in &told.recommendations {
            let by_cluster: BTreeMap<usize, &Standing> = one
                .variants
                .iter()
                .flat_map(|variant| variant.clusters.iter().map(|at| (*at, &variant.standing)))
                .collect();
            for (index, standing) in by_cluster {
                let cluster = &posture.clusters[index];
                let home = format!("{}/{}", posture.output, cluster.name);
                let mut gaps = standing.gaps.clone();
                if let Some(why) = one.partly.as_ref().filter(|_| standing.word.is_held()) {
                    gaps.insert(0, format!("admission can enforce a part of it: {why}"));
                }
                let by = || standing.by.iter().filter(|by| !by.objects.is_empty());
                let parts = standing.by.iter().flat_map(|by| {
                    by.parts.iter().map(|one| format!("{} {}", by.rule, part(posture, one)))
                });
                text += &row([
                    posture.day.to_string(),
                    told.name.clone(),
                    told.version.clone(),
                    one.id.clone(),
                    one.level.to_string(),
                    one.title.clone(),
                    cluster.name.clone(),
                    format!("{:?}", cluster.state).to_lowercase(),
                    cluster.engine.clone(),
                    cluster.fails.id().to_owned(),
                    standing.word.id().to_owned(),
                    standing.until.map(|day| day.to_string()).unwrap_or_default(),
                    super::standing(posture, standing),
                    list(by().flat_map(|by| by.objects.clone())),
                    list(by().map(|by| format!("{home}/{}", by.file))),
                    list(parts),
                    list(standing.exemptions.iter().cloned()),
                    list(gaps),
                    standing.why.clone().unwrap_or_default(),
                    standing.source.clone().unwrap_or_default(),
                    list(standing.decided.iter().cloned()),
                ]);
            }
        }
    }
    text
}

fn list(items: impl IntoIterator<Item = String>) -> String {
    items.into_iter().collect::<Vec<_>>().join("; ")
}

fn row<const N: usize>(cells: [String; N]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| self::cell(cell)).collect();
    format!("{}\r\n", cells.join(","))
}

/// A cell that is text, whatever it holds.
fn cell(text: &str) -> String {
    let text = visible(&text.split_whitespace().collect::<Vec<_>>().join(" "));
    let runs = text.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    let text = if runs { format!("'{text}") } else { text };
    match text.contains(['"', ',', '\'', ';']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn no_cell_is_a_formula() {
        for (text, written) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"no\"", "\"say \"\"no\"\"\""),
            ("=1+1", "\"'=1+1\""),
            ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\t=1", "\"'=1\""),
            ("\r\n@x", "\"'@x\""),
            ("a\nb", "a b"),
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
            ("＝1", "\"'＝1\""),
        ] {
            assert_eq!(cell(text), written, "{text:?}");
        }
    }
}
