//! The repository with a file of drafts in it, rendered for one cluster.

use super::super::options::Baseline;
use super::super::{repository, talk};
use crate::baseline::{Violator, Violators, violators};
use crate::check::{self, Manifest, Unjudged};
use crate::date::{Date, Period};
use crate::diagnostic::{Diagnostics, Severity};
use crate::document::State;
use crate::failure::Failure;
use crate::link::{self, Lifting};
use crate::pipeline::{self, Loaded, Render, RenderRequest};
use std::collections::{BTreeMap, BTreeSet};

/// What a file held and will hold.
pub struct Drafts {
    /// Where it is read as.
    pub path: String,
    kept: String,
    pub list: Vec<Draft>,
}

pub struct Draft {
    pub violator: Violator,
    pub text: String,
    pub expires: Date,
}

const SEPARATOR: &str = "---\n";

impl Drafts {
    pub fn new(path: String, kept: String) -> Drafts {
        Drafts { path, kept, list: vec![] }
    }

    pub fn add(&mut self, violator: Violator, text: String, expires: Date) {
        self.list.push(Draft { violator, text, expires });
    }

    pub fn remove(&mut self, index: usize) -> Violator {
        self.list.remove(index).violator
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// What it held, byte for byte, and then the drafts.
    pub fn text(&self) -> String {
        self.written().0
    }

    /// The text, and where each draft begins in it.
    fn written(&self) -> (String, Vec<usize>) {
        let mut text = self.kept.clone();
        let mut starts = vec![];
        for draft in &self.list {
            if !text.is_empty() {
                if !text.ends_with('\n') {
                    text.push('\n');
                }
                text.push_str(SEPARATOR);
            }
            starts.push(text.len());
            text.push_str(&draft.text);
        }
        (text, starts)
    }

    /// The drafts that errors are about, with what is said of each.
    pub fn blamed(&self, look: &Look) -> Vec<(usize, String)> {
        let (_, starts) = self.written();
        let mut found: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for one in look.diagnostics.sorted(&look.loaded.sources) {
            if one.severity != Severity::Error {
                continue;
            }
            let own = one
                .places
                .iter()
                .find(|(place, _)| *look.loaded.sources.get(place.source).path == *self.path);
            let Some((place, _)) = own else { continue };
            let after = starts.partition_point(|start| *start <= place.start as usize);
            if let Some(index) = after.checked_sub(1) {
                let said = found.entry(index).or_default();
                if !said.contains(&one.message) {
                    said.push(one.message.clone());
                }
            }
        }
        found.into_iter().map(|(index, said)| (index, said.join("; "))).collect()
    }

    /// Takes out what frees nothing of what it is for.
    pub fn drop_idle(&mut self, left: &Violators) {
        self.list.retain(|draft| {
            let same = left.list.iter().find(|one| one.key == draft.violator.key);
            let stays = |rule: &String| same.is_some_and(|one| one.breaks.contains_key(rule));
            !draft.violator.breaks.keys().all(stays)
        });
    }
}

/// What came of judging what was found.
pub struct Judged {
    pub found: Violators,
    pub unjudged: Vec<Unjudged>,
    /// The objects that break any rule, by their place in the list.
    pub breaking: BTreeSet<usize>,
}

/// The repository as it would be, and what came of rendering it.
pub struct Look {
    pub loaded: &'static Loaded,
    rendered: &'static Render,
    pub diagnostics: Diagnostics,
    cluster: String,
}

impl Look {
    pub fn at(options: &Baseline, drafts: &Drafts) -> Result<Look, Failure> {
        let common = &options.common;
        let loaded = repository::load_as_if(&common.place, &drafts.path, &drafts.text())?;
        let base = repository::base(common, loaded);
        let only = [options.cluster.clone()];
        let landed = repository::landed(common, loaded, base.as_ref())?;
        let request =
            RenderRequest { only: &only, ..RenderRequest::new(&landed, repository::today(common)) };
        let rendered = Box::leak(Box::new(pipeline::render(loaded, &request)));
        let mut diagnostics = std::mem::take(&mut loaded.diagnostics);
        diagnostics.extend(std::mem::take(&mut rendered.diagnostics).into_list());
        Ok(Look { loaded, rendered, diagnostics, cluster: options.cluster.clone() })
    }

    /// Itself where nothing is wrong; what is wrong is said.
    pub fn told(self, options: &Baseline) -> Option<Look> {
        if self.diagnostics.has_errors() {
            let (shown, sources) = (&options.common.shown, &self.loaded.sources);
            talk::complaints(shown, &self.diagnostics, sources, talk::UNWRITTEN);
            return None;
        }
        let clusters = &self.loaded.linked.clusters;
        match clusters.iter().find(|one| one.name.value == self.cluster) {
            Some(one) if one.spec.state == State::Active => Some(self),
            Some(_) => {
                tell!("error: `{}` is given nothing: its state is not `active`", self.cluster);
                None
            }
            None => {
                let known = clusters.iter().map(|one| one.name.value.as_str());
                talk::no_such("cluster", &self.cluster, known);
                None
            }
        }
    }

    /// Who breaks a rule that denies, and what could not be judged; `None` where nothing can judge,
    /// which is said.
    pub fn violators(&self, manifests: &[Manifest], labels: &[&str]) -> Option<Judged> {
        let clustered = self.rendered.clusters.get(&self.cluster)?;
        let panels = match pipeline::panels(self.loaded, self.rendered, &[]) {
            Ok(panels) => panels,
            Err(why) => {
                tell!("error: what was rendered cannot be judged by: {why}");
                tell!("hint: `ordinance test` tells what is wrong with a control");
                return None;
            }
        };
        let findings = check::judge(manifests, &BTreeMap::new(), &panels);
        let plan = &self.rendered.units[clustered.unit].plan;
        let found = violators(manifests, &findings, plan, labels);
        let breaking = findings.violations.iter().map(|one| one.manifest).collect();
        Some(Judged { found, unjudged: findings.unjudged, breaking })
    }

    /// The longest that the fleet and the intents which demand what it breaks allow.
    pub fn longest(&self, violator: &Violator) -> Option<Period> {
        let linked = &self.loaded.linked;
        let intents = violator.breaks.values().flat_map(|one| &one.intents);
        let of =
            |name: &String| linked.intents.iter().find(|one| one.name == *name)?.longest_exemption;
        let fleet = linked.settings.exemptions.as_ref().and_then(|bounds| bounds.longest.as_ref());
        intents.filter_map(of).chain(fleet.map(|longest| longest.value)).min()
    }

    /// The exemptions for this cluster, on whatever day they count.
    pub fn liftings(&self) -> Vec<&Lifting> {
        let linked = &self.loaded.linked;
        let cluster = linked.clusters.iter().find(|one| one.name.value == self.cluster);
        let labels = cluster.map(link::labels).unwrap_or_default();
        linked.liftings.iter().filter(|one| one.clusters.matches(&labels)).collect()
    }
}
