//! `docs/conformance.md`: what tests have found, written by them and kept true by them.
//!
//! A part of the page stands between a mark with its name and `<!-- end -->`. A test has a part to
//! itself, or, where several find out one row each, a row of the part's table. What a test cannot
//! find out because something is not installed, it leaves alone: continuous integration has all.
//! With `CI_FULL=1` more is asked than the page tells of, and nothing is compared.

use super::binary::{blessing, full};
use super::files::root;
use std::sync::{Mutex, MutexGuard, PoisonError};

const BLESS: &str = "ORDINANCE_BLESS=1 writes it anew";

/// Tests write the page side by side, each its own part of it.
fn alone() -> MutexGuard<'static, ()> {
    static PAGE: Mutex<()> = Mutex::new(());
    // A part that is not true leaves the others alone.
    PAGE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The page in three: before the part, the part, after it.
fn split(name: &str) -> [String; 3] {
    let page = std::fs::read_to_string(root().join("docs/conformance.md")).expect("the page");
    let mark = format!("<!-- {name} -->\n");
    let (before, rest) = page.split_once(&mark).expect("the mark before the part");
    let (part, after) = rest.split_once("<!-- end -->\n").expect("the mark after it");
    [format!("{before}{mark}"), part.to_owned(), format!("<!-- end -->\n{after}")]
}

fn write([before, part, after]: [&str; 3]) {
    let page = format!("{before}\n{}\n\n{after}", part.trim());
    std::fs::write(root().join("docs/conformance.md"), page).expect("written");
}

/// Keeps a whole part.
pub fn keep(name: &str, found: &str) {
    if full() {
        return;
    }
    let _alone = alone();
    let [before, part, after] = split(name);
    match blessing() {
        true => write([&before, found, &after]),
        false => assert_eq!(part.trim(), found.trim(), "{name}: {BLESS}"),
    }
}

/// Keeps a row of a part's table; its first cell tells it from others.
pub fn keep_row(name: &str, cells: &[&dyn std::fmt::Display]) {
    if full() {
        return;
    }
    let _alone = alone();
    let cells: Vec<String> = cells.iter().map(ToString::to_string).collect();
    let row = format!("| {} |", cells.join(" | "));
    let key = format!("| {} |", cells[0]);
    let [before, part, after] = split(name);
    let mut lines: Vec<&str> = part.trim().lines().collect();
    let at = lines.iter().position(|line| line.starts_with(&key));
    if blessing() {
        match at {
            Some(at) => lines[at] = &row,
            None => lines.push(&row),
        }
        write([&before, &lines.join("\n"), &after]);
    } else {
        let found = at.map(|at| lines[at]).unwrap_or_default();
        assert_eq!(found, row, "{name}: {BLESS}");
    }
}
