//! A lock that changes where no object does: only graces depend on it.

use super::Direction;
use crate::date::Date;
use crate::lock::{Held, Lock, Since};

/// Whether what is remembered grants a grace anew, or a longer one.
pub fn of_lock(old: &Lock, new: &Lock) -> Direction {
    let keeps = |these: &Lock, those: &Lock| {
        those.held.iter().all(|that| {
            // Most often the line is still there.
            these.held.contains(that) || these.held.iter().any(|this| stands_in(this, that))
        })
    };
    match (keeps(new, old), keeps(old, new)) {
        (true, true) => Direction::Neutral,
        (true, false) => Direction::Tightens,
        // What was in force is noted no more, or with a later day: it may be graced again.
        (false, _) => Direction::Loosens,
    }
}

/// Whether one line remembers as much of one demand as the other.
fn stands_in(this: &Held, that: &Held) -> bool {
    let strictness = |held: &Held| ["audit", "warn", "deny"].iter().position(|a| *a == held.action);
    let same = this.rule == that.rule
        && this.control == that.control
        && this.scope == that.scope
        && this.parameters == that.parameters;
    same
        && strictness(this) >= strictness(that)
        // No beginning is no grace.
        && begins(this.since) <= begins(that.since)
}

fn begins(since: Since) -> Option<Date> {
    match since {
        Since::Enforced => None,
        Since::First(day) | Since::Landed(day) => Some(day),
    }
}
