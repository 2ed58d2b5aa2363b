//! The Pod Security Standards as Ordinance renders them: every version of both levels, for every
//! kind of policy there is, read back from the bytes.
//!
//! A small fleet asks for them the way people do, so the framework's document, the choice of what
//! counts in a version, the compiler and the engines are all part of what is judged.

use crate::support::nothing::Nothing;
use ordinance::admission::{Compiled, Operation, Prepared, Request, Verdict};
use ordinance::catalogue::Extent;
use ordinance::date::Date;
use ordinance::engine;
use ordinance::pipeline::{self, Landed, Loaded, RenderRequest};
use ordinance::source::Found;
use ordinance::{check, name};
use rayon::prelude::*;
use serde_json::Value;
use std::collections::BTreeMap;

pub const LEVELS: [&str; 2] = ["baseline", "restricted"];
/// The newest minor that is known; every one from 0 is.
pub const NEWEST: u32 = 37;

/// What a cluster is given: its engine, the engine's version, and how tables call it.
pub struct Target {
    pub title: &'static str,
    id: &'static str,
    engine: &'static str,
}

/// Every shape of policy.
pub const TARGETS: [Target; 5] = [
    Target {
        title: "ValidatingAdmissionPolicy",
        id: "native",
        engine: "kubernetes: \"1.33\", engine: {name: native}",
    },
    Target {
        title: "ValidatingPolicy v1",
        id: "kyverno",
        engine: "kubernetes: \"1.33\", engine: {name: kyverno, version: \"1.19.0\"}",
    },
    Target {
        title: "ValidatingPolicy v1beta1",
        id: "kyverno",
        engine: "kubernetes: \"1.33\", engine: {name: kyverno, version: \"1.16.0\"}",
    },
    Target {
        title: "ClusterPolicy",
        id: "kyverno",
        engine: "kubernetes: \"1.33\", engine: {name: kyverno, version: \"1.13.0\"}",
    },
    Target {
        title: "ConstraintTemplate",
        id: "gatekeeper",
        engine: "kubernetes: \"1.33\", engine: {name: gatekeeper, version: \"3.23.0\"}",
    },
];

/// A check that counts, and the number of the policies that make it.
pub type Counting = (String, usize);

/// All that was rendered; policies alike are there once.
pub struct Standard {
    policies: Vec<Vec<Compiled>>,
    /// By target, level and minor.
    counting: BTreeMap<(usize, &'static str, u32), Vec<Counting>>,
    /// By check: the check that it is replaced by, where that one counts.
    replaced: BTreeMap<String, String>,
}

impl Standard {
    /// Renders for the targets of these numbers.
    pub fn new(targets: &[usize]) -> Standard {
        let loaded = loaded(targets);
        assert!(!loaded.diagnostics.has_errors(), "{:?}", loaded.diagnostics);
        let day = "2026-11-22".parse::<Date>().expect("a day");
        let landed = Landed::new(&Nothing);
        let rendered = pipeline::render(&loaded, &RenderRequest::new(&landed, day));
        assert!(!rendered.diagnostics.has_errors(), "{:?}", rendered.diagnostics);
        let mut numbers: BTreeMap<(usize, String), usize> = BTreeMap::new();
        let mut written: Vec<(usize, Vec<Vec<u8>>)> = vec![];
        let mut counting = BTreeMap::new();
        for key in keys(targets) {
            let (target, level, minor) = key;
            let cluster = &rendered.clusters[&cluster_name(target, level, minor)];
            let unit = &rendered.units[cluster.unit];
            let of = unit.plan.rules.iter().map(|rule| {
                let template = format!("templates/ordinance{}.yaml", rule.name.replace('-', ""));
                let files = [template, format!("policies/{}.yaml", rule.name)];
                let bytes: Vec<Vec<u8>> = files
                    .iter()
                    .filter_map(|path| unit.folder.files.get(path))
                    .map(|bytes| bytes.to_vec())
                    .collect();
                let digest = name::digest(&bytes.concat());
                let number = *numbers.entry((target, digest)).or_insert_with(|| {
                    written.push((target, bytes));
                    written.len() - 1
                });
                let origin = &rule.origins[0];
                assert_eq!(origin.recommendations.len(), 1, "one check, one rule");
                (origin.recommendations[0].id.clone(), number)
            });
            counting.insert(key, of.collect());
        }
        let policies = written.into_par_iter().map(|(target, bytes)| {
            let engine = pipeline::engine(TARGETS[target].id).expect("an engine");
            let bytes = bytes.iter().map(Vec::as_slice);
            let read = check::policies(&*engine, bytes).expect("what was rendered is read");
            assert!(!read.is_empty(), "something was rendered");
            let compile = |policy: ordinance::admission::Policy| {
                let origin = policy.origin.clone();
                policy.compile().unwrap_or_else(|flaws| panic!("{origin}: {flaws:?}"))
            };
            read.into_iter().map(compile).collect::<Vec<Compiled>>()
        });
        let documents = &loaded.catalogue.frameworks["pod-security-standards"];
        let replaced =
            documents[0].spec.recommendations.iter().flat_map(|one| {
                one.replaces.iter().map(|id| (id.value.clone(), one.id.value.clone()))
            });
        Standard { policies: policies.collect(), counting, replaced: replaced.collect() }
    }

    /// How many different policies there are.
    pub fn distinct(&self) -> usize {
        self.policies.len()
    }

    pub fn counting(&self, target: usize, level: &'static str, minor: u32) -> &[Counting] {
        &self.counting[&(target, level, minor)]
    }

    /// The check that counts in place of another, or that one itself.
    pub fn in_place_of<'a>(&'a self, check: &'a str, counting: &[Counting]) -> &'a str {
        let counts = |id: &str| counting.iter().any(|(other, _)| other == id);
        match self.replaced.get(check) {
            Some(other) if !counts(check) && counts(other) => other,
            _ => check,
        }
    }

    /// Whether the policies of a number deny a request; a policy that looks at no pod, or that
    /// cannot be evaluated, is an error.
    pub fn denies(&self, number: usize, request: &Prepared) -> Result<bool, String> {
        let (mut matched, mut denied) = (false, false);
        for policy in &self.policies[number] {
            match policy.judge(request) {
                Verdict::NotMatched => {}
                Verdict::Allowed => matched = true,
                Verdict::Violated { .. } => (matched, denied) = (true, true),
                other => return Err(format!("{}: {other:?}", policy.policy().origin)),
            }
        }
        if matched { Ok(denied) } else { Err("no policy looks at it".to_owned()) }
    }
}

/// The creation of an object.
pub fn creation(object: &Value) -> Prepared {
    let request = Request::from_object(object, Operation::Create, None, None);
    Prepared::from(request.expect("an object with a kind"))
}

/// The Deployment whose template is this pod.
pub fn deployment(pod: &Value) -> Value {
    let mut template = serde_json::json!({"spec": pod["spec"]});
    if let Some(annotations) = pod.pointer("/metadata/annotations") {
        template["metadata"] = serde_json::json!({"annotations": annotations});
    }
    serde_json::json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "wrapped"},
        "spec": {"selector": {"matchLabels": {"app": "wrapped"}}, "template": template},
    })
}

pub fn keys(targets: &[usize]) -> Vec<(usize, &'static str, u32)> {
    let levels = |target| LEVELS.map(move |level| (target, level));
    let both = targets.iter().copied().flat_map(levels);
    both.flat_map(|(target, level)| (0..=NEWEST).map(move |minor| (target, level, minor))).collect()
}

fn cluster_name(target: usize, level: &str, minor: u32) -> String {
    format!("{level}-{minor}-{target}")
}

fn loaded(targets: &[usize]) -> Loaded {
    const HEAD: &str = "apiVersion: ordinance.dev/v1\nkind:";
    let mut files = vec![(
        "ordinance.yaml".to_owned(),
        format!("{HEAD} Fleet\nmetadata: {{name: all}}\nspec:\n  environments: [{{name: all}}]\n"),
    )];
    for (target, level, minor) in keys(targets) {
        let name = cluster_name(target, level, minor);
        let facts = TARGETS[target].engine;
        files.push((
            format!("clusters/{name}.yaml"),
            format!(
                "{HEAD} Cluster\nmetadata: {{name: {name}, labels: {{asks: {level}-{minor}}}}}\n\
                 spec: {{provider: generic, {facts}}}\n"
            ),
        ));
    }
    for level in LEVELS {
        for minor in 0..=NEWEST {
            let name = format!("{level}-{minor}");
            files.push((
                format!("intents/{name}.yaml"),
                format!(
                    "{HEAD} Intent\nmetadata: {{name: {name}}}\nspec:\n  statement: All pods.\n  \
                     owner: platform\n  clusters: {{matchLabels: {{asks: {name}}}}}\n  requires:\n    \
                     - {{framework: pod-security-standards, version: \"1.{minor}\", level: {level}}}\n"
                ),
            ));
        }
    }
    files.sort();
    let files = files.into_iter().map(|(path, text)| (path, text.into_bytes())).collect();
    let known = pipeline::known(vec![]);
    assert_eq!(engine::all().len(), 3, "another engine belongs among the targets here");
    pipeline::load(Found { files, refused: vec![] }, &known, Extent::WithoutCases)
}
