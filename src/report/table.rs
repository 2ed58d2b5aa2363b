//! What was rendered, one line a cluster.

use crate::text::visible;

/// A cluster's line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    pub cluster: String,
    /// Engine, version and the kind of its policies, in words.
    pub target: String,
    pub rules: usize,
    pub deny: usize,
    pub warn: usize,
    pub audit: usize,
    pub exempt: usize,
    /// Files that change.
    pub files: usize,
}

/// A fleet larger than this is folded.
const SHOWN: usize = 40;

/// The table, aligned; of a large fleet, clusters that change come first into the part shown.
pub fn table(rows: &[Row], all: bool) -> String {
    let shown = if all || rows.len() <= SHOWN { rows.iter().collect() } else { folded(rows) };
    let header = ["cluster", "target", "rules", "deny", "warn", "audit", "exempt", "change"];
    let cells: Vec<[String; 8]> =
        [header.map(str::to_owned)].into_iter().chain(shown.iter().map(|row| cells(row))).collect();
    let width = |column: usize| {
        cells.iter().map(|line| line[column].chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let mut table = String::new();
    for line in &cells {
        table.push_str(&line_of(line, &widths));
    }
    let hidden = rows.len() - shown.len();
    if hidden > 0 {
        let changing = rows.iter().filter(|row| row.files > 0).count();
        let above = shown.iter().filter(|row| row.files > 0).count();
        let which = match changing - above {
            0 => "none of them changes".to_owned(),
            some => format!("{some} of them with changes"),
        };
        table.push_str(&format!("  … and {hidden} more, {which}; --all shows them\n"));
    }
    table
}

/// In the order given: those that change, and as many others as there is room for.
fn folded(rows: &[Row]) -> Vec<&Row> {
    let changing = rows.iter().filter(|row| row.files > 0).count().min(SHOWN);
    let (mut changed, mut others) = (changing, SHOWN - changing);
    rows.iter()
        .filter(|row| {
            let room = if row.files > 0 { &mut changed } else { &mut others };
            let fits = *room > 0;
            *room -= usize::from(fits);
            fits
        })
        .collect()
}

fn cells(row: &Row) -> [String; 8] {
    let change = match row.files {
        0 => "–".to_owned(),
        files => crate::text::count(files, "file"),
    };
    [
        visible(&row.cluster),
        visible(&row.target),
        row.rules.to_string(),
        row.deny.to_string(),
        row.warn.to_string(),
        row.audit.to_string(),
        row.exempt.to_string(),
        change,
    ]
}

/// Names to the left, numbers to the right.
fn line_of(cells: &[String; 8], widths: &[usize]) -> String {
    let mut line = String::new();
    for (column, (cell, width)) in cells.iter().zip(widths).enumerate() {
        // The three actions are one group.
        line.push_str(if matches!(column, 4 | 5) { " " } else { "  " });
        if (2..=6).contains(&column) {
            line.push_str(&format!("{cell:>width$}"));
        } else {
            line.push_str(&format!("{cell:<width$}"));
        }
    }
    format!("{}\n", line.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cluster: &str, target: &str, files: usize) -> Row {
        let (cluster, target) = (cluster.to_owned(), target.to_owned());
        Row { cluster, target, rules: 23, deny: 22, warn: 1, files, ..Row::default() }
    }

    #[test]
    fn columns_line_up() {
        let rows = [
            row("dev-eu-1", "Engine 1.19, ValidatingPolicy", 0),
            row("old-1", "Engine 1.12, ClusterPolicy", 1),
        ];
        assert_eq!(
            table(&rows, false),
            "  cluster   target                         rules  deny warn audit  exempt  change
  dev-eu-1  Engine 1.19, ValidatingPolicy     23    22    1     0       0  –
  old-1     Engine 1.12, ClusterPolicy        23    22    1     0       0  1 file
"
        );
    }

    #[test]
    fn a_large_fleet_is_folded_and_says_so() {
        let rows: Vec<Row> =
            (0..100).map(|n| row(&format!("c{n:03}"), "x", usize::from(n == 90))).collect();
        let folded = table(&rows, false);
        assert_eq!(folded.lines().count(), 42);
        assert!(folded.contains("  c090 "), "{folded}");
        assert!(folded.ends_with("\n  … and 60 more, none of them changes; --all shows them\n"));
        assert_eq!(table(&rows, true).lines().count(), 101);
        let busy: Vec<Row> = (0..50).map(|n| row(&format!("c{n:03}"), "x", 1)).collect();
        assert!(
            table(&busy, false)
                .ends_with("… and 10 more, 10 of them with changes; --all shows them\n")
        );
    }
}
