//! Clusters alike: for each recommendation its distinct standings, for the whole its columns.

use super::{ClusterFacts, Fails, Recommended, Standing, Word};
use crate::date::Date;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// A standing, and the clusters that have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    pub standing: Standing,
    /// Their places among all clusters, ascending.
    pub clusters: Vec<usize>,
}

/// A column: clusters on which every recommendation stands alike, however that is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// `A`, `B`, … `Z`, `AA`.
    pub id: String,
    /// Their places among all clusters, ascending.
    pub clusters: Vec<usize>,
    pub fails: Fails,
    /// One for each recommendation.
    pub cells: Vec<Cell>,
}

/// A standing as far as a column tells it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    pub word: Word,
    pub until: Option<Date>,
    /// An exemption frees somebody from it.
    pub exempt: bool,
    /// Something is not reached, or only a part is enforced.
    pub gaps: bool,
}

/// Standings that differ in nothing but their objects and in who asks for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alike<'a> {
    /// The first of them.
    pub standing: &'a Standing,
    /// The places of their clusters among all, ascending.
    pub clusters: Vec<usize>,
    /// For each rule of the standing: its distinct objects, and on which clusters it is these.
    pub shapes: Vec<Vec<(&'a [String], Vec<usize>)>>,
    /// Every requirement that asks for it somewhere, sorted.
    pub decided: Vec<&'a str>,
}

impl Recommended {
    /// Its standings, those together that people need not tell apart.
    pub fn alike(&self) -> Vec<Alike<'_>> {
        let mut known: BTreeMap<Standing, Vec<&Variant>> = BTreeMap::new();
        for variant in &self.variants {
            let mut bare = variant.standing.clone();
            bare.decided.clear();
            bare.by.iter_mut().for_each(|by| by.objects.clear());
            known.entry(bare).or_default().push(variant);
        }
        let mut found: Vec<Alike<'_>> = known.into_values().map(|all| together(&all)).collect();
        found.sort_by_key(|one| (Reverse(one.clusters.len()), one.clusters[0]));
        found
    }
}

fn together<'a>(all: &[&'a Variant]) -> Alike<'a> {
    let standing = &all[0].standing;
    let sorted = |mut list: Vec<usize>| {
        list.sort_unstable();
        list
    };
    let shapes = (0..standing.by.len()).map(|rule| {
        let mut shapes: BTreeMap<&[String], Vec<usize>> = BTreeMap::new();
        for one in all {
            shapes.entry(&one.standing.by[rule].objects).or_default().extend(&one.clusters);
        }
        let shapes = shapes.into_iter();
        let mut shapes: Vec<(&[String], Vec<usize>)> =
            shapes.map(|(objects, clusters)| (objects, sorted(clusters))).collect();
        shapes.sort_by_key(|(_, clusters)| (Reverse(clusters.len()), clusters[0]));
        shapes
    });
    let decided: BTreeSet<&str> =
        all.iter().flat_map(|one| &one.standing.decided).map(String::as_str).collect();
    Alike {
        standing,
        clusters: sorted(all.iter().flat_map(|one| one.clusters.iter().copied()).collect()),
        shapes: shapes.collect(),
        decided: decided.into_iter().collect(),
    }
}

/// The standings of some clusters, what most of them have first.
pub fn variants<'a>(clusters: &[usize], standing: impl Fn(usize) -> &'a Standing) -> Vec<Variant> {
    let mut known: BTreeMap<&Standing, Vec<usize>> = BTreeMap::new();
    for index in clusters {
        known.entry(standing(*index)).or_default().push(*index);
    }
    let mut variants: Vec<Variant> = known
        .into_iter()
        .map(|(standing, clusters)| Variant { standing: standing.clone(), clusters })
        .collect();
    variants.sort_by_key(|one| (Reverse(one.clusters.len()), one.clusters[0]));
    variants
}

pub fn groups(
    clusters: &[usize],
    recommendations: &[Recommended],
    facts: &[ClusterFacts],
) -> Vec<Group> {
    let mut columns: BTreeMap<usize, Vec<Cell>> =
        clusters.iter().map(|index| (*index, vec![])).collect();
    for one in recommendations {
        for variant in &one.variants {
            let standing = &variant.standing;
            let cell = Cell {
                word: standing.word,
                until: standing.until,
                exempt: !standing.exemptions.is_empty(),
                gaps: !standing.gaps.is_empty() || one.partly.is_some() && standing.word.is_held(),
            };
            for index in &variant.clusters {
                columns.entry(*index).or_default().push(cell.clone());
            }
        }
    }
    let mut known: BTreeMap<(Vec<Cell>, Fails), Vec<usize>> = BTreeMap::new();
    for (index, cells) in columns {
        known.entry((cells, facts[index].fails)).or_default().push(index);
    }
    let mut groups: Vec<Group> = known
        .into_iter()
        .map(|((cells, fails), clusters)| Group { id: String::new(), clusters, fails, cells })
        .collect();
    groups.sort_by_key(|one| (Reverse(one.clusters.len()), one.clusters[0]));
    for (number, group) in groups.iter_mut().enumerate() {
        group.id = letters(number);
    }
    groups
}

/// As spreadsheets name columns.
fn letters(number: usize) -> String {
    let last = char::from(b'A' + u8::try_from(number % 26).unwrap_or(0));
    match number / 26 {
        0 => last.to_string(),
        more => format!("{}{last}", letters(more - 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::letters;

    #[test]
    fn columns_are_named_like_those_of_a_spreadsheet() {
        let named: Vec<String> = [0, 25, 26, 51, 52, 701, 702].map(letters).into();
        assert_eq!(named, ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
    }
}
