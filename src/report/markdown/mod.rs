//! A change as Markdown: for a job's summary, and as the body of a proposal.

pub mod exemptions;
mod ladder;
pub mod proposal;
mod safe;
mod sections;

use super::Comparison;
use crate::text;

/// Everything there is to say, of whatever length.
pub fn write(comparison: &Comparison<'_>) -> String {
    let change = comparison.change;
    let against = safe::code(comparison.against);
    if let (true, Some(left_out)) = (change.entries.is_empty(), change.says_left_out()) {
        return format!("{}, compared with {against}; {left_out}.\n", change.says_nothing());
    }
    if change.is_empty() {
        let all = text::count(change.compared, "cluster");
        return format!("Nothing changes: {all} compared with {against}.\n");
    }
    let fitted = ladder::fit(&change.entries, usize::MAX);
    format!(
        "Compared with {against}: {}{}\n\n{}\n{}",
        sections::verdict(change),
        change.says_left_out().map(|said| format!(" · {said}")).unwrap_or_default(),
        fitted.table,
        fitted.details
    )
}

#[cfg(test)]
mod tests {
    use super::super::{Known, sample};
    use super::*;
    use crate::change::Change;

    #[test]
    fn a_change_reads_like_this() {
        let change = sample::change();
        let report = write(&Comparison {
            change: &change,
            against: "HEAD",
            colour: false,
            known: &Known::default(),
        });
        assert_eq!(report, include_str!("tests/change.md"));
    }

    #[test]
    fn no_change_is_said() {
        let change = Change { compared: 1, ..Change::default() };
        assert_eq!(
            write(&Comparison {
                change: &change,
                against: "main",
                colour: false,
                known: &Known::default()
            }),
            "Nothing changes: 1 cluster compared with `main`.\n"
        );
    }
}
