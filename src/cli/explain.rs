//! `ordinance explain CLUSTER [CONTROL]`: every line carries the place that decided it.

use super::options::{Common, Explain};
use super::{Exit, repository, summary, talk};
use crate::date::Date;
use crate::document::Action;
use crate::engine::Engine;
use crate::failure::Failure;
use crate::lock;
use crate::pipeline::{self, Dates, Loaded, RenderRequest, Unit};
use crate::plan::{Origin, Rule, Scope};
use crate::selector::{NAME, Operator, in_words};
use crate::text::{count, nearest};

pub fn run(common: &Common, options: &Explain) -> Result<Exit, Failure> {
    let mut loaded = repository::load(common)?;
    let base = repository::base(common, &loaded);
    let today = repository::today(common);
    let known = loaded.linked.clusters.iter().map(|cluster| cluster.name.value.as_str());
    if !known.clone().any(|name| name == options.cluster) {
        talk::diagnostics(common, &loaded.diagnostics, &loaded.sources);
        if loaded.diagnostics.has_errors() {
            return Ok(Exit::Input);
        }
        tell!("error: there is no cluster `{}`", options.cluster);
        match nearest(&options.cluster, known.clone()) {
            Some(near) => tell!("hint: did you mean `{near}`?"),
            None => tell!("hint: known: {}", known.collect::<Vec<_>>().join(", ")),
        }
        return Ok(Exit::Input);
    }
    let only = [options.cluster.clone()];
    let request = RenderRequest {
        base: base.as_ref(),
        proposed: None,
        dates: Dates::Today(today),
        only: &only,
    };
    let rendered = pipeline::render(&loaded, &request);
    let mut diagnostics = std::mem::take(&mut loaded.diagnostics);
    diagnostics.extend(rendered.diagnostics.into_list());
    if diagnostics.has_errors() {
        talk::diagnostics(common, &diagnostics, &loaded.sources);
        return Ok(Exit::Input);
    }
    let Some(clustered) = rendered.clusters.get(&options.cluster) else {
        say!("{} is not rendered: its state is not `active`.", options.cluster);
        return Ok(Exit::Fine);
    };
    let unit = &rendered.units[clustered.unit];
    let explainer = Explainer { loaded: &loaded, unit, cluster: clustered.index, today };
    let Some(wanted) = &options.control else {
        explainer.all();
        return Ok(Exit::Fine);
    };
    let named = |rule: &&std::sync::Arc<Rule>| rule.name == *wanted || rule.control.id() == wanted;
    let found: Vec<_> = unit.plan.rules.iter().filter(named).collect();
    for rule in &found {
        explainer.rule(rule);
    }
    if found.is_empty() {
        say!("{wanted} is not demanded of {}.", options.cluster);
        let names = unit.plan.rules.iter().map(|rule| rule.name.as_str());
        if let Some(near) = nearest(wanted, names) {
            tell!("hint: did you mean `{near}`?");
        }
        return Ok(Exit::No);
    }
    Ok(Exit::Fine)
}

struct Explainer<'a> {
    loaded: &'a Loaded,
    unit: &'a Unit,
    cluster: usize,
    today: Date,
}

impl Explainer<'_> {
    fn cluster_name(&self) -> &str {
        &self.loaded.linked.clusters[self.cluster].name.value
    }

    fn all(&self) {
        let cluster = &self.loaded.linked.clusters[self.cluster];
        let sources = &self.loaded.sources;
        say!(
            "{} is given {} as {}   {}",
            self.cluster_name(),
            count(self.unit.plan.holding().count(), "rule"),
            summary::target_label(self.unit),
            sources.short(cluster.spec.engine.name.place),
        );
        if self.unit.plan.facts.fail_open == Some(true) {
            say!("  fails open: requests pass while the engine cannot be reached");
        }
        for rule in &self.unit.plan.rules {
            say!();
            self.rule(rule);
        }
    }

    fn rule(&self, rule: &Rule) {
        let sources = &self.loaded.sources;
        let engine = pipeline::engine(self.unit.target.engine);
        let mut lines: Vec<(String, String, String)> = vec![];
        if rule.parts.is_empty() {
            let cluster = self.cluster_name();
            say!("{} holds nowhere on {cluster}: all of it is exempt", rule.name);
        }
        for part in &rule.parts {
            let action = rendered(engine.as_deref(), part.action, self.unit);
            say!("{} {} {}", rule.name, action.verb(), self.scope(&part.scope));
            if action != part.action {
                let quirk = self
                    .loaded
                    .catalogue
                    .quirks
                    .iter()
                    .find(|quirk| quirk.spec.effect.as_deref() == Some("warn-unavailable"));
                let place = quirk.map(|quirk| sources.short(quirk.place())).unwrap_or_default();
                let wanted = part.action.verb();
                lines.push((
                    "instead of".into(),
                    format!("it {wanted}, which this engine cannot"),
                    place,
                ));
            }
        }
        for origin in &rule.origins {
            let mut words = self.origin(origin);
            if origin.contained {
                words.push_str("   (contained in the others)");
            }
            lines.push(("demanded by".into(), words, sources.short(origin.place)));
            if let Some((name, place)) = &origin.environment {
                lines.push(("in".into(), format!("environment {name}"), sources.short(*place)));
            }
            if let Some(grace) = &origin.grace {
                let words = match grace.over {
                    true => format!("{} of grace, over since {}", grace.period, grace.until),
                    false => format!(
                        "{} of grace ({}) until {}, {}",
                        grace.period,
                        grace.action.name(),
                        grace.until,
                        count(
                            usize::try_from(self.today.days_until(grace.until)).unwrap_or(0),
                            "day"
                        )
                    ),
                };
                lines.push(("grace".into(), words, sources.short(grace.place)));
            }
        }
        for one in &rule.exemptions {
            let days = usize::try_from(self.today.days_until(one.expires)).unwrap_or(0);
            let words = format!(
                "{} until {}, {}: {}",
                one.name,
                one.expires,
                count(days, "day"),
                one.scope
            );
            lines.push(("except".into(), words, sources.short(one.place)));
            let why = format!("{} ({})", one.reason, one.owner);
            lines.push(("because".into(), why, sources.short(one.place)));
        }
        let since = rule.origins.iter().map(|origin| origin.first).min().unwrap_or(self.today);
        let output = &self.loaded.linked.settings.output;
        let home = format!("{output}/{}", self.cluster_name());
        let (shape, file) = match rule.parts.is_empty() {
            true => ("nothing is rendered".to_owned(), lock::FILE.to_owned()),
            false => (self.unit.target.shape.to_string(), format!("policies/{}.yaml", rule.name)),
        };
        lines.push((
            "since".into(),
            format!("{since} (lock) · {shape}"),
            format!("→ {home}/{file}"),
        ));
        let width = lines.iter().map(|(_, words, _)| words.chars().count()).max().unwrap_or(0);
        for (label, words, place) in lines {
            let pad = width.min(60).saturating_sub(words.chars().count());
            say!("  {label:12} {words}{}   {place}", " ".repeat(pad));
        }
    }

    fn scope(&self, scope: &Scope) -> String {
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

    fn origin(&self, origin: &Origin) -> String {
        if origin.recommendations.is_empty() {
            return origin.label.clone();
        }
        let ids: Vec<String> = origin
            .recommendations
            .iter()
            .map(|one| format!("{}, level {}", one.id, one.level))
            .collect();
        format!("{}   {}", origin.label, ids.join("; "))
    }
}

fn rendered(engine: Option<&dyn Engine>, action: Action, unit: &Unit) -> Action {
    engine.map_or(action, |engine| engine.action(action, &unit.target))
}
