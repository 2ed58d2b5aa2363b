//! `propose` killed at every call that writes: the branch is then where it was or where it should
//! be, the repository is whole, the work tree untouched, and the next run finishes.

use crate::kill::{can_trace, killed};
use crate::support::binary::must;
use crate::support::files::{self, root};
use crate::support::repository::Repository;
use rayon::prelude::*;

/// Calls that change a repository; each is counted by itself.
const CALLS: &[&str] = &[
    "write",
    "pwrite64",
    "mkdir",
    "link",
    "linkat",
    "rename",
    "renameat",
    "renameat2",
    "unlink",
    "unlinkat",
    "ftruncate",
];

const BRANCH: &str = "refs/heads/ordinance/main";

/// A policy repository whose render has not landed.
fn repository() -> Repository {
    let repository = Repository::new();
    files::write(repository.path(), &files::read(&root().join("tests/complaints/base")));
    let fleet = std::fs::read_to_string(repository.path().join("ordinance.yaml")).unwrap();
    repository
        .write("ordinance.yaml", &format!("{fleet}  delivery: {{forge: {{name: github}}}}\n"));
    repository.commit("Say what is wanted");
    repository
}

fn tip(repository: &Repository) -> Option<String> {
    let (found, id, _) = repository.try_git(&["rev-parse", "--verify", "-q", BRANCH]);
    found.then(|| id.trim().to_owned())
}

#[test]
fn killed_at_any_call_the_branch_is_old_or_new_and_the_next_run_finishes() {
    if !can_trace() {
        println!("strace cannot be used here, so `propose` is not killed at every call");
        return;
    }
    let propose: &[&str] = &["propose", "--local"];
    let judge = |call: &str, number: usize| -> bool {
        let repository = repository();
        let before = repository.git(&["rev-parse", "HEAD"]);
        if !killed(repository.path(), propose, call, number) {
            return false;
        }
        let left = tip(&repository);
        repository.git(&["fsck", "--strict", "--no-dangling"]);
        assert_eq!(repository.git(&["status", "--porcelain"]), "", "{call} {number}");
        assert_eq!(repository.git(&["rev-parse", "HEAD"]), before, "{call} {number}");
        // A lock that a killed program left behind is git's own to complain about.
        let lock = repository.path().join(".git").join(format!("{BRANCH}.lock"));
        if lock.exists() {
            std::fs::remove_file(lock).unwrap();
        }
        must(repository.path(), propose);
        let finished = tip(&repository).expect("the next run finishes");
        let whole = left.is_none_or(|left| left == finished);
        assert!(whole, "{call} {number}: the branch was neither old nor new");
        true
    };
    let kills = |call: &&str| (1..).take_while(|number| judge(call, *number)).count();
    let kills: Vec<(&str, usize)> = CALLS.par_iter().map(|call| (*call, kills(call))).collect();
    println!("killed at {kills:?}");
    let count: usize = kills.iter().map(|(_, count)| count).sum();
    assert!(count >= 5, "{kills:?}");
}
