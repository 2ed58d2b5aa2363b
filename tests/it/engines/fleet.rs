//! Policy repositories made for a test, and the binary run in them.

use super::case_files::CaseFile;
use super::tools::{Finished, run};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// The day everything here is rendered for.
const TODAY: &str = "2026-11-22";

/// An engine in the version a cluster has.
#[derive(Clone, Copy)]
pub struct Target {
    pub engine: &'static str,
    /// Empty for the engine built into Kubernetes.
    pub version: &'static str,
    pub kubernetes: &'static str,
}

impl Target {
    pub fn title(&self) -> String {
        match self.version {
            "" => format!("{} {}", self.engine, self.kubernetes),
            version => format!("{} {version}", self.engine),
        }
    }

    /// A Cluster document.
    pub fn cluster(&self, name: &str, labels: &Value) -> Value {
        let mut engine = json!({"name": self.engine});
        if !self.version.is_empty() {
            engine["version"] = self.version.into();
        }
        let spec = json!({"kubernetes": self.kubernetes, "provider": "generic", "engine": engine});
        document("Cluster", &json!({"name": name, "labels": labels}), &spec)
    }
}

/// A document as people write it.
pub fn document(kind: &str, metadata: &Value, spec: &Value) -> Value {
    json!({"apiVersion": "ordinance.dev/v1", "kind": kind, "metadata": metadata, "spec": spec})
}

/// A policy repository in a folder that goes when it is dropped.
pub struct Fleet {
    folder: tempfile::TempDir,
}

impl Fleet {
    pub fn new() -> Fleet {
        let fleet = Fleet { folder: tempfile::tempdir().expect("a temporary folder") };
        let spec = json!({"environments": [{"name": "production"}]});
        fleet.write("ordinance.yaml", &[document("Fleet", &json!({"name": "engines"}), &spec)]);
        fleet
    }

    pub fn write(&self, path: &str, documents: &[Value]) {
        let file = self.folder.path().join(path);
        fs::create_dir_all(file.parent().expect("a file in a folder")).expect("a new folder");
        let texts: Vec<String> = documents.iter().map(ordinance::yaml::write).collect();
        fs::write(file, texts.join("---\n")).expect("a new file");
    }

    /// Renders with the real binary, which must be content.
    pub fn render(&self) {
        self.render_for(TODAY);
    }

    /// The same, for another day.
    pub fn render_for(&self, day: &str) {
        let finished = self.ordinance(&["render", "--now", day]);
        assert!(finished.success, "{}\n{}", finished.stdout, finished.stderr);
    }

    /// What `check` says by the rules of a cluster to manifests in a folder.
    pub fn check(&self, cluster: &str, folder: &Path, paths: &[&str]) -> Value {
        let paths = paths.iter().map(|path| folder.join(path).display().to_string());
        let mut words = ["check", "--cluster", cluster, "--now", TODAY, "--format", "json"]
            .map(str::to_owned)
            .to_vec();
        words.extend(paths);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let finished = self.ordinance(&words);
        serde_json::from_str(&finished.stdout)
            .unwrap_or_else(|_| panic!("{}\n{}", finished.stdout, finished.stderr))
    }

    fn ordinance(&self, arguments: &[&str]) -> Finished {
        run(Path::new(env!("CARGO_BIN_EXE_ordinance")), self.folder.path(), arguments)
    }

    /// The rendered folder of a cluster.
    pub fn rendered(&self, cluster: &str) -> PathBuf {
        self.folder.path().join("rendered").join(cluster)
    }
}

/// A repository with one cluster and one intent for each file of cases, rendered.
pub fn of_cases(target: &Target, files: &[CaseFile]) -> Fleet {
    filled(Fleet::new(), target, files)
}

/// The same, where groups may break the glass.
pub fn of_cases_with(groups: &[&str], target: &Target, files: &[CaseFile]) -> Fleet {
    let fleet = Fleet::new();
    let spec = json!({"environments": [{"name": "production"}], "breakGlass": {"groups": groups}});
    fleet.write("ordinance.yaml", &[document("Fleet", &json!({"name": "engines"}), &spec)]);
    filled(fleet, target, files)
}

fn filled(fleet: Fleet, target: &Target, files: &[CaseFile]) -> Fleet {
    for file in files {
        let cluster = target.cluster(&file.name, &json!({"cases": file.name}));
        add(&fleet, cluster, file);
    }
    fleet.render();
    fleet
}

/// A repository with this cluster, labelled for one file of cases, and its intent, rendered.
pub fn of_case(cluster: &Value, file: &CaseFile) -> Fleet {
    let fleet = Fleet::new();
    add(&fleet, cluster.clone(), file);
    fleet.render();
    fleet
}

fn add(fleet: &Fleet, cluster: Value, file: &CaseFile) {
    fleet.write(&format!("clusters/{}.yaml", file.name), &[cluster]);
    let mut documents = vec![intent(file)];
    documents.extend(file.exemptions.iter().enumerate().map(|one| exemption(file, one)));
    fleet.write(&format!("intents/{}.yaml", file.name), &documents);
}

fn intent(file: &CaseFile) -> Value {
    let mut requirement = json!({"control": file.control, "parameters": file.parameters});
    if let Some(version) = &file.version {
        requirement["version"] = version.clone();
    }
    let spec = json!({
        "statement": format!("What the cases of {} say.", file.name),
        "owner": "platform-security",
        "clusters": {"matchLabels": {"cases": file.name}},
        "requires": [requirement],
        "exemptions": {},
    });
    document("Intent", &json!({"name": file.name}), &spec)
}

fn exemption(file: &CaseFile, (index, scope): (usize, &Value)) -> Value {
    let spec = json!({
        "lifts": [{"intent": file.name, "controls": [file.control]}],
        "scope": scope,
        "reason": "The cases say what must pass.",
        "owner": "team-billing",
        "approvedBy": "security-lead",
        "ticket": "SEC-1234",
        "granted": "2026-11-02",
        "expires": "2027-01-29",
    });
    document("Exemption", &json!({"name": format!("{}-{}", file.name, index + 1)}), &spec)
}
