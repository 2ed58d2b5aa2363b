//! Whom a change hits: `ordinance diff` with snapshots.

use crate::check::{folder, json};
use crate::support::binary::{Run, command, must, ordinance, run};
use crate::support::corpora::corpus;
use crate::support::files;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const FLEET: &str = "\
apiVersion: ordinance.dev/v1
kind: Fleet
metadata: {name: example}
spec:
  environments: [{name: all}]
";

/// A control that judges also what is written again as it is.
const STRICT: &str = "\
apiVersion: ordinance.dev/v1
kind: Control
metadata: {name: no-forbidden-label}
spec:
  title: Nothing is labelled as forbidden
  why: So that a test can tell.
  fix: Leave the label out.
  severity: low
  subject:
    resources:
      - {group: \"\", versions: [v1], resource: configmaps, kind: ConfigMap, scope: Namespaced}
  operations: [CREATE, UPDATE]
  unchanged: judge
  rules:
    - name: forbidden
      offenders: \"'forbidden' in dyn(object).?metadata.?labels.orValue({}) ? ['forbidden'] : []\"
      message: \"labels are forbidden: {offenders}\"
";

const ENGINES: &[(&str, &str)] = &[
    ("plain", "{name: native}"),
    ("old", "{name: kyverno, version: \"1.12.6\"}"),
    ("new", "{name: kyverno, version: \"1.17.2\"}"),
    ("gate", "{name: gatekeeper, version: \"3.23.1\"}"),
];

const FOUND: &str = r#"{"apiVersion":"v1","kind":"List","items":[
{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop","labels":{"team":"web"}}},
{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop"},"spec":{"template":{
  "metadata":{"labels":{"app":"web"}},
  "spec":{"containers":[{"name":"web","image":"registry.example.com/web:1"}]}}}},
{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web-6d4cf-abcde","namespace":"shop",
  "labels":{"app":"web","pod-template-hash":"6d4cf"},
  "ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web-6d4cf","controller":true}]},
  "spec":{"containers":[{"name":"web","image":"registry.example.com/web:1"},{"name":"side","image":"registry.example.com/side:1"}]}},
{"apiVersion":"v1","kind":"Pod","metadata":{"name":"bare","labels":{"owner":"data"}},
  "spec":{"containers":[{"name":"n","image":"registry.example.com/n:1"}]}},
{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"calm","namespace":"shop"},"spec":{"template":{"spec":{
  "containers":[{"name":"c","image":"registry.example.com/c:1","securityContext":{"runAsNonRoot":true}}]}}}},
{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"flags","namespace":"shop","labels":{"forbidden":"yes"}}}
]}"#;

fn intent(requires: &str) -> String {
    format!(
        "apiVersion: ordinance.dev/v1\nkind: Intent\nmetadata: {{name: asked}}\nspec:\n  \
         statement: What is asked.\n  owner: security\n  requires: [{requires}]\n"
    )
}

/// A rendered repository with one cluster of each engine, and snapshots of these.
fn repository(requires: &str, snapshots: &[&str]) -> tempfile::TempDir {
    let intent = intent(requires);
    let mut files = vec![
        ("ordinance.yaml".to_owned(), FLEET.to_owned()),
        ("templates/controls/no-forbidden-label/control.yaml".to_owned(), STRICT.to_owned()),
        ("intents/asked.yaml".to_owned(), intent),
    ];
    for (name, engine) in ENGINES {
        let cluster = format!(
            "apiVersion: ordinance.dev/v1\nkind: Cluster\nmetadata: {{name: {name}}}\n\
             spec: {{kubernetes: \"1.33\", provider: generic, engine: {engine}}}\n"
        );
        files.push((format!("clusters/{name}.yaml"), cluster));
    }
    for name in snapshots {
        files.push((format!("workloads/{name}/all.json"), FOUND.to_owned()));
        files.push((format!("workloads/{name}/taken"), "2026-11-20\n".to_owned()));
    }
    let files: Vec<(&str, &str)> =
        files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let folder = folder(&files);
    must(folder.path(), &["render"]);
    folder
}

fn all() -> Vec<&'static str> {
    ENGINES.iter().map(|(name, _)| *name).collect()
}

fn change(folder: &Path, requires: &str, more: &[&str]) -> Run {
    fs::write(folder.join("intents/asked.yaml"), intent(requires)).expect("a file");
    ordinance(folder, &[&["diff"], more].concat())
}

/// What all changes do together: effect, when, workload, owner, offenders, clusters.
fn hits(told: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for change in told["changes"].as_array().expect("changes") {
        for hit in change["blast"]["hits"].as_array().into_iter().flatten() {
            let text = |field: &str| hit[field].as_str().unwrap_or("-");
            found.insert(format!(
                "{} at {}: {} {}/{} ({}) for {} on {}",
                text("effect"),
                text("when"),
                text("kind"),
                text("namespace"),
                text("name"),
                text("owner"),
                hit["offenders"],
                hit["clusters"],
            ));
        }
    }
    found
}

const EVERYWHERE: &str = r#"["gate","new","old","plain"]"#;

fn expected(lines: &[&str]) -> BTreeSet<String> {
    lines.iter().map(|line| format!("{line} on {EVERYWHERE}")).collect()
}

const AUDIT: &str = "{control: run-as-non-root, action: audit}";
const DENY: &str = "{control: run-as-non-root}";

/// A Deployment and its pods are one workload, of whoever the namespace says; what lies in no
/// namespace of its own lies in `default`. What is not changed is let be until it is made anew.
#[test]
fn every_engine_hits_the_same() {
    let folder = repository(AUDIT, &all());
    let told = json(&change(folder.path(), DENY, &["--format", "json"]));
    assert_eq!(
        hits(&told),
        expected(&[
            "denied at restart: Deployment shop/web (web) for [\"side\",\"web\"]",
            "denied at restart: Pod default/bare (data) for [\"n\"]",
        ]),
        "{told:#}"
    );
    assert_eq!(told["blast"]["denied"], 8);
    assert_eq!(told["blast"]["deniedAtUpdate"], 0);
    assert_eq!(told["blast"]["snapshots"]["plain"]["taken"], "2026-11-20");
    assert_eq!(told["blast"]["snapshots"]["plain"]["takenAs"], "stated");

    must(folder.path(), &["render"]);
    let told = json(&change(folder.path(), AUDIT, &["--format", "json"]));
    assert_eq!(
        hits(&told),
        expected(&[
            "freed at restart: Deployment shop/web (web) for [\"side\",\"web\"]",
            "freed at restart: Pod default/bare (data) for [\"n\"]",
        ]),
        "{told:#}"
    );
}

#[test]
fn what_is_judged_even_unchanged_is_hit_at_any_update() {
    let folder = repository("{control: no-forbidden-label, action: audit}", &all());
    let told = change(folder.path(), "{control: no-forbidden-label}", &["--format", "json"]);
    let told = json(&told);
    assert_eq!(
        hits(&told),
        expected(&["denied at update: ConfigMap shop/flags (web) for [\"forbidden\"]"]),
        "{told:#}"
    );
    assert_eq!(told["blast"]["deniedAtUpdate"], 4);
}

/// What a policy says is remembered for all clusters, and where it looks is each one's own matter: the
/// same pod lies in a namespace with the label, with another, with none that anybody states, and in
/// one that belongs to the system.
#[test]
fn whoever_does_not_look_says_nothing() {
    let clusters = [
        ("away", "systemNamespaces: [shop], namespaces: [{name: shop, labels: {tier: web}}]"),
        ("data", "namespaces: [{name: shop, labels: {tier: db}}]"),
        ("unsaid", "namespaces: []"),
        ("web", "namespaces: [{name: shop, labels: {tier: web}}]"),
    ];
    let asked = |action: &str| {
        let but = "{matchExpressions: [{key: tier, operator: NotIn, values: [db]}]}";
        intent(&format!("{{control: run-as-non-root, action: {action}, namespaces: {but}}}"))
    };
    let pod = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"bare","namespace":"shop"},
        "spec":{"containers":[{"name":"n","image":"registry.example.com/n:1"}]}}"#;
    let mut files = vec![
        ("ordinance.yaml".to_owned(), FLEET.to_owned()),
        ("intents/asked.yaml".to_owned(), asked("audit")),
    ];
    for (name, more) in clusters {
        let cluster = format!(
            "apiVersion: ordinance.dev/v1\nkind: Cluster\nmetadata: {{name: {name}}}\n\
             spec: {{kubernetes: \"1.33\", provider: generic, engine: {{name: native}}, {more}}}\n"
        );
        files.push((format!("clusters/{name}.yaml"), cluster));
        files.push((format!("workloads/{name}/all.json"), pod.to_owned()));
    }
    let files: Vec<(&str, &str)> =
        files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let folder = folder(&files);
    must(folder.path(), &["render"]);
    fs::write(folder.path().join("intents/asked.yaml"), asked("deny")).expect("a file");
    let told = json(&ordinance(folder.path(), &["diff", "--format", "json"]));
    assert_eq!(told["blast"]["snapshots"].as_object().map(|all| all.len()), Some(4), "{told:#}");
    let changes = told["changes"].as_array().expect("changes").iter();
    let hits = changes.flat_map(|one| one["blast"]["hits"].as_array().into_iter().flatten());
    let hits: BTreeSet<String> = hits
        .map(|hit| format!("{} {} assumed: {}", hit["name"], hit["clusters"], hit["assumed"]))
        .collect();
    let expected = [r#""bare" ["unsaid"] assumed: true"#, r#""bare" ["web"] assumed: false"#];
    assert_eq!(hits, expected.map(str::to_owned).into(), "{told:#}");
}

/// Pods make pods where a driver has executors: the driver is who people know, though nothing hits it.
#[test]
fn a_pod_that_another_made_is_of_whoever_that_is() {
    let folder = repository(AUDIT, &[]);
    let pods = r#"{"apiVersion":"v1","kind":"List","items":[
{"apiVersion":"v1","kind":"Pod","metadata":{"name":"driver","namespace":"shop","labels":{"team":"data"}},
  "spec":{"containers":[{"name":"d","image":"registry.example.com/d:1","securityContext":{"runAsNonRoot":true}}]}},
{"apiVersion":"v1","kind":"Pod","metadata":{"name":"run-1","namespace":"shop",
  "ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"driver","controller":true}]},
  "spec":{"containers":[{"name":"e","image":"registry.example.com/e:1"}]}}
]}"#;
    fs::create_dir_all(folder.path().join("workloads/plain")).expect("a folder");
    fs::write(folder.path().join("workloads/plain/all.json"), pods).expect("a file");
    let told = json(&change(folder.path(), DENY, &["--format", "json"]));
    let expected = r#"denied at restart: Pod shop/driver (data) for ["e"] on ["plain"]"#;
    assert_eq!(hits(&told), BTreeSet::from([expected.to_owned()]), "{told:#}");
}

/// The same under another name is one change on all engines, and hits nobody.
#[test]
fn a_rename_is_a_rename_and_hits_nobody() {
    let folder = repository(DENY, &all());
    let renamed = "{control: run-as-non-root, as: nobody-is-root}";
    let told = json(&change(folder.path(), renamed, &["--format", "json"]));
    let changes = told["changes"].as_array().expect("changes");
    let one = [Value::from("name: run-as-non-root → nobody-is-root")];
    assert_eq!(changes.len(), 1, "{told:#}");
    assert_eq!(changes[0]["says"].as_array().expect("says"), &one);
    assert_eq!(changes[0]["direction"], "neutral");
    assert_eq!(hits(&told), BTreeSet::new(), "{told:#}");
}

/// A rule that is gone, a rule that is new, and one that reaches fewer namespaces.
#[test]
fn what_is_new_what_is_gone_and_what_reaches_less() {
    let folder = repository(DENY, &["plain"]);
    let warned = "{control: disallow-default-service-account, action: warn}";
    let told = json(&change(folder.path(), warned, &["--format", "json"]));
    let effects: Vec<String> =
        hits(&told).iter().map(|one| one.split(' ').next().unwrap_or_default().into()).collect();
    assert_eq!(effects, ["freed", "freed", "warned", "warned", "warned"], "{:#?}", hits(&told));

    let elsewhere = "{control: run-as-non-root, namespaces: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [shop]}]}}";
    let told = json(&change(folder.path(), elsewhere, &["--format", "json"]));
    let hits = hits(&told);
    assert_eq!(
        hits.iter().map(String::as_str).collect::<Vec<_>>(),
        ["freed at restart: Deployment shop/web (web) for [\"side\",\"web\"] on [\"plain\"]"]
    );
}

const LABELS: &str =
    "{control: required-labels, as: all, parameters: {labels: [team]}, action: warn}";

/// A control may be asked for several times: what one rule says already hides no other.
#[test]
fn each_rule_of_a_control_hits_for_itself() {
    let before = format!(
        "{LABELS}, {{control: required-labels, as: cost, parameters: {{labels: [owner]}}}}"
    );
    let after = before.replace("labels: [owner]", "labels: [owner, cost]");
    let folder = repository(&before, &all());
    let told = json(&change(folder.path(), &after, &["--format", "json"]));
    let hits = hits(&told);
    assert_eq!(hits, expected(&["denied at restart: Pod default/bare (data) for [\"cost\"]"]));
}

/// What one rule gives up another that stays still asks for: nobody is freed.
#[test]
fn what_another_rule_still_asks_for_frees_nobody() {
    let twice = format!("{DENY}, {{control: run-as-non-root, name: again, parameters: {{}}}}");
    let told = |before: &str, after: &str| {
        let folder = repository(before, &all());
        let told = json(&change(folder.path(), after, &["--format", "json"]));
        assert!(!told["changes"].as_array().expect("changes").is_empty(), "{told:#}");
        hits(&told)
    };
    assert_eq!(told(&twice, DENY), BTreeSet::new());
    assert_eq!(told(DENY, &twice), BTreeSet::new());
}

#[test]
fn what_is_not_known_is_said() {
    let folder = repository(AUDIT, &["plain"]);
    let said = change(folder.path(), DENY, &[]);
    assert!(
        said.out.starts_with(
            "1 change on 4 of 4 clusters, compared with the folder\n\
             2 workloads would be denied at their next restart, in 2 namespaces on 1 cluster\n\
             by 6 objects in snapshots of 1 cluster, taken on 2026-11-20\n\
             no snapshot of gate, new, old\n"
        ),
        "{}",
        said.out
    );
    fs::remove_dir_all(folder.path().join("workloads")).expect("gone");
    let said = change(folder.path(), DENY, &[]);
    let known = "whom it hits is not known: there is no snapshot of these clusters\n";
    assert_eq!(said.out.lines().nth(1).map(|line| format!("{line}\n")).as_deref(), Some(known));
    let told = json(&change(folder.path(), DENY, &["--format", "json"]));
    assert!(told["blast"]["snapshots"]["plain"].is_null(), "{told:#}");

    let found = folder.path().join("found.json");
    fs::write(&found, FOUND).expect("a file");
    let told = change(folder.path(), DENY, &["--format", "json", "--workloads", "found.json"]);
    let told = json(&told);
    assert_eq!(told["blast"]["denied"], 8);
    assert_eq!(told["blast"]["snapshots"]["gate"]["takenAs"], "unknown");
    let said = change(folder.path(), DENY, &["--workloads", "nowhere"]);
    let nowhere = "error: there is no file or folder `nowhere`\n\
                   hint: name a file or a folder that is there, or `-` for stdin\n";
    assert_eq!((said.code, said.out.as_str()), (2, ""));
    assert!(said.err.ends_with(nowhere), "{}", said.err);
}

/// Somebody named it, so that nothing was judged is no answer.
#[test]
fn what_is_named_and_holds_nothing_is_wrong_input() {
    let folder = repository(AUDIT, &[]);
    let named = [
        ("README.md", "Pods are described here.\n", "there is no object in README.md"),
        ("empty.yaml", "", "there is no object in empty.yaml"),
        ("dated/taken", "2026-11-20\n", "there is no object in dated"),
        ("broken.yaml", "a: [\n", "nothing in broken.yaml could be read"),
        ("broken.json", "{", "nothing in broken.json could be read"),
        ("bytes.yaml", "\u{0}\u{1}", "nothing in bytes.yaml could be read"),
    ];
    for (path, text, expected) in named {
        let file = folder.path().join(path);
        fs::create_dir_all(file.parent().expect("a folder")).expect("made");
        fs::write(file, text).expect("a file");
        let named = path.split('/').next().expect("a name");
        let said = change(folder.path(), DENY, &["--workloads", named]);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{path}: {}", said.err);
        assert!(said.err.contains(&format!("error: {expected}\nhint: ")), "{path}: {}", said.err);
    }
}

/// What is named for all clusters is missing once.
#[test]
fn what_is_read_in_part_is_told_once() {
    let folder = repository(AUDIT, &[]);
    fs::create_dir(folder.path().join("found")).expect("made");
    fs::write(folder.path().join("found/all.json"), FOUND).expect("a file");
    fs::write(folder.path().join("found/broken.json"), "{").expect("a file");
    let said = change(folder.path(), DENY, &["--workloads", "found"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let told = "warning: `found/broken.json` is not read: it cannot be read as JSON, as seen in line 1\n\
                hint: whom the change hits is told without what could not be read of 1 file\n";
    assert!(said.err.ends_with(told), "{}", said.err);
    assert!(said.out.contains("\n1 part of snapshots could not be read\n"), "{}", said.out);
}

/// A day to come is told by whoever judges by it, and ends nothing.
#[test]
fn a_day_to_come_is_a_warning() {
    let folder = repository(DENY, &["plain"]);
    let taken = folder.path().join("workloads/plain/taken");
    fs::write(&taken, "2027-01-01\n").expect("a file");
    let told = "workloads/plain/taken` says 2027-01-01, which is a day to come on 2026-11-22";
    for words in [
        &["validate"][..],
        &["baseline", "plain", "--default-owner", "somebody"],
        &["upgrade", "plain", "--kubernetes", "1.34"],
    ] {
        let said = ordinance(folder.path(), words);
        assert!(said.code < 2, "{words:?}: {}", said.err);
        let warned = said.err.contains("warning") && said.err.contains(told);
        assert!(warned, "{words:?}: {}", said.err);
    }
    let said = change(folder.path(), AUDIT, &[]);
    assert!(said.code == 0 && said.err.contains(told), "{}", said.err);
    assert!(said.out.contains("taken on 2027-01-01"), "{}", said.out);

    fs::write(&taken, "yesterday\n").expect("a file");
    fs::write(folder.path().join("workloads/plain/more.json"), "{").expect("a file");
    let said = ordinance(folder.path(), &["validate"]);
    assert_eq!(said.code, 0, "{}", said.err);
    for path in ["workloads/plain/taken", "workloads/plain/more.json"] {
        assert!(said.err.contains(&format!("`{path}` is not read")), "{}", said.err);
    }
    assert!(said.err.contains("\n2 warnings\n"), "{}", said.err);
    let said = change(folder.path(), AUDIT, &[]);
    assert!(said.err.contains("`workloads/plain/taken` is not read"), "{}", said.err);
}

/// A snapshot without a day is of the day it was committed.
#[test]
fn the_age_is_stated_or_committed_or_unknown() {
    let folder = repository(AUDIT, &["plain", "gate"]);
    let folder = folder.path();
    for name in ["plain", "gate"] {
        fs::remove_file(folder.join(format!("workloads/{name}/taken"))).expect("gone");
    }
    let git = |arguments: &[&str]| {
        let mut git = std::process::Command::new("git");
        git.current_dir(folder).args(["-c", "user.name=a", "-c", "user.email=a@example.com"]);
        git.args(arguments).env("GIT_COMMITTER_DATE", "2026-11-18T10:00:00Z");
        assert!(git.status().expect("git").success());
    };
    git(&["init", "--quiet", "--initial-branch", "main"]);
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "--message", "All of it"]);
    fs::write(
        folder.join("workloads/gate/more.yaml"),
        "{apiVersion: v1, kind: Pod, metadata: {name: a}}\n",
    )
    .expect("a file");
    let told = json(&change(folder, DENY, &["--format", "json"]));
    let taken = |name: &str| {
        let one = &told["blast"]["snapshots"][name];
        (one["taken"].as_str().unwrap_or("-").to_owned(), one["takenAs"].clone())
    };
    assert_eq!(taken("plain"), ("2026-11-18".to_owned(), Value::from("committed")));
    assert_eq!(taken("gate"), ("-".to_owned(), Value::from("unknown")));
    let said = change(folder, DENY, &[]);
    let ages = "committed on 2026-11-18, some of\n  unknown age\n";
    assert!(said.out.contains(ages), "{}", said.out);
}

/// What could not be read is said, and the rest is judged.
#[test]
fn a_broken_file_takes_nothing_with_it() {
    let folder = repository(AUDIT, &["plain"]);
    fs::write(folder.path().join("workloads/plain/broken.json"), "{").expect("a file");
    let said = change(folder.path(), DENY, &[]);
    assert!(said.err.contains("`workloads/plain/broken.json` is not read"), "{}", said.err);
    assert!(said.out.contains("1 part of snapshots could not be read\n"), "{}", said.out);
    assert!(said.out.contains("2 workloads would be denied"), "{}", said.out);

    fs::remove_file(folder.path().join("workloads/plain/all.json")).expect("a file");
    let said = change(folder.path(), DENY, &[]);
    assert!(said.err.contains("`workloads/plain/broken.json` is not read"), "{}", said.err);
    assert!(!said.out.contains("nothing that was found"), "{}", said.out);
    let told = json(&change(folder.path(), DENY, &["--format", "json"]));
    assert_eq!(told["blast"]["snapshots"]["plain"], Value::Null, "{told:#}");
}

/// On one thread and on many, the same bytes in every format.
/// What is read in full judges as what is only skimmed.
#[test]
fn how_it_is_written_down_is_no_difference() {
    let folder = repository(AUDIT, &all());
    let skimmed = change(folder.path(), DENY, &["--format", "json"]).out;
    assert!(!hits(&serde_json::from_str(&skimmed).expect("JSON")).is_empty());
    for name in all() {
        let path = |ending: &str| folder.path().join(format!("workloads/{name}/all.{ending}"));
        fs::rename(path("json"), path("yaml")).expect("a file");
    }
    assert_eq!(change(folder.path(), DENY, &["--format", "json"]).out, skimmed);
}

#[test]
fn threads_change_no_byte() {
    let folder = repository(AUDIT, &all());
    for format in ["text", "json", "html", "markdown"] {
        let told = |threads: &str| {
            fs::write(folder.path().join("intents/asked.yaml"), intent(DENY)).expect("a file");
            let mut command = command(folder.path(), &["diff", "--format", format]);
            run(command.env("RAYON_NUM_THREADS", threads))
        };
        assert_eq!(told("1"), told("8"), "{format}");
    }
}

/// Real applications: whoever is newly denied or freed is who `check` denies on one side alone.
#[test]
fn it_says_what_check_says_on_both_sides() {
    let Some(manifests) = corpus("manifests") else { return };
    let folder = files::folder(&files::example());
    let folder = folder.path();
    for part in ["argo-cd", "kube-prometheus", "longhorn"] {
        let to = folder.join("workloads/prod-eu-1").join(part);
        fs::create_dir_all(&to).expect("a folder");
        for entry in fs::read_dir(manifests.join(part)).expect("a folder") {
            let entry = entry.expect("an entry");
            if entry.path().is_file() {
                fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
            }
        }
    }
    must(folder, &["render"]);
    let denied = || {
        let arguments =
            ["check", "--cluster", "prod-eu-1", "--format", "json", "workloads/prod-eu-1"];
        let told = json(&ordinance(folder, &arguments));
        let denied = told["violations"].as_array().expect("violations").iter();
        let denied = denied.filter(|one| one["action"] == "deny").map(|one| {
            let text = |field: &str| one["object"][field].as_str().unwrap_or_default().to_owned();
            let namespace = match text("namespace") {
                none if none.is_empty() => "default".to_owned(),
                some => some,
            };
            let control = one["control"].as_str().unwrap_or_default();
            format!("{control} {} {namespace}/{}", text("kind"), text("name"))
        });
        denied.collect::<BTreeSet<String>>()
    };
    let before = denied();
    let path = folder.join("intents/no-root.yaml");
    let asked = fs::read_to_string(&path).expect("an intent");
    let less = asked.replace("run-as-non-root, action: deny", "require-probes, action: deny");
    assert_ne!(asked, less);
    fs::write(&path, less).expect("a file");
    fs::remove_file(folder.join("intents/legacy.yaml")).expect("gone");
    fs::remove_file(folder.join("intents/cis-baseline.yaml")).expect("gone");
    let told = json(&ordinance(folder, &["diff", "--cluster", "prod-eu-1", "--format", "json"]));
    let mut found = [BTreeSet::new(), BTreeSet::new()];
    for hit in told["changes"]
        .as_array()
        .expect("changes")
        .iter()
        .flat_map(|change| change["blast"]["hits"].as_array().cloned().unwrap_or_default())
    {
        let text = |field: &str| hit[field].as_str().unwrap_or_default().to_owned();
        let namespace = match text("namespace") {
            none if none.is_empty() => "default".to_owned(),
            some => some,
        };
        let said = format!("{} {} {namespace}/{}", text("control"), text("kind"), text("name"));
        let side = match text("effect").as_str() {
            "denied" => 0,
            "freed" => 1,
            _ => continue,
        };
        found[side].insert(said);
    }
    let after = denied();
    assert!(before.len() > 50, "{}", before.len());
    let newly: BTreeSet<String> = after.difference(&before).cloned().collect();
    let freed: BTreeSet<String> = before.difference(&after).cloned().collect();
    assert!(freed.len() > 20 && !newly.is_empty(), "{} freed, {} denied", freed.len(), newly.len());
    assert_eq!(found[0], newly);
    assert_eq!(found[1], freed);
}
