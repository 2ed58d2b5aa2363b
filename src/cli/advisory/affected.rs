//! What an advisory affects, for people and for programs, and what of it nothing refuses.

use crate::cli::options::{Affected, Told};
use crate::cli::{Exit, repository, snapshots, talk};
use crate::date::Date;
use crate::document::State;
use crate::failure::Failure;
use crate::link::Warned;
use crate::pipeline::{Exposed, Loaded, Render, exposed};
use crate::snapshot::Taken;
use crate::text::{count, visible};
use crate::version::Standing;
use serde_json::{Value, json};

/// A line of which a part is somebody's own: nothing in it is obeyed by a terminal.
macro_rules! line {
    ($($words:tt)*) => { say!("{}", visible(&format!($($words)*))) };
}

/// What no admission can do about what runs.
const RUNNING: &str = "what runs already keeps running: admission judges what is made or changed";

/// What no admission can do about nodes.
const NODES: &str = "a pod at admission has no node yet, so its runtime and kubelet cannot be judged; \
                     a pod that names its node itself, and a static pod, is never bound";

pub fn run(options: &Affected) -> Result<Exit, Failure> {
    let common = &options.common;
    let loaded = repository::load(&common.place)?;
    let today = repository::today(common);
    talk::diagnostics(&common.shown, &loaded.diagnostics, &loaded.sources);
    if loaded.diagnostics.has_errors() {
        return Ok(Exit::Input);
    }
    for (cluster, snapshot) in &mut loaded.snapshots {
        snapshot.problems(today).iter().for_each(|problem| talk::note(&visible(&problem.message)));
        snapshot.taken = snapshot
            .taken
            .or_else(|| snapshots::committed(&common.place, &[cluster]).remove(cluster));
    }
    let loaded = &*loaded;
    let warned = &loaded.linked.warned;
    let chosen: Vec<&Warned> = match &options.name {
        Some(name) => {
            let named = warned.iter().find(|one| one.name == *name || one.ids.contains(name));
            let Some(named) = named else {
                let known = warned.iter().map(|one| one.name.as_str());
                talk::no_such("advisory", name, known);
                return Ok(Exit::Input);
            };
            vec![named]
        }
        None => warned.iter().filter(|one| one.lasting.is_in_force(today)).collect(),
    };
    let all = chosen.iter().map(|one| (*one, of_active(loaded, one)));
    match options.format {
        Told::Json => {
            let all = all.map(|(one, clusters)| as_json(one, &clusters, today));
            say!("{:#}", json!({"advisories": all.collect::<Vec<Value>>()}));
        }
        Told::Text => {
            if chosen.is_empty() {
                say!("No advisory counts on {today}.");
            }
            for (index, (one, clusters)) in all.enumerate() {
                if index > 0 {
                    say!();
                }
                text(loaded, one, &clusters, today);
            }
        }
    }
    Ok(Exit::Fine)
}

/// Clusters that are rendered, or would be.
fn of_active<'a>(loaded: &'a Loaded, one: &Warned) -> Vec<Exposed<'a>> {
    let mut clusters = exposed(loaded, one);
    clusters.retain(|found| found.cluster.spec.state != State::Retired);
    clusters
}

/// What `render` says of advisories that count: what they affect already.
pub fn notes(loaded: &Loaded, rendered: &Render, today: Date) -> Vec<String> {
    let mut notes = vec![];
    for one in loaded.linked.warned.iter().filter(|one| one.lasting.is_in_force(today)) {
        let mut clusters = exposed(loaded, one);
        clusters.retain(|found| rendered.clusters.contains_key(&found.cluster.name.value));
        let running = |found: &Exposed<'_>| {
            let sure = found.workloads.iter().filter(|one| one.standing == Standing::Inside);
            sure.count()
        };
        let workloads: usize = clusters.iter().map(running).sum();
        let nodes: usize = clusters.iter().map(|found| found.affected().count()).sum();
        let on = |of: &dyn Fn(&Exposed<'_>) -> bool| {
            count(clusters.iter().filter(|found| of(found)).count(), "cluster")
        };
        let mut parts = vec![];
        if workloads > 0 {
            let (those, on) = (count(workloads, "workload"), on(&|found| running(found) > 0));
            let verb = if workloads == 1 { "runs" } else { "run" };
            parts.push(format!("{those} of {on} {verb} what it affects"));
        }
        if nodes > 0 {
            let on = on(&|found| found.affected().count() > 0);
            parts.push(format!("{} of {on} to cordon", count(nodes, "node")));
        }
        let about_nodes = one.is_about_nodes();
        let unseen = clusters.iter().filter(|found| about_nodes && found.known == 0).count();
        if unseen > 0 {
            parts.push(format!("no snapshot lists the nodes of {}", count(unseen, "cluster")));
        }
        if !parts.is_empty() {
            let (name, parts) = (&one.name, parts.join("; "));
            notes
                .push(format!("{name}: {parts}: `ordinance advisory affected {name}` tells which"));
        }
    }
    notes
}

/// Since when and until when it counts, in words.
fn days(one: &Warned, today: Date) -> String {
    let (granted, expires) = (one.lasting.granted, one.lasting.expires);
    if today > expires {
        format!("ended on {expires}")
    } else if today < granted {
        format!("counts from {granted} to {expires}")
    } else {
        format!("counts until {expires}, {}", one.lasting.left(today))
    }
}

fn text(loaded: &Loaded, one: &Warned, clusters: &[Exposed<'_>], today: Date) {
    let place = loaded.sources.short(one.place);
    let what = match &one.ids[..] {
        [] => one.severity.name().to_owned(),
        ids => format!("{}: {}", one.severity.name(), ids.join(", ")),
    };
    line!("{} ({what}) {}   {place}", one.name, days(one, today));
    if let Some(source) = &one.source {
        line!("  from {source}");
    }
    if clusters.is_empty() {
        line!("  It is for no cluster.");
    }
    let about_nodes = one.is_about_nodes();
    for found in clusters {
        let when = match found.seen {
            true => format!("snapshot {}", Taken::words(found.taken)),
            false => "no snapshot".to_owned(),
        };
        say!();
        line!("{}   {when}", found.cluster.name.value);
        if let Some((standing, because)) = &found.stated {
            let words = match standing {
                Standing::Inside => "are affected",
                _ => "may be affected",
            };
            line!("  its nodes {words}: {because}");
        }
        for node in &found.nodes {
            line!("  node {} {}: {}", node.name, words(node.standing), node.because);
        }
        let paused = found.cluster.spec.state == State::Paused;
        for words in nodes(one, found, today) {
            if about_nodes || paused {
                line!("  {words}");
            }
        }
        for one in &found.workloads {
            let (standing, namespace) = (words(one.standing), &one.namespace);
            line!("  {} {} in {namespace} {standing}: {}", one.kind, one.name, one.image);
        }
        match found.seen {
            true if !one.images.is_empty() && found.workloads.is_empty() => {
                line!("  no workload of the snapshot names an affected image");
            }
            false if !one.images.is_empty() => {
                let folder = format!("workloads/{}/", found.cluster.name.value);
                line!("  nobody knows what runs there: a snapshot in {folder} would tell");
            }
            _ => {}
        }
        for node in found.affected() {
            line!("    kubectl cordon {}", node.name);
        }
    }
    say!();
    line!("Not enforceable by admission: {RUNNING}.");
    if about_nodes {
        line!("Nor this: {NODES}.");
    }
}

fn words(standing: Standing) -> &'static str {
    match standing {
        Standing::Inside => "is affected",
        Standing::Unknown => "may be affected",
        Standing::Outside => "is not affected",
    }
}

/// What is rendered about a cluster's nodes, and what is not and why.
fn nodes(one: &Warned, found: &Exposed<'_>, today: Date) -> Vec<String> {
    let name = &found.cluster.name.value;
    let affected = found.affected().count();
    let mut lines = vec![];
    if found.cluster.spec.state == State::Paused {
        lines.push("paused: nothing is rendered".to_owned());
    } else if found.known == 0 {
        lines.push(format!(
            "nothing is refused: no snapshot lists its nodes; \
             `kubectl get nodes -o json` into workloads/{name}/nodes.json does"
        ));
    } else if affected == 0 {
        lines.push(format!("none of its {} is known to be affected", count(found.known, "node")));
    } else if !one.lasting.is_in_force(today) {
        lines.push(format!("nothing is refused: the advisory does not count on {today}"));
    } else if !found.judges_bindings() {
        let kubernetes = found.cluster.spec.kubernetes.version.value;
        lines.push(format!(
            "nothing is refused: Kubernetes {kubernetes} does not judge bindings by itself (1.30 \
             does); cordon the nodes"
        ));
    } else {
        let (verb, those) = (one.action.verb(), count(affected, "node"));
        lines.push(format!("{verb} binding more pods to {those}, namespaces of the system aside"));
    }
    lines
}

fn as_json(one: &Warned, clusters: &[Exposed<'_>], today: Date) -> Value {
    let standing = |standing: Standing| match standing {
        Standing::Inside => "affected",
        Standing::Unknown => "unknown",
        Standing::Outside => "not affected",
    };
    let about_nodes = one.is_about_nodes();
    let listed = clusters.iter().map(|found| {
        let nodes_of = found.nodes.iter();
        let nodes_of = nodes_of.map(|node| {
            json!({"name": node.name, "standing": standing(node.standing), "because": node.because})
        });
        let stated = found.stated.iter();
        let stated =
            stated.map(|(one, because)| json!({"standing": standing(*one), "because": because}));
        let workloads = found.workloads.iter().map(|one| {
            json!({
                "namespace": one.namespace,
                "kind": one.kind,
                "name": one.name,
                "image": one.image,
                "standing": standing(one.standing),
            })
        });
        let cordon = found.affected().map(|node| format!("kubectl cordon {}", node.name));
        let enforced = found.affected().count() > 0
            && found.cluster.spec.state == State::Active
            && found.judges_bindings()
            && one.lasting.is_in_force(today);
        json!({
            "cluster": found.cluster.name.value,
            "paused": found.cluster.spec.state == State::Paused,
            "snapshot": found.seen.then(|| json!({
                "taken": found.taken.map(|taken| taken.day().to_string()),
                "words": Taken::words(found.taken),
            })),
            "nodesKnown": found.known,
            "nodes": nodes_of.collect::<Vec<Value>>(),
            "stated": stated.collect::<Vec<Value>>(),
            "bindings": about_nodes.then(|| json!({
                "rendered": enforced,
                "words": nodes(one, found, today).join("; "),
            })),
            "cordon": cordon.collect::<Vec<String>>(),
            "workloads": workloads.collect::<Vec<Value>>(),
        })
    });
    let mut not = vec![RUNNING];
    not.extend(about_nodes.then_some(NODES));
    json!({
        "name": one.name,
        "ids": one.ids,
        "severity": one.severity.name(),
        "owner": one.owner,
        "source": one.source,
        "action": one.action.name(),
        "granted": one.lasting.granted.to_string(),
        "expires": one.lasting.expires.to_string(),
        "counts": one.lasting.is_in_force(today),
        "clusters": listed.collect::<Vec<Value>>(),
        "notEnforceable": not,
    })
}
