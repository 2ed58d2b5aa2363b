//! Where a part of a rule holds on a cluster, in words and with the places that decided it.

use super::Explainer;
use crate::plan::Scope;
use crate::selector::{NAME, Operator, in_words};

impl Explainer<'_> {
    pub(super) fn scope(&self, scope: &Scope) -> String {
        let cluster = self.cluster_name();
        let provider = &self.loaded.linked.clusters[self.cluster].spec.provider.value;
        let Scope::Namespaces(selector) = scope else {
            let environments = &self.loaded.linked.settings.environments;
            let own = self.unit.plan.own_environment.map(|index| &environments[index].name);
            let own = own.map_or(String::new(), |name| {
                let place = self.loaded.sources.short(name.place);
                format!(", which belong to environment {} ({place})", name.value)
            });
            return format!("among objects of {cluster} without a namespace{own}");
        };
        let system = &self.unit.plan.system;
        let place = self
            .loaded
            .catalogue
            .providers
            .get(provider)
            .map(|provider| self.loaded.sources.short(provider.place()))
            .unwrap_or_default();
        let requirements = selector.requirements();
        let is_name = |key: &str| key == NAME;
        let unnamed: Vec<&str> = requirements
            .iter()
            .filter(|(key, operator, _)| is_name(key) && *operator == Operator::NotIn)
            .flat_map(|(_, _, values)| values.iter().copied())
            .collect();
        let without_system =
            !system.is_empty() && system.iter().all(|name| unnamed.contains(&name.as_str()));
        let except = match without_system {
            true => format!(" but {} system ones ({place})", system.len()),
            false => String::new(),
        };
        let mut words = vec![];
        for (key, operator, values) in &requirements {
            let own: Vec<&str> = values
                .iter()
                .copied()
                .filter(|value| {
                    !(is_name(key) && without_system && system.contains(&(*value).to_owned()))
                })
                .collect();
            let key = if is_name(key) { "the name" } else { key };
            if *operator != Operator::NotIn || !own.is_empty() {
                words.push(in_words(key, *operator, &own));
            }
        }
        match words.is_empty() {
            true => format!("in every namespace of {cluster}{except}"),
            false => format!("in namespaces of {cluster} where {}{except}", words.join(" and ")),
        }
    }
}
