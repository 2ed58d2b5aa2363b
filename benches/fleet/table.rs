//! The table that is printed: what was done, how long it took, beside what, and the aim.

use super::process::Cost;

/// One line of the table.
pub struct Row {
    pub what: String,
    pub clusters: usize,
    pub cost: Option<Cost>,
    pub memory: Option<u64>,
    pub aims: Vec<Aim>,
}

/// Something that was measured, and what it should be below.
pub struct Aim {
    pub name: &'static str,
    pub unit: &'static str,
    pub measured: f64,
    /// Nothing is promised where this is left out.
    pub below: Option<f64>,
}

impl Aim {
    fn text(&self) -> String {
        let number = |value: f64| match value {
            value if value >= 100.0 => format!("{value:.0}{}", self.unit),
            value => format!("{value:.2}{}", self.unit),
        };
        let measured = format!("{} {}", self.name, number(self.measured));
        match self.below {
            None => measured,
            Some(below) if self.measured <= below => {
                format!("{measured} (aim {}: met)", number(below))
            }
            Some(below) => format!("{measured} (aim {}: **missed**)", number(below)),
        }
    }
}

pub fn print(rows: &[Row]) {
    println!("| what | clusters | wall | processor | peak memory | beside its aim |");
    println!("|---|---:|---:|---:|---:|---|");
    for row in rows {
        let none = || "–".to_owned();
        let seconds = |time: std::time::Duration| format!("{:.2} s", time.as_secs_f64());
        let wall = row.cost.map_or_else(none, |cost| seconds(cost.wall));
        let processor = row.cost.and_then(|cost| cost.processor).map_or_else(none, seconds);
        let memory = row.memory.map_or_else(none, |bytes| format!("{} MB", bytes / 1_000_000));
        let aims: Vec<String> = row.aims.iter().map(Aim::text).collect();
        println!(
            "| {} | {} | {wall} | {processor} | {memory} | {} |",
            row.what,
            row.clusters,
            aims.join("; ")
        );
    }
}
