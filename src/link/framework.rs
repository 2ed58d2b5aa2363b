//! Requirements of a framework: its version, its level, and the controls that cover them.

use super::chosen::{CLUSTER, Chosen};
use super::following::{Asked, Following};
use super::requirement::{RecommendationId, RequirementReader, Wanted};
use crate::catalogue::{check_parameters, node_at};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Document, Framework, FrameworkControl, Level, Recommendation, Without};
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
        let chosen = self.versions_of(name, diagnostics);
        let all: Vec<Wanted> =
            chosen.iter().flat_map(|one| self.of_version(one, diagnostics)).collect();
        let documents: Vec<&Document<Framework>> = chosen.iter().map(|one| one.document).collect();
        if let Some(newest) = documents.last() {
            self.check_names_of_controls(newest, &documents, diagnostics);
        }
        all
    }

    /// What a framework demands in one of its versions.
    fn of_version(&self, chosen: &Chosen<'_>, diagnostics: &mut Diagnostics) -> Vec<Wanted> {
        let requirement = &self.requirement.value;
        let (name, spec) = (&chosen.document.name, &chosen.document.spec);
        let Some(highest) = spec.levels.last() else { return vec![] };
        let level = match &requirement.level {
            Some(level) if !spec.levels.contains(&level.value) => {
                let levels = spec.levels.iter().map(Level::to_string).collect::<Vec<_>>();
                let version = spec.version.as_ref().map(|version| format!(" {}", version.value));
                let message = format!(
                    "`{}`{} has no level {}",
                    name.value,
                    version.unwrap_or_default(),
                    level.value
                );
                diagnostics.push(
                    Diagnostic::error("unknown-level", message)
                        .at(level.place, "unknown level")
                        .help(format!("its levels are {}", levels.join(", "))),
                );
                return vec![];
            }
            Some(level) => &level.value,
            None => highest,
        };
        let counting: Vec<(&Recommendation, Option<Following>)> = match (spec.span(), chosen.asked)
        {
            (None, _) => spec.counts(level, None).into_iter().map(|one| (one, None)).collect(),
            (Some(span), Asked::Cluster) => {
                let counting = spec.counts_when(level, span).into_iter();
                let framework = &name.value;
                let following = |between| Following {
                    framework: framework.clone(),
                    pinned: None,
                    newest: span.last,
                    between,
                };
                counting.map(|(one, between)| (one, Some(following(between)))).collect()
            }
            (Some(span), Asked::Pinned(version)) => {
                let pinned = Some(version);
                let framework = name.value.clone();
                let following = Following { framework, pinned, newest: span.last, between: span };
                let counting = spec.counts(level, pinned).into_iter();
                counting.map(|one| (one, Some(following.clone()))).collect()
            }
        };
        let mut wanted: Vec<Wanted> = vec![];
        for (recommendation, following) in counting {
            let pinned = following.as_ref().map(|following| following.pinned);
            let version = match pinned {
                Some(Some(version)) => version.to_string(),
                Some(None) => CLUSTER.to_owned(),
                None => spec.newest(),
            };
            let id = RecommendationId {
                framework: name.value.clone(),
                version,
                id: recommendation.id.value.clone(),
                level: recommendation.level.clone(),
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
                let new = self.framework_control(entry, id.clone(), following.clone());
                let Some(mut new) = new else { continue };
                new.picked = chosen.pick.clone();
                let same = wanted.iter_mut().find(|one| {
                    one.rule == new.rule
                        && one.framework_parameters == new.framework_parameters
                        && one.follows == new.follows
                });
                match same {
                    Some(one) => one.recommendations.extend(new.recommendations),
                    None => wanted.push(new),
                }
            }
        }
        wanted
    }

    fn framework_control(
        &self,
        entry: &FrameworkControl,
        id: RecommendationId,
        following: Option<Following>,
    ) -> Option<Wanted> {
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
            follows: following.or_else(|| self.following(control, Asked::Cluster)),
            picked: None,
            control: control.clone(),
            framework_parameters: parameters.and_then(|p| object(&p.value)).unwrap_or_default(),
            framework_place: parameters.map(|parameters| parameters.place),
            own_parameters: own.unwrap_or_default(),
            recommendations: vec![id],
        })
    }

    /// `parameters` and `without` name controls: each must be one of the framework's, in one of
    /// the versions that are asked for.
    fn check_names_of_controls(
        &self,
        framework: &Document<Framework>,
        versions: &[&Document<Framework>],
        diagnostics: &mut Diagnostics,
    ) {
        let requirement = &self.requirement.value;
        let entries = || {
            let all = versions.iter().flat_map(|document| &document.spec.recommendations);
            all.flat_map(|one| &one.controls)
        };
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
                    check_parameters(control, Some(node), self.context.sources, diagnostics);
                }
                None => {
                    let name = Spanned { value: name.clone(), place: *place };
                    diagnostics.push(not_of(framework, &name, &known));
                }
            }
        }
    }
}

/// A control that exists, perhaps, but not in this framework.
fn not_of(
    framework: &Document<Framework>,
    name: &Spanned<String>,
    known: &[&String],
) -> Diagnostic {
    let version = framework.spec.newest();
    let title = match framework.spec.span() {
        Some(_) => format!("`{}`", framework.name.value),
        None => format!("`{}` {version}", framework.name.value),
    };
    let message = format!("{title} has no control `{}`", name.value);
    let said = Diagnostic::error("unknown-control", message).at(name.place, "not a control of it");
    let said = match crate::text::nearest(&name.value, known.iter().map(|one| one.as_str())) {
        Some(near) => said.help(format!("did you mean `{near}`?")),
        None => said,
    };
    said.help(format!("`ordinance controls {}@{version}` lists its controls", framework.name.value))
}
