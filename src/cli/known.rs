//! What `diff` and `propose` know around a change: the inventory's facts, who asked for what and why,
//! what was left out or became milder, and what dates bring.

mod dates;
mod reasons;

pub use dates::dates;

use super::{advisory, summary};
use crate::change::Change;
use crate::date::Date;
use crate::document::{Cluster, Document};
use crate::pipeline::{self, Loaded, Render};
use crate::report::Known;
use std::collections::{BTreeMap, BTreeSet};

/// What the inventory says of the clusters, and where the rules are asked for.
pub fn known(loaded: &Loaded, rendered: &Render) -> Known {
    let facts = |cluster: &Document<Cluster>| {
        let Cluster { engine, kubernetes, provider, .. } = &cluster.spec;
        let title = pipeline::engine(&engine.name.value).map_or("", |engine| engine.title());
        let engine = match engine.version {
            Some(version) => format!("{title} {}", version.value),
            None => title.to_owned(),
        };
        let mut facts = vec![
            ("engine", engine),
            ("kubernetes", format!("Kubernetes {}", kubernetes.version.value)),
            ("provider", format!("provider {}", provider.value)),
        ];
        let labels = cluster.labels.iter().map(|(key, value)| format!("{key}={value}"));
        facts.extend(labels.map(|label| ("label", label)));
        (cluster.name.value.clone(), facts)
    };
    let (mut asked, mut intents) = (Names::new(), Names::new());
    for rule in rendered.units.iter().flat_map(|unit| &unit.plan.rules) {
        let places = rule.origins.iter().map(|origin| loaded.sources.short(origin.place));
        asked.entry(rule.name.clone()).or_default().extend(places);
        let names = rule.origins.iter().map(|origin| origin.intent.clone());
        intents.entry(rule.name.clone()).or_default().extend(names);
    }
    Known {
        facts: loaded.linked.clusters.iter().map(facts).collect(),
        asked: listed(asked),
        intents: listed(intents),
        output: loaded.linked.settings.output.clone(),
        ..Known::default()
    }
}

/// The same with what is around a change, for those who tell all of it: it takes longer to find out.
pub fn around(loaded: &Loaded, rendered: &Render, change: &Change, day: Date) -> Known {
    let mut notes = summary::fallbacks(loaded, rendered);
    notes.extend(advisory::notes(loaded, rendered, day));
    Known {
        reasons: reasons::intents(loaded, rendered, change),
        dates: Some(dates(loaded, rendered, change, day)),
        exemptions: reasons::exemptions(loaded, change),
        skipped: reasons::skipped(loaded),
        notes,
        ..known(loaded, rendered)
    }
}

type Names = BTreeMap<String, BTreeSet<String>>;

fn listed(names: Names) -> BTreeMap<String, Vec<String>> {
    names.into_iter().map(|(name, all)| (name, all.into_iter().collect())).collect()
}
