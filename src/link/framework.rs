//! Requirements of a framework: its version, its level, and the controls that cover them.

use super::parameters;
use super::requirement::{RecommendationId, RequirementReader, Wanted};
use crate::catalogue::{node_at, unknown};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Document, Framework, FrameworkControl, Without};
use crate::text::Spanned;
use serde_json::Value;

impl RequirementReader<'_> {
    pub(super) fn framework(
        &self,
        name: &Spanned<String>,
        diagnostics: &mut Diagnostics,
    ) -> Vec<Wanted> {
        let requirement = &self.requirement.value;
        if let Some(rendered_as) = &requirement.rendered_as {
            diagnostics.push(
                Diagnostic::error("control-only", "`as` belongs to a single control")
                    .at(rendered_as.place, "given for a framework")
                    .at(name.place, "the framework")
                    .help("remove it"),
            );
        }
        let Some(framework) = self.version_of(name, diagnostics) else { return vec![] };
        let spec = &framework.spec;
        let level = match &requirement.level {
            Some(level) if !spec.levels.contains(&level.value) => {
                let levels = spec.levels.iter().map(u32::to_string).collect::<Vec<_>>();
                let message =
                    format!("`{}` {} has no level {}", name.value, *spec.version, level.value);
                diagnostics.push(
                    Diagnostic::error("unknown-level", message)
                        .at(level.place, "unknown level")
                        .help(format!("its levels are {}", levels.join(", "))),
                );
                return vec![];
            }
            Some(level) => level.value,
            None => spec.levels.last().copied().unwrap_or(u32::MAX),
        };
        let mut wanted: Vec<Wanted> = vec![];
        for recommendation in spec.recommendations.iter().filter(|one| one.level <= level) {
            let id = RecommendationId {
                framework: name.value.clone(),
                version: spec.version.value.clone(),
                id: recommendation.id.value.clone(),
                level: recommendation.level,
            };
            for entry in &recommendation.controls {
                let named = |without: &Without| {
                    let rendered_as = entry.rendered_as.as_ref().map(|name| &name.value);
                    let name = &without.control.value;
                    *name == entry.control.value || Some(name) == rendered_as
                };
                if requirement.without.iter().any(named) {
                    continue;
                }
                let Some(new) = self.framework_control(entry, id.clone()) else { continue };
                let same = wanted.iter_mut().find(|one| {
                    one.rule == new.rule && one.framework_parameters == new.framework_parameters
                });
                match same {
                    Some(one) => one.recommendations.extend(new.recommendations),
                    None => wanted.push(new),
                }
            }
        }
        self.check_names_of_controls(framework, diagnostics);
        wanted
    }

    fn framework_control(&self, entry: &FrameworkControl, id: RecommendationId) -> Option<Wanted> {
        let control = self.context.catalogue.controls.get(&entry.control.value)?;
        let rule = entry.rendered_as.as_ref().map_or(control.id(), |name| &name.value);
        let object = |value: &Value| value.as_object().cloned();
        let written = self.requirement.parameters.as_ref();
        let own = written.and_then(|written| {
            let by_name = written.value.get(rule).or_else(|| written.value.get(control.id()));
            by_name.and_then(object)
        });
        let parameters = entry.parameters.as_ref();
        Some(Wanted {
            rule: rule.to_owned(),
            control: control.clone(),
            framework_parameters: parameters.and_then(|p| object(&p.value)).unwrap_or_default(),
            framework_place: parameters.map(|parameters| parameters.place),
            own_parameters: own.unwrap_or_default(),
            recommendations: vec![id],
        })
    }

    /// `parameters` and `without` name controls: each must be one of the framework's.
    fn check_names_of_controls(
        &self,
        framework: &Document<Framework>,
        diagnostics: &mut Diagnostics,
    ) {
        let requirement = &self.requirement.value;
        let entries = || framework.spec.recommendations.iter().flat_map(|one| &one.controls);
        let known: Vec<&String> = entries()
            .flat_map(|entry| {
                let rendered_as = entry.rendered_as.as_ref().map(|name| &name.value);
                [Some(&entry.control.value), rendered_as]
            })
            .flatten()
            .collect();
        for without in &requirement.without {
            if !known.contains(&&without.control.value) {
                diagnostics.push(not_of(framework, &without.control, &known));
            }
        }
        let written = requirement.parameters.as_ref();
        let node = written.and_then(|written| node_at(&self.intent.node, written.place));
        let Some(crate::yaml::Value::Map(by_control)) = node.map(|node| &node.value) else {
            return;
        };
        for ((name, place), node) in by_control {
            let named = |entry: &&FrameworkControl| {
                entry.control.value == *name
                    || entry.rendered_as.as_ref().is_some_and(|other| other.value == *name)
            };
            let control = entries()
                .find(named)
                .and_then(|entry| self.context.catalogue.controls.get(&entry.control.value));
            match control {
                Some(control) => {
                    parameters::check(control, Some(node), self.context.sources, diagnostics);
                }
                None => {
                    let name = Spanned { value: name.clone(), place: *place };
                    diagnostics.push(not_of(framework, &name, &known));
                }
            }
        }
    }

    /// The framework in the version that is asked for.
    fn version_of(
        &self,
        name: &Spanned<String>,
        diagnostics: &mut Diagnostics,
    ) -> Option<&Document<Framework>> {
        let frameworks = &self.context.catalogue.frameworks;
        let Some(versions) = frameworks.get(&name.value) else {
            if !self.context.broken.named("Framework", &name.value) {
                diagnostics.push(unknown("framework", name, frameworks.keys()));
            }
            return None;
        };
        let Some(version) = &self.requirement.version else {
            diagnostics.push(
                Diagnostic::error("missing-field", "a framework is asked for in a version")
                    .at(name.place, "needs `version`")
                    .help(format!("`version` is one of {}, or `latest`", listed(versions))),
            );
            return None;
        };
        if version.value == "latest" {
            return versions.last();
        }
        let found = versions.iter().find(|one| one.spec.version.value == version.value);
        if found.is_none() {
            let message = format!("there is no version {} of `{}`", version.value, name.value);
            diagnostics.push(
                Diagnostic::error("unknown-framework-version", message)
                    .at(version.place, "unknown version")
                    .help(format!("known: {}, or `latest`", listed(versions))),
            );
        }
        found
    }
}

/// A control that exists, perhaps, but not in this framework.
fn not_of(
    framework: &Document<Framework>,
    name: &Spanned<String>,
    known: &[&String],
) -> Diagnostic {
    let title = format!("`{}` {}", framework.name.value, *framework.spec.version);
    let message = format!("{title} has no control `{}`", name.value);
    let said = Diagnostic::error("unknown-control", message).at(name.place, "not a control of it");
    let said = match crate::text::nearest(&name.value, known.iter().map(|one| one.as_str())) {
        Some(near) => said.help(format!("did you mean `{near}`?")),
        None => said,
    };
    let version = &framework.spec.version.value;
    said.help(format!("`ordinance controls {}@{version}` lists its controls", framework.name.value))
}

fn listed(versions: &[Document<Framework>]) -> String {
    let quoted = versions.iter().map(|one| format!("\"{}\"", one.spec.version.value));
    quoted.collect::<Vec<_>>().join(", ")
}
