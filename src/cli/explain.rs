//! `ordinance explain CLUSTER [CONTROL]`: every line carries the place that decided it.

mod named;
mod scope;
mod why;

use super::controls::LISTED;
use super::options::Explain;
use super::{Exit, repository, summary, talk};
use crate::date::Date;
use crate::engine;
use crate::failure::Failure;
use crate::link::LeftOut;
use crate::lock;
use crate::pipeline::{self, Loaded, RenderRequest, Unit};
use crate::plan::{AskedBy, Part, Rule};
use crate::text::count;

pub fn run(options: &Explain) -> Result<Exit, Failure> {
    let common = &options.common;
    let loaded = repository::load(&common.place)?;
    let base = repository::base(common, loaded);
    let today = repository::today(common);
    let known = loaded.linked.clusters.iter().map(|cluster| cluster.name.value.as_str());
    if !known.clone().any(|name| name == options.cluster) {
        talk::diagnostics(&common.shown, &loaded.diagnostics, &loaded.sources);
        if loaded.diagnostics.has_errors() {
            return Ok(Exit::Input);
        }
        talk::no_such("cluster", &options.cluster, known);
        return Ok(Exit::Input);
    }
    let only = [options.cluster.clone()];
    let landed = repository::landed(common, loaded, base.as_ref())?;
    let request = RenderRequest { only: &only, ..RenderRequest::new(&landed, today) };
    let rendered = pipeline::render(loaded, &request);
    let mut diagnostics = std::mem::take(&mut loaded.diagnostics);
    diagnostics.extend(rendered.diagnostics.into_list());
    if diagnostics.has_errors() {
        talk::diagnostics(&common.shown, &diagnostics, &loaded.sources);
        return Ok(Exit::Input);
    }
    let Some(clustered) = rendered.clusters.get(&options.cluster) else {
        say!("{} is not rendered: its state is not `active`.", options.cluster);
        return Ok(Exit::Fine);
    };
    let unit = &rendered.units[clustered.unit];
    let alone = options.control.is_some();
    let explainer = Explainer { loaded, unit, cluster: clustered.index, today, alone };
    let Some(wanted) = &options.control else {
        explainer.all();
        return Ok(Exit::Fine);
    };
    let found = explainer.named(wanted);
    for rule in &found {
        explainer.rule(rule);
    }
    let nodes = explainer.nodes_named(wanted);
    for (index, nodes) in nodes.iter().enumerate() {
        if index > 0 || !found.is_empty() {
            say!();
        }
        explainer.nodes(nodes);
    }
    if !found.is_empty() || !nodes.is_empty() {
        return Ok(Exit::Fine);
    }
    if let Some(name) = explainer.about_nodes(wanted) {
        say!("{wanted} refuses no node of {}.", options.cluster);
        tell!("hint: `ordinance advisory affected {name}` tells what is known of its nodes");
        return Ok(Exit::No);
    }
    let Some(wanted) = explainer.known(wanted) else {
        talk::no_such("control", wanted, explainer.names());
        tell!("{LISTED}");
        return Ok(Exit::Input);
    };
    let left_out = explainer.left_out().filter(|one| one.control == *wanted);
    let left_out: Vec<Line> =
        left_out.map(|one| explainer.leaves_out("left out by", one)).collect();
    say!("{wanted} is not demanded of {}.", options.cluster);
    aligned(left_out);
    Ok(Exit::No)
}

struct Explainer<'a> {
    loaded: &'a Loaded,
    unit: &'a Unit,
    cluster: usize,
    today: Date,
    /// One rule is asked about, so there is room for why it is demanded.
    alone: bool,
}

/// A label, words, and the place that decided them.
type Line = (String, String, String);

/// Places stand below each other, unless the words before them are long.
fn aligned(lines: Vec<Line>) {
    const LONG: usize = 60;
    let width = |of: fn(&Line) -> &String| {
        lines.iter().map(|line| of(line).chars().count()).max().unwrap_or(0)
    };
    let (labels, words) = ((width(|line| &line.0) + 1).max(12), width(|line| &line.1).min(LONG));
    for (label, told, place) in &lines {
        say!("  {label:labels$} {told:words$}   {place}");
    }
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
        let left_out: Vec<Line> =
            self.left_out().map(|one| self.leaves_out(&one.control, one)).collect();
        for nodes in &self.unit.plan.nodes {
            say!();
            self.nodes(nodes);
        }
        if !left_out.is_empty() {
            say!("\nLeft out of the frameworks it is given");
            aligned(left_out);
        }
    }

    fn rule(&self, rule: &Rule) {
        let sources = &self.loaded.sources;
        let engine = pipeline::engine(self.unit.target.engine);
        let mut lines: Vec<Line> = vec![];
        if rule.parts.is_empty() {
            let cluster = self.cluster_name();
            say!("{} holds nowhere on {cluster}: all of it is exempt", rule.name);
        }
        let told = |part: &&Part| !matches!(part.asked_by, AskedBy::Members(_));
        for part in rule.parts.iter().filter(told) {
            let action = engine.as_ref().map_or(part.action, |engine| {
                engine::action(engine.as_ref(), rule, part.action, &self.unit.target)
            });
            match (rule.control.is_manifest(), rule.control.is_applied(part.action)) {
                (false, _) => say!("{} {} {}", rule.name, action.verb(), self.scope(&part.scope)),
                (true, true) => {
                    say!("{} is an object, applied {}", rule.name, self.scope(&part.scope));
                }
                (true, false) => say!(
                    "{} is an object, left out where it should only {}: {}",
                    rule.name,
                    part.action.name(),
                    self.scope(&part.scope)
                ),
            }
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
        lines.extend(self.breaks(rule));
        lines.extend(self.given(rule));
        lines.extend(self.follows(rule));
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
            lines.extend(self.advisory(&origin.intent));
            lines.extend(self.reason(origin));
        }
        lines.extend(rule.exemptions.iter().flat_map(|one| self.exemption(one)));
        let since = rule.origins.iter().map(|origin| origin.first).min().unwrap_or(self.today);
        let output = &self.loaded.linked.settings.output;
        let home = format!("{output}/{}", self.cluster_name());
        let (shape, file) = match rule.control.is_manifest() {
            true => ("applied as it is".to_owned(), format!("manifests/{}.yaml", rule.name)),
            false => (self.unit.target.shape.to_string(), format!("policies/{}.yaml", rule.name)),
        };
        let (shape, file) = match self.unit.folder.files.contains_key(&file) {
            true => (shape, file),
            false => ("nothing is rendered".to_owned(), lock::FILE.to_owned()),
        };
        lines.push((
            "since".into(),
            format!("{since} (lock) · {shape}"),
            format!("→ {home}/{file}"),
        ));
        let id = rule.control.id();
        let same = |one: &&LeftOut| one.control == id || one.control == rule.name;
        lines.extend(self.left_out().filter(same).map(|one| self.leaves_out("left out by", one)));
        aligned(lines);
    }
}
