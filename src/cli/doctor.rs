//! `ordinance doctor CLUSTER`: what the cluster's engine cannot see or gets wrong, from the quirks.

use super::options::{Doctor, Told};
use super::{Exit, repository, talk};
use crate::document::{Cluster, Document, Quirk};
use crate::engine::{self, Engine, Target};
use crate::failure::Failure;
use crate::pipeline::{self, Loaded};
use crate::plan::Facts;
use crate::text::count;
use serde_json::{Value, json};

pub fn run(options: &Doctor) -> Result<Exit, Failure> {
    let loaded = repository::load(&options.place)?;
    talk::diagnostics(&options.shown, &loaded.diagnostics, &loaded.sources);
    if loaded.diagnostics.has_errors() {
        return Ok(Exit::Input);
    }
    let mut clusters = loaded.linked.clusters.iter();
    let Some(cluster) = clusters.find(|one| one.name.value == options.cluster) else {
        let known = loaded.linked.clusters.iter().map(|cluster| cluster.name.value.as_str());
        talk::no_such("cluster", &options.cluster, known);
        return Ok(Exit::Input);
    };
    let facts = Facts::of(&cluster.spec);
    let Some(engine) = pipeline::engine(&facts.engine) else { return Ok(Exit::Input) };
    let version = engine.version(&facts);
    let target = match engine::target(engine.as_ref(), &facts, &loaded.catalogue) {
        Ok(target) => target,
        Err(unsupported) => {
            tell!("error: {} can be given nothing: {}", options.cluster, unsupported.why);
            tell!("hint: {}", unsupported.help);
            return Ok(Exit::Input);
        }
    };
    let all = version.into_iter().flat_map(|version| loaded.catalogue.quirks(engine.id(), version));
    let all = all.filter(|quirk| quirk.spec.only.holds(&cluster.spec));
    let (remaining, mended): (Vec<_>, Vec<_>) = all.partition(|one| one.spec.remains.is_some());
    match options.format {
        Told::Json => {
            let listed = remaining.iter().chain(&mended).map(|quirk| as_json(quirk));
            let document = json!({
                "cluster": options.cluster,
                "engine": engine.id(),
                "version": version.map(|version| version.to_string()),
                "kubernetes": cluster.spec.kubernetes.version.value.to_string(),
                "shape": target.shape,
                "apiVersion": target.api_version,
                "quirks": listed.collect::<Vec<Value>>(),
            });
            say!("{document:#}");
        }
        Told::Text => {
            head(loaded, cluster, engine.as_ref(), &target);
            group(loaded, "What remains, whatever is rendered", &remaining);
            group(loaded, "What is rendered around", &mended);
            let gaps = count(remaining.len(), "gap");
            let defects = count(mended.len(), "other defect");
            say!("\n{gaps}; {defects} rendered around.");
        }
    }
    Ok(Exit::Fine)
}

fn head(loaded: &Loaded, cluster: &Document<Cluster>, engine: &dyn Engine, target: &Target) {
    let spec = &cluster.spec;
    let place = loaded.sources.short(spec.engine.name.place);
    let version = spec.engine.version.as_ref();
    let version = version.map_or(String::new(), |version| format!(" {}", version.value));
    let managed = match spec.engine.managed {
        true => format!(", managed by {}", spec.provider.value),
        false => String::new(),
    };
    let (name, kubernetes) = (&cluster.name.value, spec.kubernetes.version.value);
    let title = engine.title();
    let built_in = engine.namespace().is_none();
    let runs = match built_in {
        true => format!("{name} lets Kubernetes {kubernetes} judge by itself"),
        false => format!("{name} runs {title}{version}{managed} on Kubernetes {kubernetes}"),
    };
    say!("{runs} and is given {}   {place}", target.shape);
    if let Some(words) = loaded.catalogue.network(spec).words() {
        let words = words.trim_end_matches('.');
        match spec.network_policies {
            Some(_) => say!("Of NetworkPolicies: {words}."),
            None => say!("Nobody states what becomes of NetworkPolicies here; {words}."),
        }
    }
    match spec.engine.fails_open() {
        Some(true) => say!("Requests pass while the engine cannot be reached."),
        Some(false) => say!("Requests are refused while the engine cannot be reached."),
        // What is part of the API server is there whenever a request is.
        None if engine.namespace().is_none() => {}
        None => say!(
            "`failOpen` is not stated, so this does not know what happens while the engine is away."
        ),
    }
}

fn group(loaded: &Loaded, title: &str, quirks: &[&Document<Quirk>]) {
    if quirks.is_empty() {
        return;
    }
    say!("\n{title}");
    for quirk in quirks {
        let spec = &quirk.spec;
        say!("  {} ({})   {}", quirk.name.value, ways(spec), loaded.sources.short(quirk.place()));
        say!("    defect    {}", spec.defect);
        if let Some(remains) = &spec.remains {
            say!("    remains   {remains}");
        }
        say!("    instead   {}", spec.instead);
        say!("    proof     {}", spec.proof);
        say!("    source    {}", spec.source);
    }
}

fn ways(quirk: &Quirk) -> String {
    quirk.requests.iter().map(|way| way.words()).collect::<Vec<_>>().join(", ")
}

fn as_json(quirk: &Document<Quirk>) -> Value {
    let spec = &quirk.spec;
    let ways: Vec<&str> = spec.requests.iter().map(|way| way.words()).collect();
    json!({
        "name": quirk.name.value,
        "versions": spec.versions.to_string(),
        "requests": ways,
        "defect": spec.defect,
        "remains": spec.remains,
        "instead": spec.instead,
        "proof": spec.proof,
        "source": spec.source,
    })
}
