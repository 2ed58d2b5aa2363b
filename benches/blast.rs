//! How long it takes to say whom a change hits: `ordinance diff` as a process, for a fleet of 1,000
//! clusters with 2,000 objects each, of which one intent changes.
//!
//! `cargo bench --bench blast` prints a table; `-- --clusters N` and `-- --objects N` take others.
//! Half of the objects are pods; in the second row every cluster has uids, names of pods and statuses
//! of its own, as clusters have, so that no file is like another. Nothing is random.

#[path = "fleet/process.rs"]
#[allow(dead_code, reason = "shared with the other benches")]
mod process;
#[path = "fleet/repository.rs"]
#[allow(dead_code, reason = "shared with the other benches")]
mod repository;
#[path = "fleet/table.rs"]
mod table;

use process::{Cost, git};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;
use table::{Aim, Row};

const TODAY: &str = "2026-11-22";
const ROUNDS: usize = 3;
/// Seconds, for 1,000 clusters with 2,000 objects each.
const AIM: f64 = 10.0;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let after = |name: &str, otherwise: usize| {
        let index = arguments.iter().position(|one| one == name);
        let written = index.and_then(|index| arguments.get(index + 1));
        written.map_or(otherwise, |written| written.parse().expect("a number"))
    };
    let (clusters, objects) = (after("--clusters", 1_000), after("--objects", 2_000));
    println!("{}; best of {ROUNDS}\n", process::machine());
    let folder = tempfile::tempdir().expect("a folder for the fleet");
    let home = folder.path();
    begin(home, clusters);
    let mut rows = vec![];
    let row = |what: &str, (cost, memory): (Option<Cost>, Option<u64>), aims: Vec<Aim>| Row {
        what: what.to_owned(),
        clusters,
        cost,
        memory,
        aims,
    };
    rows.push(row("`diff`: one intent changed, no snapshots", measured(home), vec![]));
    for (of_their_own, what) in [(false, "the same on every cluster"), (true, "each its own")] {
        let bytes = snapshots(home, clusters, objects, of_their_own);
        let cost = measured(home);
        let wall = cost.0.map_or(0.0, |cost| cost.wall.as_secs_f64());
        let aimed = (clusters, objects) == (1_000, 2_000);
        let aims =
            vec![Aim { name: "wall", unit: " s", measured: wall, below: aimed.then_some(AIM) }];
        let size = format!("{objects} objects, {what} ({:.1} GB)", bytes as f64 / 1e9);
        rows.push(row(&format!("the same, {size}"), cost, aims));
        println!("{}", said(home));
    }
    println!();
    table::print(&rows);
}

/// A repository that is rendered and landed, and then one of its intents changed.
fn begin(home: &Path, clusters: usize) {
    repository::write(home, clusters).expect("the fleet can be written");
    for step in [
        &["init", "--quiet", "--initial-branch", "main"][..],
        &["add", "--all"],
        &["commit", "--quiet", "--message", "The fleet"],
        &["repack", "-a", "-d", "--quiet"],
    ] {
        process::run(&mut git(home, step));
    }
    process::run(&mut ordinance(home, &["propose", "--local"]));
    process::run(&mut git(home, &["update-ref", "refs/heads/main", "refs/heads/ordinance/main"]));
    repository::change_an_intent(home).expect("the intent can be changed");
}

fn ordinance(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ordinance"));
    command.args(arguments).arg("--repository").arg(home).args(["--now", TODAY]);
    command.env_remove("ORDINANCE_NOW").env("GIT_CONFIG_NOSYSTEM", "1");
    command
}

fn measured(home: &Path) -> (Option<Cost>, Option<u64>) {
    let diff = || ordinance(home, &["diff"]);
    let best = (0..ROUNDS).fold(None, |best, _| Some(process::run(&mut diff()).best(best)));
    (best, process::peak(&mut diff()))
}

/// The second and third line of the report: whom it hits, and what that rests on.
fn said(home: &Path) -> String {
    let told = process::output(&mut ordinance(home, &["diff"]));
    told.lines().skip(1).take(2).collect::<Vec<_>>().join(", ")
}

/// Writes a snapshot of every cluster; how many bytes they have.
fn snapshots(home: &Path, clusters: usize, objects: usize, of_their_own: bool) -> u64 {
    let mut all = 0;
    for cluster in 0..clusters {
        // The names that `repository::write` gives.
        let (name, _) = repository::cluster(cluster, clusters);
        let folder = home.join("workloads").join(&name);
        fs::create_dir_all(&folder).expect("a folder can be made");
        let own = if of_their_own { cluster } else { 0 };
        let items: Vec<Value> = (0..objects).map(|index| object(own, index)).collect();
        let list = json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string();
        all += list.len() as u64;
        fs::write(folder.join("all.json"), list).expect("a snapshot can be written");
        fs::write(folder.join("taken"), "2026-11-20\n").expect("a day can be written");
    }
    all
}

/// Of ten objects five are pods, one each a Deployment and its ReplicaSet, and three others.
fn object(cluster: usize, index: usize) -> Value {
    let (application, kind) = (index / 10, index % 10);
    let (name, namespace) = (format!("app-{application}"), format!("team-{}", application % 20));
    let uid = format!("{cluster:08x}-{index:04x}-4000-8000-000000000000");
    // One application in four has the labels that are asked for.
    let labels = match application % 4 {
        0 => json!({"app": name, "owner": "team", "pager": "1", "phone": "2"}),
        _ => json!({"app": name, "owner": "team", "pager": "1"}),
    };
    let container = json!({
        "name": "main",
        "image": format!("registry.example.com/team/{name}:1.{}", application % 7),
        "ports": [{"containerPort": 8080, "protocol": "TCP"}],
        "env": [{"name": "LEVEL", "value": "info"}, {"name": "PORT", "value": "8080"}],
        "resources": {"limits": {"cpu": "500m", "memory": "256Mi"}, "requests": {"cpu": "100m", "memory": "128Mi"}},
        "livenessProbe": {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 10},
        "securityContext": {"runAsNonRoot": true, "allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}},
        "terminationMessagePath": "/dev/termination-log",
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
    });
    let pod = json!({
        "containers": [container],
        "serviceAccountName": "app",
        "volumes": [{"name": "tmp", "emptyDir": {}}],
        "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
        "restartPolicy": "Always",
        "dnsPolicy": "ClusterFirst",
    });
    let template = json!({"metadata": {"labels": labels}, "spec": pod});
    let metadata = |name: &str| {
        json!({
            "name": name, "namespace": namespace, "uid": uid, "labels": labels,
            "resourceVersion": format!("{}", cluster * 100_000 + index),
            "creationTimestamp": "2026-09-01T08:00:00Z",
        })
    };
    let spec =
        json!({"replicas": 5, "selector": {"matchLabels": {"app": name}}, "template": template});
    let set = format!("{name}-6d4cf{:05x}", cluster);
    let owned = |mut metadata: Value, kind: &str, owner: &str| {
        metadata["ownerReferences"] = json!([{"apiVersion": "apps/v1", "kind": kind, "name": owner, "uid": uid, "controller": true}]);
        metadata
    };
    match kind {
        0 => {
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata(&name), "spec": spec,
            "status": {"replicas": 5, "observedGeneration": cluster}})
        }
        1 => json!({"apiVersion": "apps/v1", "kind": "ReplicaSet",
            "metadata": owned(metadata(&set), "Deployment", &name), "spec": spec,
            "status": {"replicas": 5, "observedGeneration": cluster}}),
        2..=6 => json!({"apiVersion": "v1", "kind": "Pod",
            "metadata": owned(metadata(&format!("{set}-{kind}")), "ReplicaSet", &set), "spec": pod,
            "status": {"phase": "Running", "podIP": format!("10.{}.{}.{}", cluster % 256, index / 256, index % 256),
                "startTime": "2026-09-01T08:00:05Z", "conditions": [{"type": "Ready", "status": "True"}]}}),
        7 => json!({"apiVersion": "v1", "kind": "Service", "metadata": metadata(&name),
            "spec": {"selector": {"app": name}, "ports": [{"port": 80, "targetPort": 8080}]}}),
        8 => json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata(&name),
            "data": {"settings.yaml": "level: info\nport: 8080\n"}}),
        _ => json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata(&name)}),
    }
}
