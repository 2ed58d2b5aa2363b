//! How long manifests take: real applications under all rules of a production cluster, and the
//! same objects and rules through the engines' own command lines.
//!
//! `cargo bench --bench check` prints a Markdown table. The corpus lies beside the checkout or in
//! `ORDINANCE_CORPORA`; the engines are in `ORDINANCE_ENGINES`, and what is not there is left out,
//! which is said. The engines are given a part of the corpus (`-- --part SET,SET`; `-- --part all`
//! takes minutes): what each denies of it is compared object by object and rule by rule.

#[path = "fleet/process.rs"]
#[allow(dead_code, reason = "shared with the other bench")]
mod process;

use ordinance::text::Sources;
use ordinance::yaml::{self, Node};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;
const TODAY: &str = "2026-11-22";

/// The cluster whose rules judge, and the engine's command line that takes them as they are.
const SIDES: [(&str, &str, f64); 2] =
    [("prod-eu-1", "kyverno-1.19", 50.0), ("prod-eu-2", "gator-3.23", 10.0)];

/// Kind, namespace, name, and the control that denies.
type Denied = BTreeSet<(String, String, String, String)>;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let part = arguments.iter().position(|one| one == "--part");
    let part = part.and_then(|at| arguments.get(at + 1)).map_or("guestbook,linkerd", |part| part);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let corpora = std::env::var_os("ORDINANCE_CORPORA").map(PathBuf::from);
    let manifests = corpora.unwrap_or_else(|| root.join("../shared/corpora")).join("manifests");
    let Ok(index) = fs::read_to_string(manifests.join("index.json")) else {
        println!("Nothing is measured: there is no corpus in {}.", manifests.display());
        return;
    };
    let index: Value = serde_json::from_str(&index).expect("JSON");
    let sets: Vec<&String> = index["sets"].as_object().expect("sets").keys().collect();
    println!("{}; best of {ROUNDS}\n", process::machine());
    println!("| what | objects | wall | peak memory | denied | beside its aim |");
    println!("|---|---:|---:|---:|---:|---|");
    for (cluster, ..) in SIDES {
        let paths: Vec<PathBuf> = sets.iter().map(|set| manifests.join(set)).collect();
        let (wall, said) = check(root, cluster, &paths);
        let memory = process::peak(&mut ordinance(root, cluster, &paths));
        let (seconds, megabytes) =
            (wall.as_secs_f64(), memory.map_or(0.0, |bytes| bytes as f64 / 1e6));
        println!(
            "| `check --cluster {cluster}`, all of the corpus | {} | {seconds:.2} s | \
             {megabytes:.0} MB | {} | aims 1 s and 150 MB: {} |",
            said["objects"],
            said["violations"].as_array().map_or(0, Vec::len),
            verdict(seconds <= 1.0 && megabytes <= 150.0),
        );
    }
    let taken: Vec<&String> = sets
        .iter()
        .filter(|set| part == "all" || part.split(',').any(|one| one == **set))
        .copied()
        .collect();
    let folder = tempfile::tempdir().expect("a folder");
    let objects = objects(&manifests, &taken);
    let namespaces = namespaces(&objects);
    let file = folder.path().join("objects.yaml");
    write(&file, &objects);
    for (cluster, engine, aim) in SIDES {
        let (wall, said) = check(root, cluster, std::slice::from_ref(&file));
        let own = denied_by_check(&said);
        let one = |what: &str, wall: Duration, denied: &Denied, aim: &str| {
            let seconds = wall.as_secs_f64();
            println!(
                "| {what} | {} | {seconds:.2} s | – | {} | {aim} |",
                objects.len(),
                denied.len()
            );
        };
        one(&format!("`check --cluster {cluster}`, {part}"), wall, &own, "");
        let engines = std::env::var_os("ORDINANCE_ENGINES").map(PathBuf::from);
        let Some(binary) = engines.map(|folder| folder.join(engine)).filter(|path| path.exists())
        else {
            println!("| {engine}: it is not built, so nothing is compared | | | | | |");
            continue;
        };
        let rendered = root.join("rendered").join(cluster);
        let began = Instant::now();
        let theirs = match engine.starts_with("gator") {
            true => gator(&binary, &rendered, folder.path(), &namespaces),
            false => kyverno(&binary, &rendered, folder.path(), &namespaces),
        };
        let took = began.elapsed();
        let ratio = took.as_secs_f64() / wall.as_secs_f64();
        let equal = match own.symmetric_difference(&theirs).count() {
            0 => "equal verdicts".to_owned(),
            number => format!("**{number} verdicts differ**"),
        };
        let aim = format!(
            "{ratio:.0} × of the above (aim {aim:.0} ×: {}); {equal}",
            verdict(ratio >= aim)
        );
        one(&format!("{engine}, the same objects and rules"), took, &theirs, &aim);
        for (kind, namespace, name, control) in own.symmetric_difference(&theirs).take(10) {
            eprintln!("{engine} differs: {kind} {namespace}/{name} {control}");
        }
    }
}

fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "**missed**" }
}

fn ordinance(root: &Path, cluster: &str, paths: &[PathBuf]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ordinance"));
    command.current_dir(root).env("ORDINANCE_NOW", TODAY);
    command.args(["check", "--cluster", cluster, "--format", "json"]).args(paths);
    command
}

/// The best time, and what was said.
fn check(root: &Path, cluster: &str, paths: &[PathBuf]) -> (Duration, Value) {
    let mut best = Duration::MAX;
    let mut said = Value::Null;
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let output = ordinance(root, cluster, paths).output().expect("it starts");
        best = best.min(began.elapsed());
        let error = String::from_utf8_lossy(&output.stderr);
        said = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{error}"));
    }
    (best, said)
}

/// The objects of these sets that lie in a namespace, which is written into them; each once.
///
/// `gator test` gives objects of the whole cluster an empty namespace, which admission does not,
/// so those are left out for all alike.
fn objects(manifests: &Path, sets: &[&String]) -> Vec<Value> {
    let mut found: BTreeMap<(String, String, String), Value> = BTreeMap::new();
    for set in sets {
        let mut files: Vec<PathBuf> = fs::read_dir(manifests.join(set))
            .expect("a folder")
            .map(|entry| entry.expect("an entry").path())
            .collect();
        files.sort();
        for file in files {
            let mut sources = Sources::default();
            let source = sources.add("manifest", fs::read_to_string(file).expect("text"));
            for node in yaml::read(&sources, source).unwrap_or_default() {
                let mut object = Node::to_json(&node);
                let text = |path| object.pointer(path).and_then(Value::as_str).unwrap_or_default();
                let (group, _) = text("/apiVersion").split_once('/').unwrap_or_default();
                let kind = text("/kind").to_owned();
                let served = ordinance::admission::resource_of(group, &kind);
                if served.namespaced != Some(true) {
                    continue;
                }
                let own = text("/metadata/namespace").to_owned();
                let namespace = if own.is_empty() { "default".to_owned() } else { own };
                let name = text("/metadata/name").to_owned();
                object["metadata"]["namespace"] = json!(namespace);
                found.entry((kind, namespace, name)).or_insert(object);
            }
        }
    }
    found.into_values().collect()
}

fn namespaces(objects: &[Value]) -> Vec<String> {
    let names = objects.iter().filter_map(|one| one["metadata"]["namespace"].as_str());
    let names: BTreeSet<&str> = names.collect();
    names.into_iter().map(str::to_owned).collect()
}

fn write(path: &Path, documents: &[Value]) {
    let texts: Vec<String> = documents.iter().map(Value::to_string).collect();
    fs::write(path, texts.join("\n---\n")).expect("a file");
}

fn denied_by_check(said: &Value) -> Denied {
    let violations = said["violations"].as_array().expect("a list").iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    violations
        .map(|one| {
            let object = &one["object"];
            let [kind, namespace, name] =
                ["kind", "namespace", "name"].map(|key| text(&object[key]));
            (kind, namespace, name, text(&one["control"]))
        })
        .collect()
}

/// All rendered files of a folder as one.
fn policies(folder: &Path, into: &mut Vec<Value>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        if path.ends_with("kustomization.yaml") {
            continue;
        }
        let mut sources = Sources::default();
        let source = sources.add("policy", fs::read_to_string(path).expect("text"));
        let nodes = yaml::read(&sources, source).expect("what is rendered is YAML");
        into.extend(nodes.iter().map(Node::to_json));
    }
}

/// The control that a rendered object enforces, by its name.
fn controls(policies: &[Value]) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let pair = |one: &Value| {
        let control = &one["metadata"]["annotations"]["ordinance.dev/control"];
        (text(&one["metadata"]["name"]), text(control))
    };
    policies.iter().map(pair).collect()
}

fn kyverno(binary: &Path, rendered: &Path, work: &Path, namespaces: &[String]) -> Denied {
    let mut all = vec![];
    policies(&rendered.join("policies"), &mut all);
    write(&work.join("policies.yaml"), &all);
    let label = "kubernetes.io/metadata.name";
    let selector: Vec<Value> =
        namespaces.iter().map(|name| json!({"name": name, "labels": {label: name}})).collect();
    let values = json!({"apiVersion": "cli.kyverno.io/v1alpha1", "kind": "Values",
        "metadata": {"name": "values"}, "namespaceSelector": selector});
    write(&work.join("values.yaml"), &[values]);
    let output = Command::new(binary)
        .current_dir(work)
        .args(["apply", "policies.yaml", "-r", "objects.yaml", "-f", "values.yaml", "-p"])
        .args(["--output-format", "json"])
        .output()
        .expect("it starts");
    let text = String::from_utf8_lossy(&output.stdout);
    let start = text.find('{').unwrap_or_else(|| panic!("no report: {text}"));
    let report = serde_json::Deserializer::from_str(&text[start..]).into_iter::<Value>().next();
    let report = report.expect("a report").expect("JSON");
    let controls = controls(&all);
    let mut denied = Denied::new();
    for result in report["results"].as_array().into_iter().flatten() {
        if result["result"] != "fail" {
            continue;
        }
        let object = &result["resources"][0];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let [kind, namespace, name] = ["kind", "namespace", "name"].map(|key| text(&object[key]));
        let control = controls.get(&text(&result["policy"])).cloned().unwrap_or_default();
        denied.insert((kind, namespace, name, control));
    }
    denied
}

fn gator(binary: &Path, rendered: &Path, work: &Path, namespaces: &[String]) -> Denied {
    let mut all = vec![];
    policies(&rendered.join("templates"), &mut all);
    policies(&rendered.join("policies"), &mut all);
    let label = "kubernetes.io/metadata.name";
    let controls = controls(&all);
    all.extend(namespaces.iter().map(|name| {
        json!({"apiVersion": "v1", "kind": "Namespace",
            "metadata": {"name": name, "labels": {label: name}}})
    }));
    write(&work.join("policies.yaml"), &all);
    let output = Command::new(binary)
        .current_dir(work)
        .args(["test", "-f", "policies.yaml", "-f", "objects.yaml", "-o", "json"])
        .output()
        .expect("it starts");
    let error = String::from_utf8_lossy(&output.stderr);
    let results: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{error}"));
    let mut denied = Denied::new();
    for result in results.as_array().into_iter().flatten() {
        fn text(value: &Value, path: &str) -> String {
            value.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned()
        }
        let object = &result["violatingObject"];
        let [kind, namespace, name] =
            ["/kind", "/metadata/namespace", "/metadata/name"].map(|path| text(object, path));
        // The namespaces are there to be selected by; gator judges them, too.
        if kind == "Namespace" {
            continue;
        }
        let control =
            controls.get(&text(result, "/constraint/metadata/name")).cloned().unwrap_or_default();
        denied.insert((kind, namespace, name, control));
    }
    denied
}
