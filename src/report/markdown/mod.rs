//! A change as Markdown: for a job's summary, and as the body of a proposal.

pub mod body;
pub mod budget;
pub mod exemptions;
pub mod proposal;

use super::{Comparison, safe};
use crate::text;
use body::Body;
use budget::Budget;

/// Everything there is to say, of whatever length.
pub fn write(comparison: &Comparison<'_>) -> String {
    within(comparison, Budget::NONE)
}

/// As much as a place takes.
pub fn within(comparison: &Comparison<'_>, budget: Budget) -> String {
    let Comparison { change, known, .. } = *comparison;
    let against = safe::code(comparison.against);
    if let (true, Some(left_out)) = (change.entries.is_empty(), change.says_left_out()) {
        return format!("{}, compared with {against}; {left_out}.\n", change.says_nothing());
    }
    if change.is_empty() {
        let all = text::count(change.compared, "cluster");
        return format!("Nothing changes: {all} compared with {against}.\n");
    }
    let body = Body {
        change,
        known,
        lead: &format!("Compared with {against}: "),
        commits: &[],
        reproduce: "",
        controls: "",
        footer: "",
        all_of_it: "`ordinance diff --format markdown`",
        budget,
    };
    body.write("")
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
