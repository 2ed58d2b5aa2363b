//! What needs a person: whatever loosens or is not known not to, by name; clusters that are changed
//! otherwise than the others; clusters that were not rendered; what was rendered otherwise than
//! asked for.
//!
//! It is never folded and never below what is. Where there is no room for all of it, what is left
//! is counted, by rule.

use super::super::safe::{clipped, code, own, prose};
use super::verdict::mark;
use super::{One, Told};
use crate::change::{Direction, Topic, clusters};
use crate::text;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The longest sentence of one, in characters, and the longest where there is less room.
const LONG: usize = 240;
const SHORT: usize = 80;

/// How many rules are counted apart, as far as there is room.
const RULES: [usize; 4] = [24, 8, 3, 0];

/// How many rules of which the same is said share a line.
const TOGETHER: usize = 12;

/// One line to look at, in many words and in few.
struct Need {
    kind: Kind,
    /// The rules that it is about, as far as it is about rules.
    rules: Vec<String>,
    long: String,
    short: String,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Kind {
    Loosens,
    Unknown,
    Outlier,
    Skipped,
    Note,
}

/// As much as fits so much room (`fits`); half of it, where it is much.
pub fn needs(told: &Told<'_>, bare: bool, fits: &dyn Fn(&str, Share) -> bool) -> String {
    let all = all(told, bare);
    if all.is_empty() && told.body.change.left_out > 0 {
        return "Nothing of what is shown loosens.\n".to_owned();
    }
    if all.is_empty() {
        return "Nothing here loosens, no cluster is left out, and all that was asked for is rendered as \
                it was.\n"
            .to_owned();
    }
    let list = |lines: &mut dyn Iterator<Item = &String>| -> String {
        let lines: String = lines.map(|line| format!("- {line}\n")).collect();
        format!("**Look at this first**\n\n{lines}")
    };
    let long = list(&mut all.iter().map(|one| &one.long));
    if fits(&long, Share::Half) {
        return long;
    }
    let short = list(&mut all.iter().map(|one| &one.short));
    if fits(&short, Share::Whole) {
        return short;
    }
    let most = |rules: usize| {
        let some = |count: usize| {
            let named = list(&mut all.iter().take(count).map(|one| &one.short));
            format!("{named}- {}\n", counted(&all[count..], rules))
        };
        let mut counts = 0..all.len();
        // From the end: as many by name as there is room for.
        let (mut low, mut high) = (counts.next()?, all.len());
        if !fits(&some(low), Share::Most) {
            return None;
        }
        while high - low > 1 {
            let middle = low.midpoint(high);
            match fits(&some(middle), Share::Most) {
                true => low = middle,
                false => high = middle,
            }
        }
        Some(some(low))
    };
    let found = RULES.into_iter().find_map(most);
    found.unwrap_or_else(|| format!("- {}\n", counted(&all, 0)))
}

/// How much of the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    Half,
    Most,
    Whole,
}

fn all(told: &Told<'_>, bare: bool) -> Vec<Need> {
    let mut groups: Vec<(Said, Vec<&One<'_>>)> = vec![];
    let mut known: HashMap<Said, usize> = HashMap::new();
    for (said, one) in told.all.iter().filter_map(|one| Some((said(told, one)?, one))) {
        match known.get(&said).filter(|at| groups[**at].1.len() < TOGETHER) {
            Some(at) => groups[*at].1.push(one),
            None => {
                known.insert(said.clone(), groups.len());
                groups.push((said, vec![one]));
            }
        }
    }
    // What loosens stands before what is only different.
    groups.sort_by_key(|(said, _)| said.kind);
    let mut all: Vec<Need> =
        groups.into_iter().map(|(said, ones)| changed(said, &ones, bare)).collect();
    let known = told.body.known;
    all.extend(known.skipped.iter().map(|(cluster, why)| {
        let line = format!("{} is not rendered: {}", code(&clipped(cluster, 63)), own(why));
        Need { kind: Kind::Skipped, rules: vec![], long: line.clone(), short: line }
    }));
    all.extend(known.notes.iter().map(|note| Need {
        kind: Kind::Note,
        rules: vec![],
        long: own(note),
        short: own(&clipped(note, 120)),
    }));
    all
}

/// What is said of a change; of several alike it is said once.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Said {
    kind: Kind,
    long: String,
    short: String,
}

/// Of a change that loosens, is not known not to, or differs from what others have.
fn said(told: &Told<'_>, one: &One<'_>) -> Option<Said> {
    let kind = match (one.entry.direction, &one.of) {
        (Direction::Loosens, _) => Kind::Loosens,
        (Direction::Unknown, _) => Kind::Unknown,
        (_, Some(_)) => Kind::Outlier,
        _ => return None,
    };
    let says = one.entry.says();
    let mut said: Vec<String> = says.iter().take(3).map(|it| prose(&clipped(it, LONG))).collect();
    if says.len() > 3 {
        said.push(format!("and {} more", says.len() - 3));
    }
    let count = text::count(one.clusters.len(), "cluster");
    let on = prose(&clusters(&one.clusters));
    let long =
        format!("{} – {count}: {on}{}{}", said.join("; "), one.differs(told), exempted(told, one));
    let first = says.first().map(|said| prose(&clipped(said, SHORT))).unwrap_or_default();
    let on = one.clusters.first().map(|only| prose(&clipped(only, 63))).unwrap_or_default();
    let on = if one.clusters.len() == 1 { on } else { count };
    Some(Said { kind, long, short: format!("{first} – {on}") })
}

/// The line of changes of which the same is said.
fn changed(said: Said, ones: &[&One<'_>], bare: bool) -> Need {
    let what = match said.kind {
        Kind::Loosens => format!("{} **loosens** ", mark(Direction::Loosens)),
        Kind::Unknown => format!("{} **not known not to loosen** ", mark(Direction::Unknown)),
        _ => "outlier ".to_owned(),
    };
    // Without a table below, a change is known by its fingerprint.
    let names = ones.iter().map(|one| {
        let name = code(&clipped(&one.entry.title(), 100));
        match bare {
            true => format!("{name} ({})", code(&one.fingerprint)),
            false => format!("{name} ({})", one.number),
        }
    });
    let names = names.collect::<Vec<_>>().join(", ");
    Need {
        kind: said.kind,
        rules: ones.iter().map(|one| one.entry.title()).collect(),
        long: format!("{what}{names}: {}", said.long),
        short: format!("{what}{names}: {}", said.short),
    }
}

/// Who asked for the exemptions that it names, and until when.
fn exempted(told: &Told<'_>, one: &One<'_>) -> String {
    let named = one.entry.statements.iter().filter(|said| said.topic == Topic::Exemption);
    let names: BTreeSet<&str> = named.map(|said| said.path.as_str()).collect();
    let reasons = told.body.known.exemptions.iter();
    let told =
        reasons.filter(|reason| names.contains(reason.name.as_str())).take(3).map(|reason| {
            let agreed = reason
                .agreed
                .iter()
                .take(2)
                .map(|words| format!(", {}", prose(&clipped(words, 60))));
            format!(
                "; {} ({}, {}{})",
                code(&clipped(&reason.name, 63)),
                code(&clipped(&reason.place, 120)),
                prose(&clipped(&reason.owner, 63)),
                agreed.collect::<String>()
            )
        });
    told.collect()
}

/// How many there are more, of which rules.
fn counted(rest: &[Need], rules: usize) -> String {
    let mut by_kind: BTreeMap<Kind, BTreeMap<&str, usize>> = BTreeMap::new();
    for one in rest {
        let by_rule = by_kind.entry(one.kind).or_default();
        // What is about no rule counts for itself.
        let rules = one.rules.iter().map(String::as_str);
        for rule in rules.chain(one.rules.is_empty().then_some("")) {
            *by_rule.entry(rule).or_default() += 1;
        }
    }
    let parts = by_kind.into_iter().map(|(kind, by_rule)| {
        let all: usize = by_rule.values().sum();
        let (one, several) = match kind {
            Kind::Loosens => ("loosens", "loosen"),
            Kind::Unknown => ("is not known not to loosen", "are not known not to loosen"),
            Kind::Outlier => ("is an outlier", "are outliers"),
            Kind::Skipped => return format!("{} not rendered", text::count(all, "cluster")),
            Kind::Note => return format!("{} not told here", text::count(all, "note")),
        };
        let lead = format!("**{all} more {}**", if all == 1 { one } else { several });
        let mut sorted: Vec<(&str, usize)> = by_rule.into_iter().collect();
        sorted.sort_by(|(one, its), (other, others)| others.cmp(its).then(one.cmp(other)));
        let count = |(rule, count): &(&str, usize)| match count {
            1 => code(&clipped(rule, 63)),
            _ => format!("{} ×{count}", code(&clipped(rule, 63))),
        };
        let named: Vec<String> = sorted.iter().take(rules).map(count).collect();
        let others = text::count(sorted.len().saturating_sub(rules), "rule");
        match (named.len(), sorted.len() > rules) {
            (0, _) => format!("{lead}, of {others}"),
            (_, true) => format!("{lead}: {} and {others} more", named.join(", ")),
            (_, false) => format!("{lead}: {}", named.join(", ")),
        }
    });
    parts.collect::<Vec<_>>().join("; ")
}
