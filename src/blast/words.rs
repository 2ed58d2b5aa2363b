//! A blast radius in words, for every report alike.

use super::{Blast, Counts, Effect, Hit};
use crate::snapshot::Taken;
use crate::text::{self, visible};

/// The most clusters without a snapshot that are named.
const NAMED: usize = 6;

impl Counts {
    /// `14 workloads would be denied at their next restart, 2 of them at any update; 1 would be freed`;
    /// nothing where nobody is hit.
    pub fn words(&self) -> Option<String> {
        let mut noun = true;
        let parts: Vec<String> = Effect::ALL
            .into_iter()
            .filter_map(|effect| Some((effect, *self.workloads.get(&effect)?)))
            .map(|(effect, count)| {
                let who = match std::mem::take(&mut noun) {
                    true => text::count(count, "workload"),
                    false => count.to_string(),
                };
                format!("{who} {}{}", effect.words(), self.when(effect, count))
            })
            .collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    fn when(&self, effect: Effect, count: usize) -> String {
        let their = if count == 1 { "its" } else { "their" };
        match (effect, self.denied_now) {
            (Effect::Denied, 0) => format!(" at {their} next restart"),
            (Effect::Denied, now) if now == count => " at any update".to_owned(),
            (Effect::Denied, now) => {
                format!(" at {their} next restart, {now} of them at any update")
            }
            _ => String::new(),
        }
    }

    /// `in 3 namespaces on 2 clusters`.
    pub fn places(&self) -> String {
        let namespaces = match self.namespaces {
            0 => String::new(),
            count => format!("in {} ", text::count(count, "namespace")),
        };
        format!("{namespaces}on {}", text::count(self.clusters, "cluster"))
    }
}

impl Blast {
    /// Whom all of it hits; `None` where it changes no policy.
    pub fn verdict(&self) -> Option<String> {
        if self.clusters.is_empty() {
            return None;
        }
        if !self.knows() {
            return Some(
                "whom it hits is not known: there is no snapshot of these clusters".into(),
            );
        }
        let counts = self.counts(None);
        Some(match counts.words() {
            Some(words) => format!("{words}, {}", counts.places()),
            None => "nothing that was found is denied, warned about or freed by it".to_owned(),
        })
    }

    /// What that rests on: how old the snapshots are, and what they do not tell; nothing where there
    /// is none.
    pub fn rests_on(&self) -> Vec<String> {
        let looked: Vec<_> = self.clusters.values().flatten().collect();
        if looked.is_empty() {
            return vec![];
        }
        let objects: usize = looked.iter().map(|(_, looked)| looked.objects).sum();
        let mut said = vec![format!(
            "by {} in snapshots of {}, {}",
            text::count(objects, "object"),
            text::count(looked.len(), "cluster"),
            self.ages()
        )];
        let without = self.without_snapshot();
        if !without.is_empty() {
            let more = without.len().saturating_sub(NAMED);
            let named = without[..without.len() - more].join(", ");
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            said.push(format!("no snapshot of {named}{more}"));
        }
        let unread: usize = looked.iter().map(|(_, looked)| looked.unread).sum();
        if unread > 0 {
            said.push(format!("{} of snapshots could not be read", text::count(unread, "part")));
        }
        let unjudged: usize = looked.iter().flat_map(|(_, looked)| looked.unjudged.values()).sum();
        if unjudged > 0 {
            said.push(format!("{} could not be judged", text::count(unjudged, "object")));
        }
        let assumed = self.hits.iter().filter(|hit| hit.assumed).count();
        if assumed > 0 {
            said.push(format!("{assumed} as if their namespaces had no labels"));
        }
        if !self.blind.is_empty() {
            said.push(format!("{} cannot be judged by", text::count(self.blind.len(), "policy")));
        }
        said
    }

    fn ages(&self) -> String {
        let (days, unknown) = self.days();
        let known = days.map(|(oldest, newest)| match oldest.day() == newest.day() {
            true => Taken::words(Some(oldest)),
            false => format!("taken from {} to {}", oldest.day(), newest.day()),
        });
        match (known, unknown) {
            (None, _) => Taken::words(None),
            (Some(known), false) => known,
            (Some(known), true) => format!("{known}, some {}", Taken::words(None)),
        }
    }
}

impl Hit {
    /// `Deployment shop/web (web-team): denied at its next restart, for web, sidecar`.
    pub fn words(&self) -> String {
        let owner = self.owner.iter().map(|owner| format!(" ({})", visible(owner)));
        let offenders = match self.offenders.len() {
            0 => String::new(),
            _ => format!(", for {}", visible(&self.offenders.join(", "))),
        };
        let workload = visible(&self.workload.to_string());
        format!("{workload}{}: {}{offenders}", owner.collect::<String>(), self.becomes())
    }

    /// `denied at its next restart`.
    pub fn becomes(&self) -> &'static str {
        match (self.effect, self.now) {
            (Effect::Denied, true) => "denied at any update",
            (Effect::Denied, false) => "denied at its next restart",
            (Effect::Warned, _) => "warned about",
            (Effect::Recorded, _) => "recorded",
            (Effect::Freed, _) => "freed",
        }
    }
}
