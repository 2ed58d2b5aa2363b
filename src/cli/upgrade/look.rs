//! The cluster as it is, or would be: rendered, and its policies read back.

use super::super::options::Common;
use super::super::talk;
use crate::check::Panel;
use crate::diagnostic::{Diagnostics, Severity};
use crate::document::Cluster;
use crate::link;
use crate::pipeline::{self, Loaded, Render, RenderRequest};
use crate::upgrade::Side;
use std::collections::BTreeSet;

/// What it comes to where the rules themselves are wrong.
const UNJUDGED: &str = "; nothing was compared";

pub struct Look {
    rendered: Render,
    panel: Option<Panel>,
    /// What is in the way, as a sentence and a way out.
    pub errors: Vec<(String, String)>,
    /// What else is said of it.
    pub remarks: Vec<(String, String)>,
    /// What is said of the cluster as it is.
    known: BTreeSet<String>,
}

impl Look {
    /// The cluster as it is; `None` where the input is wrong, which is said.
    pub fn first(
        common: &Common,
        loaded: &mut Loaded,
        request: &RenderRequest<'_>,
    ) -> Option<Look> {
        let mut rendered = pipeline::render(loaded, request);
        let mut all = std::mem::take(&mut loaded.diagnostics);
        all.extend(std::mem::take(&mut rendered.diagnostics).into_list());
        let known = all.sorted(&loaded.sources).into_iter().map(|one| one.message.clone());
        let known = known.collect();
        // What is not wrong but unwise is for those who change the rules.
        if all.has_errors() {
            talk::complaints(&common.shown, &all, &loaded.sources, UNJUDGED);
            return None;
        }
        let look = Look::at(loaded, rendered, known);
        if let [(why, help), ..] = &look.errors[..] {
            tell!("error: {why}{UNJUDGED}");
            tell!("hint: {help}");
            return None;
        }
        Some(look)
    }

    /// The cluster as it would be; what is said of it anyway is not said again.
    pub fn again(
        &self,
        loaded: &mut Loaded,
        request: &RenderRequest<'_>,
        index: usize,
        spec: Cluster,
    ) -> Look {
        loaded.linked.clusters[index].spec = spec;
        let mut said = link::upgrade_complaints(&loaded.linked, &loaded.linked.clusters[index]);
        let mut rendered = pipeline::render(loaded, request);
        said.extend(std::mem::take(&mut rendered.diagnostics).into_list());
        let mut look = Look::at(loaded, rendered, BTreeSet::new());
        look.sort(said, &self.known);
        look
    }

    fn at(loaded: &Loaded, rendered: Render, known: BTreeSet<String>) -> Look {
        let mut errors = vec![];
        let panel = match pipeline::panels(loaded, &rendered, &[]) {
            Ok(panels) => panels.into_iter().next(),
            Err(why) => {
                let help = "`ordinance test` tells what is wrong with a control".to_owned();
                errors.push((format!("what was rendered cannot be judged by: {why}"), help));
                None
            }
        };
        Look { rendered, panel, errors, remarks: vec![], known }
    }

    fn sort(&mut self, said: Diagnostics, known: &BTreeSet<String>) {
        for one in said.into_list() {
            if known.contains(&one.message) {
                continue;
            }
            let help = one.helps();
            match one.severity {
                Severity::Error => self.errors.push((one.message, help)),
                _ => self.remarks.push((one.message, help)),
            }
        }
    }

    /// What is rendered; `None` where that cannot be.
    pub fn side(&self) -> Option<Side<'_>> {
        let unit = self.rendered.units.first().filter(|_| self.errors.is_empty())?;
        let panel = self.panel.as_ref()?;
        Some(Side { plan: &unit.plan, target: &unit.target, files: &unit.folder.files, panel })
    }
}
