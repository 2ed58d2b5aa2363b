//! Who demands a rule and who is exempt from it, and why, in people's own words.

use super::{Explainer, Line, aligned};
use crate::cli::talk;
use crate::document::{Action, Level};
use crate::engine;
use crate::link::{LeftOut, RecommendationId};
use crate::manifest;
use crate::pipeline;
use crate::plan::{AskedBy, Granted, Origin, Part, Rule, UnsafeNodes};
use crate::text::count;

impl Explainer<'_> {
    /// What is made of manifests is given to namespaces that are listed, and to no other.
    pub(super) fn given(&self, rule: &Rule) -> Vec<Line> {
        if !rule.control.is_manifest() || rule.parts.is_empty() {
            return vec![];
        }
        let plan = &self.unit.plan;
        let cluster = &self.loaded.linked.clusters[self.cluster];
        let place = self.loaded.sources.short(cluster.place());
        let (mut given, mut exempt) = (vec![], vec![]);
        let applied = |part: &&Part| rule.control.is_applied(part.action);
        for part in rule.parts.iter().filter(applied) {
            let (to, not_to) = manifest::namespaces(plan, part);
            given.extend(to.into_iter().map(|one| one.name.as_str()));
            exempt.extend(not_to.into_iter().map(|one| one.name.as_str()));
        }
        let words = match given.is_empty() {
            true if !rule.parts.iter().any(|part| applied(&part)) => {
                "no namespace: it can only be applied or not, and neither warns nor audits"
                    .to_owned()
            }
            true => "no namespace: none that it covers is listed".to_owned(),
            false => given.join(", "),
        };
        let mut lines = vec![("given to".to_owned(), words, place.clone())];
        if !exempt.is_empty() {
            let words = format!("{}, which an exemption reaches", exempt.join(", "));
            lines.push(("not to".to_owned(), words, place));
        }
        lines
    }

    /// Who passes where the rule denies, and what comes of it.
    pub(super) fn breaks(&self, rule: &Rule) -> Option<Line> {
        let mut parts = rule.parts.iter();
        let part = parts.find(|part| matches!(part.asked_by, AskedBy::Members(_)))?;
        let engine = pipeline::engine(self.unit.target.engine)?;
        let action = engine::action(engine.as_ref(), rule, part.action, &self.unit.target);
        let groups = &self.loaded.linked.settings.break_glass;
        let place = groups.values().next().map(|place| self.loaded.sources.short(*place));
        let names = groups.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        let words = match action {
            Action::Audit => format!("{names}, whose requests pass and are only audited"),
            _ => format!("{names}, whose requests pass with a warning"),
        };
        Some(("break-glass".into(), words, place.unwrap_or_default()))
    }

    /// Of what is demanded by an advisory: what it is, and until when it counts.
    pub(super) fn advisory(&self, name: &str) -> Option<Line> {
        let one = self.loaded.linked.warned.iter().find(|one| one.name == name)?;
        let (title, expires) = (one.title(), one.lasting.expires);
        let words = format!("{title}, until {expires}, {}", one.lasting.left(self.today));
        Some(("advisory".into(), words, self.loaded.sources.short(one.place)))
    }

    /// Nodes that take no more pods.
    pub(super) fn nodes(&self, nodes: &UnsafeNodes) {
        let (rule, verb) = (nodes.rule(), nodes.action.verb());
        say!("{rule} {verb} binding pods to {}", count(nodes.names.len(), "node"));
        let place = self.loaded.linked.warned.iter().find(|one| one.name == nodes.advisory);
        let place = place.map_or(String::new(), |one| self.loaded.sources.short(one.place));
        let output = &self.loaded.linked.settings.output;
        let file = format!("→ {output}/{}/policies/{rule}.yaml", self.cluster_name());
        let mut lines: Vec<Line> = vec![];
        lines.push(("demanded by".into(), nodes.advisory.clone(), place));
        lines.extend(self.advisory(&nodes.advisory));
        lines.push(("nodes".into(), nodes.names.join(", "), nodes.found.clone()));
        lines.push(("judged by".into(), "Kubernetes itself".into(), file));
        aligned(lines);
    }

    pub(super) fn origin(&self, origin: &Origin) -> String {
        if origin.recommendations.is_empty() {
            return origin.label.clone();
        }
        let ids: Vec<String> = origin.recommendations.iter().map(recommendation).collect();
        format!("{}   {}", origin.label, ids.join("; "))
    }

    /// The version that a rule's control follows, and whose it is.
    pub(super) fn follows(&self, rule: &Rule) -> Option<Line> {
        let followed = rule.followed.as_ref()?;
        let cluster = &self.loaded.linked.clusters[self.cluster];
        let whose = if followed.pinned { "named by the requirement" } else { "the cluster's" };
        let same = match followed.since == followed.version {
            true => String::new(),
            false => format!(", the same since {}", followed.since),
        };
        let words = format!("{} {} ({whose}{same})", followed.framework, followed.version);
        let place = match (followed.pinned, rule.origins.first()) {
            (true, Some(origin)) => origin.place,
            _ => cluster.spec.kubernetes.version.place,
        };
        Some(("follows".into(), words, self.loaded.sources.short(place)))
    }

    /// Why an intent demands what it does, where one rule alone is asked about.
    pub(super) fn reason(&self, origin: &Origin) -> Option<Line> {
        let mut intents = self.loaded.linked.intents.iter();
        let intent = intents.find(|intent| self.alone && intent.name == origin.intent)?;
        let who = [Some(&intent.owner), intent.ticket.as_ref()];
        let who = who.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(", ");
        let place = self.loaded.sources.short(intent.place);
        Some(match &intent.why {
            Some(why) => ("because".into(), format!("{} ({who})", talk::on_one_line(why)), place),
            None => ("asked by".into(), who, place),
        })
    }

    /// What the requirements that cover something here leave out of their frameworks.
    pub(super) fn left_out(&self) -> impl Iterator<Item = &LeftOut> {
        let all = self.loaded.linked.intents.iter().flat_map(|intent| &intent.left_out);
        all.filter(|one| self.unit.plan.covering.contains(&one.label))
    }

    pub(super) fn leaves_out(&self, label: &str, one: &LeftOut) -> Line {
        let words = format!("{}: {}", one.label, talk::on_one_line(&one.because));
        (label.to_owned(), words, self.loaded.sources.short(one.place))
    }

    /// For whom a rule does not hold, until when, why, and who agreed.
    pub(super) fn exemption(&self, one: &Granted) -> Vec<Line> {
        let place = self.loaded.sources.short(one.place);
        let days = usize::try_from(self.today.days_until(one.expires)).unwrap_or(0);
        let until = format!("{} until {}, {}", one.name, one.expires, count(days, "day"));
        let reason = format!("{} ({})", talk::on_one_line(&one.reason), one.owner);
        let mut lines = vec![
            ("except".into(), format!("{until}: {}", one.scope), place.clone()),
            ("because".into(), reason, place.clone()),
        ];
        match (&one.approved_by, &one.ticket) {
            (None, None) => {}
            (Some(who), None) => lines.push(("approved by".into(), who.clone(), place)),
            (None, Some(ticket)) => lines.push(("agreed in".into(), ticket.clone(), place)),
            (Some(who), Some(ticket)) => {
                lines.push(("approved by".into(), format!("{who} in {ticket}"), place));
            }
        }
        lines
    }
}

/// A recommendation's id and its level.
fn recommendation(one: &RecommendationId) -> String {
    match one.level {
        Level::Number(number) => format!("{}, level {number}", one.id),
        Level::Name(ref name) => format!("{}, {name}", one.id),
    }
}
