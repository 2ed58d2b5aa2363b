//! What dates have changed: exemptions and advisories that ended or began, graces that are over.
//!
//! What is rendered is as it should be for its own day. What has become due since is no error, but
//! it is said, one by one.

use super::talk;
use crate::change;
use crate::date::Date;
use crate::document::Action;
use crate::link::{Ended, Lifting, Warned, labels};
use crate::lock;
use crate::pipeline::{self, Dates, Loaded, Render, RenderRequest};
use crate::plan::Plan;
use crate::text::count;
use crate::tree::ClusterTree;
use std::collections::{BTreeMap, BTreeSet};

/// Says which exemptions have ended by `today`, or soon will, and which graces what is rendered
/// still grants.
pub fn notes(loaded: &Loaded, rendered: &Render, today: Date) {
    let liftings = loaded.linked.liftings.iter();
    for note in liftings.filter_map(|lifting| ended_in_words(loaded, rendered, lifting, today)) {
        talk::note(&note);
    }
    for note in graces(loaded, rendered, today).into_iter().chain(soon(loaded, rendered, today)) {
        talk::note(&note);
    }
    let warned = loaded.linked.warned.iter();
    for note in warned.filter_map(|one| counts_no_more(loaded, rendered, one, today)) {
        talk::note(&note);
    }
}

/// What ends, or is to be reviewed, within the time that the fleet wants to be reminded.
fn soon(loaded: &Loaded, rendered: &Render, today: Date) -> Vec<String> {
    let bounds = loaded.linked.settings.exemptions.as_ref();
    let Some(remind) = bounds.and_then(|bounds| bounds.remind.as_ref()) else { return vec![] };
    let is_near = |day: Date| day <= today.plus(remind.value);
    let in_days = |day: Date| match usize::try_from(today.days_until(day)).unwrap_or(0) {
        0 => "today".to_owned(),
        days => format!("in {}", count(days, "day")),
    };
    let counting =
        loaded.linked.liftings.iter().filter(|lifting| {
            lifting.is_in_force(today) && !exempting(rendered, lifting).is_empty()
        });
    let told = counting.filter_map(|lifting| {
        let Lifting { name, expires, .. } = lifting;
        let due = lifting.review.as_ref().map(|review| review.due(today));
        let words = match due.filter(|due| (today..*expires).contains(due)) {
            _ if is_near(*expires) => format!("{name} ends on {expires}, {}", in_days(*expires)),
            Some(due) if is_near(due) => {
                let or = if lifting.lapses() { ", or it lapses" } else { "" };
                format!("{name} is to be reviewed by {due}, {}{or}", in_days(due))
            }
            _ => return None,
        };
        Some(format!("{words} ({})", loaded.sources.short(lifting.place)))
    });
    told.collect()
}

/// Says what would be rendered otherwise today than it was for the days of what is there.
pub fn since(loaded: &Loaded, request: &RenderRequest<'_>, today: Date, committed: &Render) {
    if committed.units.iter().all(|unit| unit.today == today) {
        return;
    }
    let request = RenderRequest { dates: Dates::Today(today), ..*request };
    let current = pipeline::render(loaded, &request);
    for lifting in &loaded.linked.liftings {
        let before = exempting(committed, lifting);
        let now = exempting(&current, lifting);
        let new: Vec<&str> = now.difference(&before).copied().collect();
        if let (Some(begins), false) = (lifting.begins(), new.is_empty()) {
            let place = loaded.sources.short(lifting.place);
            let name = &lifting.name;
            talk::note(&format!("{name} began on {begins}: it counts{} ({place})", later(&new)));
        }
    }
    for one in &loaded.linked.warned {
        let before = demanding(committed, one);
        let now = demanding(&current, one);
        let new: Vec<&str> = now.difference(&before).copied().collect();
        if !new.is_empty() {
            let (name, granted) = (&one.name, one.lasting.granted);
            let place = loaded.sources.short(one.place);
            talk::note(&format!("{name} began on {granted}: it counts{} ({place})", later(&new)));
        }
    }
    let differs = |(name, tree): &(&String, &ClusterTree)| {
        let files = |tree: &ClusterTree| {
            let own = tree.folder.files.iter().filter(|(path, _)| *path != lock::FILE);
            own.map(|(path, bytes)| (path.clone(), bytes.clone())).collect::<Vec<_>>()
        };
        committed.tree.clusters.get(*name).is_none_or(|other| files(other) != files(tree))
    };
    let due: Vec<&str> =
        current.tree.clusters.iter().filter(differs).map(|(name, _)| name.as_str()).collect();
    if !due.is_empty() {
        talk::note(&format!(
            "dates have come due on {}: `ordinance diff` says what they change",
            change::clusters(&due)
        ));
    }
}

/// `None` where the exemption has not ended, or is for none of the clusters that were rendered.
fn ended_in_words(
    loaded: &Loaded,
    rendered: &Render,
    lifting: &Lifting,
    today: Date,
) -> Option<String> {
    let ended = match lifting.ended(today)? {
        Ended::On(day) => format!("ended on {day}"),
        Ended::Unreviewed(due) => format!("lapsed, not reviewed by {due}"),
    };
    let clusters = &loaded.linked.clusters;
    let mut chosen = rendered.clusters.values();
    chosen.find(|one| lifting.clusters.matches(&labels(&clusters[one.index])))?;
    let lifted = loaded.linked.demands.iter().filter(|demand| lifting.lifts(demand));
    let again = match lifted.clone().map(|demand| demand.action).max()? {
        // How strictly, depends on where and since when.
        _ if lifted.clone().any(|demand| demand.grace.is_some()) => "judged",
        Action::Deny => "denied",
        Action::Warn => "warned about",
        Action::Audit => "audited",
    };
    let still: Vec<&str> = exempting(rendered, lifting).into_iter().collect();
    let on = if still.is_empty() { String::new() } else { later(&still) };
    let (name, place) = (&lifting.name, loaded.sources.short(lifting.place));
    Some(format!("{name} {ended}: what it freed is {again} again{on} ({place})"))
}

/// The clusters in whose plan an exemption counts.
fn exempting<'a>(rendered: &'a Render, lifting: &Lifting) -> BTreeSet<&'a str> {
    in_whose_plan(rendered, |plan| {
        let mut granted = plan.rules.iter().flat_map(|rule| &rule.exemptions);
        granted.any(|one| one.name == lifting.name)
    })
}

/// `None` where the advisory still counts, or is for none of the clusters that were rendered.
fn counts_no_more(loaded: &Loaded, rendered: &Render, one: &Warned, today: Date) -> Option<String> {
    if today <= one.lasting.expires {
        return None;
    }
    let clusters = &loaded.linked.clusters;
    let mut chosen = rendered.clusters.values();
    chosen.find(|cluster| one.clusters.matches(&labels(&clusters[cluster.index])))?;
    let still: Vec<&str> = demanding(rendered, one).into_iter().collect();
    let on = if still.is_empty() { String::new() } else { later(&still) };
    let (name, expires) = (&one.name, one.lasting.expires);
    let place = loaded.sources.short(one.place);
    Some(format!(
        "{name} ended on {expires}: what it affects is judged by it no more{on} ({place})"
    ))
}

/// The clusters in whose plan an advisory counts.
fn demanding<'a>(rendered: &'a Render, one: &Warned) -> BTreeSet<&'a str> {
    in_whose_plan(rendered, |plan| plan.counts(&one.name))
}

fn in_whose_plan(rendered: &Render, counts: impl Fn(&Plan) -> bool) -> BTreeSet<&str> {
    let by_unit: Vec<bool> = rendered.units.iter().map(|unit| counts(&unit.plan)).collect();
    let clusters = rendered.clusters.iter().filter(|(_, clustered)| by_unit[clustered.unit]);
    clusters.map(|(name, _)| name.as_str()).collect()
}

/// Graces that are over today and were not on the days that were rendered for.
fn graces(loaded: &Loaded, rendered: &Render, today: Date) -> Vec<String> {
    type Ended<'a> = (BTreeSet<&'a str>, Vec<&'a str>);
    let mut ended: BTreeMap<(&str, Date, String), Ended<'_>> = BTreeMap::new();
    for (cluster, clustered) in &rendered.clusters {
        for rule in rendered.units[clustered.unit].plan.holding() {
            for origin in &rule.origins {
                let Some(grace) = &origin.grace else { continue };
                if grace.over || grace.until > today {
                    continue;
                }
                let place = loaded.sources.short(grace.place);
                let entry = ended.entry((&origin.label, grace.until, place)).or_default();
                entry.0.insert(&rule.name);
                if entry.1.last() != Some(&cluster.as_str()) {
                    entry.1.push(cluster);
                }
            }
        }
    }
    let told = |((label, until, place), (rules, clusters)): ((&str, Date, String), Ended<'_>)| {
        let what = match rules.first() {
            Some(only) if rules.len() == 1 => format!("{only} holds"),
            _ => format!("{} hold", count(rules.len(), "rule")),
        };
        let on = later(&clusters);
        format!("the grace of {label} is over since {until}: {what} in full{on} ({place})")
    };
    ended.into_iter().map(told).collect()
}

/// On which clusters something is so with the next change.
fn later(clusters: &[&str]) -> String {
    let them = if clusters.len() == 1 { "it is" } else { "they are" };
    format!(" on {} once {them} rendered anew", change::clusters(clusters))
}
