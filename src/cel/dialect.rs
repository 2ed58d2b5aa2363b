//! What a target's CEL has: its libraries, and what an expression may cost there.
//!
//! The facts are data: `templates/cel/libraries.tsv` says when a library came, and
//! `templates/cel/targets.tsv` what each engine's version is built with.

use std::collections::BTreeSet;

const LIBRARIES: &str = include_str!("../../templates/cel/libraries.tsv");
const TARGETS: &str = include_str!("../../templates/cel/targets.tsv");

/// The CEL of one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialect {
    libraries: BTreeSet<&'static str>,
    /// What one expression may cost; no limit without.
    pub expression_limit: Option<u64>,
    /// What all expressions of a policy may cost for one request; no limit without.
    pub policy_limit: Option<u64>,
    shown: String,
    common: bool,
}

impl Dialect {
    /// The CEL of policies of kind `shape`, in a version of the engine that has such policies;
    /// `None` for a version older than the table.
    pub fn of(shape: &str, version: (u16, u16)) -> Option<Dialect> {
        let mut rows: Vec<Vec<&'static str>> =
            rows(TARGETS).filter(|row| row[1] == shape).collect();
        rows.retain(|row| minor(row[2]).is_some_and(|first| first <= version));
        let row = rows.into_iter().max_by_key(|row| minor(row[2]))?;
        let newest = row[3].parse::<u32>().ok();
        let mut libraries: BTreeSet<&'static str> = rows_of_libraries()
            .filter(|(_, since)| matches!((since, newest), (Some(since), Some(newest)) if *since <= newest))
            .map(|(library, _)| library)
            .collect();
        libraries.extend(names(row[4]));
        for library in names(row[5]) {
            libraries.remove(library);
        }
        Some(Dialect {
            libraries,
            expression_limit: row[6].parse().ok(),
            policy_limit: row[7].parse().ok(),
            shown: format!("{} {}.{}", row[1], version.0, version.1),
            common: false,
        })
    }

    /// The CEL of such policies in the newest version that is known.
    pub fn newest(shape: &str) -> Option<Dialect> {
        Dialect::of(shape, (u16::MAX, u16::MAX))
    }

    /// Everything there is, without a limit: what can be evaluated at all.
    pub fn complete() -> Dialect {
        let libraries = rows_of_libraries().map(|(library, _)| library).collect();
        let shown = "any engine".to_owned();
        Dialect { libraries, expression_limit: None, policy_limit: None, shown, common: false }
    }

    /// What every target of the table has.
    pub(super) fn everywhere() -> Dialect {
        let every = rows(TARGETS).filter_map(|row| Dialect::of(row[1], minor(row[2])?));
        let common = every.reduce(|mut common, one| {
            common.libraries.retain(|library| one.has(library));
            common
        });
        let shown = "every engine".to_owned();
        Dialect { shown, common: true, ..common.unwrap_or_else(Dialect::complete) }
    }

    /// Whether it stands for all targets, so that its complaints are about portability.
    pub(super) fn is_common(&self) -> bool {
        self.common
    }

    pub fn has(&self, library: &str) -> bool {
        self.libraries.contains(library)
    }

    /// Words for messages: `ValidatingAdmissionPolicy 1.30`.
    pub fn shown(&self) -> &str {
        &self.shown
    }
}

fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| line.split('\t').collect())
}

fn rows_of_libraries() -> impl Iterator<Item = (&'static str, Option<u32>)> {
    rows(LIBRARIES).map(|row| (row[0], row[1].parse().ok()))
}

fn names(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.split(',').filter(|name| *name != "-")
}

fn minor(version: &str) -> Option<(u16, u16)> {
    let (major, minor) = version.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::super::functions;
    use super::*;

    #[test]
    fn every_library_of_the_tables_exists() {
        let listed: BTreeSet<_> = rows_of_libraries().map(|(library, _)| library).collect();
        let macros = BTreeSet::from(["bindings", "twovar"]);
        let used: BTreeSet<_> = functions::libraries().union(&macros).copied().collect();
        assert_eq!(listed, used);
        for row in rows(TARGETS) {
            assert_eq!(row.len(), 8, "{row:?}");
            for library in names(row[4]).chain(names(row[5])) {
                assert!(listed.contains(library), "{library} in {row:?}");
            }
        }
    }

    #[test]
    fn what_is_portable_is_there_on_every_target() {
        for row in rows(TARGETS) {
            let version = minor(row[2]).expect(row[2]);
            let dialect = Dialect::of(row[1], version).expect(row[0]);
            for library in functions::portable_libraries() {
                assert!(dialect.has(library), "{library} on {row:?}");
            }
        }
    }

    #[test]
    fn a_library_comes_with_a_version() {
        let of = |minor| Dialect::of("ValidatingAdmissionPolicy", (1, minor));
        assert_eq!(of(29), None);
        let old = of(30).expect("the oldest supported version");
        assert!(old.has("sets") && old.has("quantity") && !old.has("ip") && !old.has("math"));
        assert!(of(31).is_some_and(|one| one.has("ip") && !one.has("format")));
        assert!(of(99).is_some_and(|one| one.has("extlists") && one.has("lists1")));
        assert_eq!(old.policy_limit, Some(10_000_000));
    }
}
