//! `ordinance.lock`: what a cluster's folder was rendered from, one sorted fact a line.
//!
//! It is an input of the next render: the days that rules were first rendered for start graces,
//! and only files it names are ever removed. It never names the cluster, so clusters alike have
//! locks alike.

mod held;
pub mod landings;

pub use held::{Held, HeldScope, Since};
pub use landings::Landings;

use crate::date::Date;
use crate::name;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The file's name within a cluster's folder.
pub const FILE: &str = "ordinance.lock";

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    /// Version and digest of the catalogue that was rendered with.
    pub catalogue: Option<(String, String)>,
    /// The date the folder was last changed for.
    pub rendered_for: Option<Date>,
    /// Rendered files below the folder, with the digests of their bytes.
    pub files: BTreeMap<String, String>,
    /// Rendered files that go with the next change, once nothing depends on them.
    pub retiring: BTreeSet<String>,
    /// Per rule and requirement: the digest of its meaning, and the day it was first rendered.
    pub rules: BTreeMap<(String, String), (String, Date)>,
    /// What has been asked for, and since when.
    pub held: BTreeSet<Arc<Held>>,
    /// The sync tool's files, as `tool/file`.
    pub sync: BTreeSet<String>,
}

/// What is remembered of a cluster: what has landed, and what is proposed and has not.
///
/// A proposal that waits to be merged is not dated anew every day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remembered {
    pub landed: Arc<Lock>,
    pub proposed: Option<Arc<Lock>>,
}

impl Remembered {
    /// The day a requirement's rule was first rendered or proposed here.
    pub fn first(&self, rule: &str, requirement: &str) -> Option<Date> {
        let locks = [Some(&self.landed), self.proposed.as_ref()];
        let mut locks = locks.into_iter().flatten();
        locks.clone().find_map(|lock| lock.first(rule, requirement)).or_else(|| {
            // A requirement without a name is known by its number, which changes when another is
            // put before it. Which of them is new cannot be told, so that none of them begins
            // anew: a grace that is over does not come back. One with a name is new.
            let intent = numbered(requirement)?;
            locks.find_map(|lock| lock.first_of_number(rule, intent))
        })
    }

    /// The date of a lock that says the same but for its date; else `today`.
    pub fn date(&self, lock: &Lock, today: Date) -> Date {
        let same = |other: &&Lock| Lock { rendered_for: None, ..(*other).clone() } == *lock;
        let known = [Some(&*self.landed), self.proposed.as_deref()].into_iter().flatten();
        known.filter(same).find_map(|other| other.rendered_for).unwrap_or(today)
    }
}

/// The intent of a requirement that is known by its number, as in `limits/2`.
fn numbered(requirement: &str) -> Option<&str> {
    let (intent, number) = requirement.rsplit_once('/')?;
    number.bytes().all(|byte| byte.is_ascii_digit()).then_some(intent)
}

impl Lock {
    /// The day a requirement's rule was first rendered here.
    pub fn first(&self, rule: &str, requirement: &str) -> Option<Date> {
        self.rules.get(&(rule.to_owned(), requirement.to_owned())).map(|(_, first)| *first)
    }

    fn first_of_number(&self, rule: &str, intent: &str) -> Option<Date> {
        let same = |label: &str| numbered(label) == Some(intent);
        let known = self.rules.iter().filter(|((name, label), _)| name == rule && same(label));
        known.map(|(_, (_, first))| *first).min()
    }

    pub fn write(&self) -> String {
        let mut lines = vec![];
        if let Some((version, digest)) = &self.catalogue {
            lines.push(format!("catalogue {version} sha256:{digest}"));
        }
        if let Some(date) = self.rendered_for {
            lines.push(format!("rendered-for {date}"));
        }
        lines
            .extend(self.files.iter().map(|(path, digest)| format!("file {path} sha256:{digest}")));
        lines.extend(self.retiring.iter().map(|path| format!("retiring {path}")));
        lines.extend(self.sync.iter().map(|path| format!("sync {path}")));
        lines.extend(self.held.iter().map(|held| held.to_string()));
        lines.extend(self.rules.iter().map(|((rule, requirement), (digest, first))| {
            format!("rule {rule} requirement {requirement} {digest} first {first}")
        }));
        lines.push(format!("{DIGEST}{}", digest(lines.iter().map(String::as_str))));
        lines.sort();
        lines.join("\n") + "\n"
    }

    /// Reads a lock; `Err` says what is wrong with it.
    ///
    /// A line that was put in, taken out or changed by hand could begin a grace anew: the lines
    /// must be those the lock was written with.
    pub fn read(text: &str) -> Result<Lock, String> {
        let stated = text.lines().find_map(|line| line.strip_prefix(DIGEST));
        let others = text.lines().filter(|line| !line.starts_with(DIGEST));
        let mut lock = Lock::default();
        for (index, line) in text.lines().enumerate() {
            let words: Vec<&str> = line.split(' ').collect();
            let damaged = || format!("line {} cannot be read: `{line}`", index + 1);
            let date = |written: &str| written.parse::<Date>().map_err(|_| damaged());
            let sum_of = |written: &str| {
                written.strip_prefix("sha256:").map(str::to_owned).ok_or_else(damaged)
            };
            match words[..] {
                ["catalogue", version, sum] => {
                    lock.catalogue = Some((version.to_owned(), sum_of(sum)?));
                }
                ["rendered-for", day] => lock.rendered_for = Some(date(day)?),
                ["file", path, sum] if safe(path) => {
                    lock.files.insert(path.to_owned(), sum_of(sum)?);
                }
                ["digest", _] => {}
                ["retiring", path] if safe(path) => {
                    lock.retiring.insert(path.to_owned());
                }
                ["sync", path] if safe(path) => {
                    lock.sync.insert(path.to_owned());
                }
                ["rule", rule, "requirement", requirement, sum, "first", day] => {
                    let key = (rule.to_owned(), requirement.to_owned());
                    lock.rules.insert(key, (sum.to_owned(), date(day)?));
                }
                ["held", ..] => {
                    let rest = line.strip_prefix("held ").unwrap_or_default();
                    lock.held.insert(Arc::new(Held::read(rest).ok_or_else(damaged)?));
                }
                _ => return Err(damaged()),
            }
        }
        match stated {
            Some(stated) if stated == digest(others) => Ok(lock),
            Some(_) => Err("its lines are not those it was written with".to_owned()),
            None => Err("the digest of its lines is missing".to_owned()),
        }
    }
}

/// What the line begins with that has the digest of all others.
const DIGEST: &str = "digest sha256:";

/// The digest of lines in their order, which is that of their bytes.
fn digest<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let mut lines: Vec<&str> = lines.collect();
    lines.sort_unstable();
    name::digest(lines.join("\n").as_bytes())
}

/// A path that stays in its folder: the lock decides what is removed.
fn safe(path: &str) -> bool {
    !path.is_empty()
        && !path.contains('\\')
        && path.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A lock with these lines.
    fn read(text: &str) -> Result<Lock, String> {
        Lock::read(&format!("{text}{DIGEST}{}\n", digest(text.lines())))
    }

    #[test]
    fn what_is_written_is_read_back_and_sorted() {
        let text = "catalogue 0.1.0 sha256:ab\nfile policies/a.yaml sha256:00\nrendered-for 2026-11-22\nrule a requirement no-root/1 9c1f04ab first 2026-11-22\nsync tool/policies.yaml\n";
        let sum = digest(text.lines());
        let written = read(text).unwrap().write();
        assert_eq!(written.replace(&format!("{DIGEST}{sum}\n"), ""), text);
        assert_eq!(Lock::read(&written).unwrap(), read(text).unwrap());
    }

    #[test]
    fn a_number_may_change_and_a_name_may_not() {
        let lock = |label: &str| {
            let text = format!("rule a requirement limits/{label} 9c1f04ab first 2026-11-22\n");
            Remembered { landed: Arc::new(read(&text).unwrap()), proposed: None }
        };
        let day = Some("2026-11-22".parse().unwrap());
        assert_eq!(lock("1").first("a", "limits/2"), day);
        assert_eq!(lock("1").first("a", "limits/more"), None);
        assert_eq!(lock("most").first("a", "limits/2"), None);
        assert_eq!(lock("most").first("a", "limits/most"), day);
        assert_eq!(lock("1").first("a", "other/1"), None);
    }

    #[test]
    fn a_lock_cannot_name_a_file_outside_its_folder() {
        let text = "rendered-for 2026-11-22\nfile ../../etc/passwd sha256:00\n";
        assert!(read(text).unwrap_err().starts_with("line 2 cannot be read"));
    }

    #[test]
    fn a_lock_that_was_edited_is_told() {
        let written = read("rendered-for 2026-11-22\n").unwrap().write();
        let edited = written.replace("11-22", "12-22");
        assert_eq!(Lock::read(&edited), Err("its lines are not those it was written with".into()));
        let less = "rendered-for 2026-11-22\n";
        assert_eq!(Lock::read(less), Err("the digest of its lines is missing".into()));
    }
}
