//! As much as there is room for, from the top.
//!
//! | tier | what is left |
//! | --- | --- |
//! | `T0` | everything |
//! | `T1` | without the text of one cluster's file |
//! | `T2` | what changes in words, and numbers of clusters |
//! | `T3` | the table, and the parts of outliers |
//! | `T4` | the first rows of the table, which are the worst |
//! | `T5` | the verdict, what needs a person, and where the rest is |
//!
//! The worst changes come first, so as many of them as there is room for keep the tier above that
//! of the others. Every step is at the end of a change: nothing is cut in its middle. What was left
//! out is said, always. The same changes and the same budget make the same bytes.

use super::each::{Tier, part};
use super::needs::{Share, needs};
use super::verdict::verdict;
use super::{Told, around, rows};
use crate::change::Direction;
use crate::text;
use std::cell::OnceCell;

/// How many reasons and dates of each kind are listed, as far as they take less than half the room.
const LISTED: [usize; 6] = [usize::MAX, 50, 10, 3, 1, 0];

/// How far the ladder is climbed: up to the number of changes it counts rows; the next rung has all
/// of the table and what is around it, and with every further one, one more change is told a tier
/// higher.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rung(usize);

impl Rung {
    /// How many changes are told a tier above `T3`, counting one twice that is told two above; none
    /// where only rows are counted.
    fn steps(self, all: usize) -> Option<usize> {
        self.0.checked_sub(all + 1)
    }
}

/// The parts of changes, each made once and only if it is looked at.
struct Parts<'a> {
    told: &'a Told<'a>,
    rows: Vec<OnceCell<String>>,
    short: Vec<OnceCell<String>>,
    details: Vec<[OnceCell<String>; 3]>,
    verdict: String,
    /// What needs a person, with and without a table below it.
    needs: [String; 2],
    around: [String; 2],
    /// Not all reasons and dates are listed.
    listed: bool,
}

/// The body within its budget, without its mark.
pub fn fit(told: &Told<'_>, reserved: &str) -> String {
    let fits = |text: &str| told.body.budget.fits(&format!("{reserved}{text}"));
    let parts = Parts::new(told, &fits);
    let all = told.all.len();
    let top = 4 * all + 1;
    if fits(&parts.compose(Rung(top))) {
        return parts.compose(Rung(top));
    }
    let (mut low, mut high) = (0, top);
    while high - low > 1 {
        let middle = low.midpoint(high);
        match fits(&parts.compose(Rung(middle))) {
            true => low = middle,
            false => high = middle,
        }
    }
    parts.compose(Rung(low))
}

impl<'a> Parts<'a> {
    fn new(told: &'a Told<'a>, fits: &dyn Fn(&str) -> bool) -> Parts<'a> {
        let all = told.all.len();
        let cells = || (0..all).map(|_| OnceCell::new()).collect();
        let mut parts = Parts {
            told,
            rows: cells(),
            short: cells(),
            details: (0..all).map(|_| Default::default()).collect(),
            verdict: format!("{}{}\n", told.body.lead, verdict(told)),
            needs: Default::default(),
            around: Default::default(),
            listed: true,
        };
        let bare = parts.compose(Rung(0));
        // A share is measured by saying so much more.
        let within = |text: &str, share: Share| {
            let more = match share {
                Share::Half => text.to_owned(),
                Share::Most => text.chars().step_by(2).collect(),
                Share::Whole => String::new(),
            };
            fits(&format!("{bare}\n{text}{more}"))
        };
        parts.needs = [needs(told, true, &within), needs(told, false, &within)];
        let listed = |most: usize| [around::why(&told.body, most), around::dates(&told.body, most)];
        let half = |parts: &[String; 2]| {
            let own = parts.concat();
            fits(&format!("{bare}{own}{own}"))
        };
        let found = LISTED.into_iter().map(listed).find(half);
        parts.around = found.unwrap_or_default();
        parts.listed = parts.around == listed(usize::MAX);
        parts
    }

    fn compose(&self, rung: Rung) -> String {
        let all = self.told.all.len();
        let told = self.told;
        let bare = rung.0 == 0;
        let mut table = String::new();
        let mut details = String::new();
        if !bare {
            table.push_str(&rows::head(told));
        }
        for (index, one) in told.all.iter().enumerate() {
            match rung.steps(all) {
                None if index < rung.0 => {
                    table.push_str(self.short[index].get_or_init(|| rows::row(told, one, false)));
                }
                None => {}
                Some(steps) => {
                    table.push_str(self.rows[index].get_or_init(|| rows::row(told, one, true)));
                    details.push_str(self.detail(index, steps));
                }
            }
        }
        if !told.body.budget.details && !details.is_empty() {
            details.truncate(details.trim_end().len() + 1);
        }
        let whole = rung.steps(all).is_some();
        let [why, dates] = match whole {
            true => self.around.each_ref().map(String::as_str),
            false => Default::default(),
        };
        let needs = &self.needs[usize::from(!bare)];
        let body = &told.body;
        let notice = self.left_out(rung);
        let controls = if whole { body.controls } else { "" };
        let parts = [
            &self.verdict,
            needs,
            &table,
            &notice,
            why,
            &details,
            dates,
            body.reproduce,
            controls,
            body.footer,
        ];
        let parts: Vec<&str> =
            parts.into_iter().map(AsRef::as_ref).filter(|part: &&str| !part.is_empty()).collect();
        parts.join("\n")
    }

    fn tier(&self, index: usize, steps: usize) -> Option<Tier> {
        let all = self.told.all.len();
        match (steps + (all - 1 - index)) / all {
            // What differs from all others is told as long as there is a table.
            0 => self.told.all[index].of.is_some().then_some(Tier::Words),
            1 => Some(Tier::Words),
            2 => Some(Tier::Fields),
            _ => Some(Tier::Text),
        }
    }

    fn detail(&self, index: usize, steps: usize) -> &str {
        let Some(tier) = self.tier(index, steps) else { return "" };
        let cell = &self.details[index][tier as usize];
        cell.get_or_init(|| part(self.told, &self.told.all[index], tier))
    }

    /// What was left out, in words; empty if nothing was.
    fn left_out(&self, rung: Rung) -> String {
        let all = self.told.all.len();
        let changes = text::count(all, "change");
        let (mut shows, mut without) = (String::new(), vec![]);
        if let Some(steps) = rung.steps(all) {
            let of = |tier| (0..all).filter(|index| self.tier(*index, steps) == tier).count();
            for (tier, what) in [
                (None, "the details"),
                (Some(Tier::Words), "values and some names of clusters"),
                (Some(Tier::Fields), "the text"),
            ] {
                match of(tier) {
                    0 => {}
                    some if some == all => without.push(format!("{what} of all {changes}")),
                    some => without.push(format!("{what} of {some} of {changes}")),
                }
            }
            if !self.listed {
                without.push("some reasons and dates".to_owned());
            }
        } else {
            shows = match rung.0 {
                0 => format!(" Shows none of {changes} one by one: {}.", self.others(0)),
                some if some == all => format!(" Shows {changes}."),
                some => format!(" Shows {some} of {changes}; {}.", self.others(some)),
            };
            without.push("names of clusters, reasons, dates and details".to_owned());
        }
        if without.is_empty() {
            return String::new();
        }
        let all_of_it = self.told.body.all_of_it;
        let without = without.join("; ");
        format!("**Shortened to fit.**{shows} Left out: {without}. All of it: {all_of_it}.\n")
    }

    /// Which way those go that have no row.
    fn others(&self, shown: usize) -> String {
        let rest = &self.told.all[shown..];
        let of = |direction| rest.iter().filter(move |one| one.entry.direction == direction);
        let parts = [
            (Direction::Loosens, "loosen"),
            (Direction::Unknown, "are not known not to"),
            (Direction::Tightens, "tighten"),
            (Direction::Neutral, "are neutral"),
        ];
        let parts = parts.into_iter().map(|(direction, word)| (of(direction).count(), word));
        let parts: Vec<(usize, &str)> = parts.filter(|(count, _)| *count > 0).collect();
        match &parts[..] {
            [(_, word)] if shown > 0 => format!("the others all {word}"),
            _ => {
                let parts = parts.iter().map(|(count, word)| format!("{count} {word}"));
                let lead = if shown > 0 { "of the others, " } else { "" };
                format!("{lead}{}", parts.collect::<Vec<_>>().join(", "))
            }
        }
    }
}
