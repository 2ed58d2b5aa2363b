//! `ordinance check`: manifests in, violations out, with the real binary.

use crate::support::binary::{Run, command, ordinance, run};
use crate::support::files::{self, root};
use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

/// A folder with these files.
pub fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    folder
}

pub const WEB: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: side
          image: registry.example.com/side:1
          securityContext: {runAsNonRoot: true}
        - name: web
          image: registry.example.com/web:1
";

pub fn json(run: &Run) -> Value {
    serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}{}", run.out, run.err))
}

#[test]
fn a_violation_is_shown_in_the_manifest_with_its_fix() {
    let folder = folder(&[("web.yaml", WEB)]);
    let run = ordinance(folder.path(), &["check", "--control", "run-as-non-root", "web.yaml"]);
    let expected = "\
error[run-as-non-root]: container(s) that may run as root: web
  --> web.yaml:15:11
   |
 2 | kind: Deployment
   | ---------------- Deployment shop/web
...
15 |         - name: web
   |           ^^^^^^^^^
   |
   = help: Set runAsNonRoot to true in the pod's securityContext or in that of every container, and remove runAsUser 0. The image must name a numeric user other than 0, or runAsUser must.

1 object judged by 1 rule: 1 denied, 0 warned about, 0 recorded
";
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (1, expected, ""));
}

#[test]
fn what_breaks_nothing_is_fine() {
    let fine = WEB.replace("web:1\n", "web:1\n          securityContext: {runAsNonRoot: true}\n");
    let folder = folder(&[("web.yaml", &fine)]);
    let run = ordinance(folder.path(), &["check", "--control", "run-as-non-root", "web.yaml"]);
    let expected = "1 object judged by 1 rule: 0 denied, 0 warned about, 0 recorded\n";
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (0, expected, ""));
}

/// One command, five ways to tell what it found.
/// The worked example, whose intents say who asks.
#[test]
fn a_cluster_judges_by_what_it_was_given() {
    let folder = folder(&[("web.yaml", WEB)]);
    let path = folder.path().join("web.yaml");
    let path = path.to_str().expect("a path");
    let words = ["check", "--cluster", "prod-eu-1", "--format", "json", path];
    let run = ordinance(root(), &words);
    let said = json(&run);
    let of = |control: &str| {
        let all = said["violations"].as_array().expect("a list");
        all.iter().find(|one| one["control"] == control).cloned().unwrap_or_default()
    };
    assert_eq!(run.code, 1, "{}", run.err);
    let root = of("run-as-non-root");
    assert_eq!(root["offenders"], json!(["web"]));
    assert_eq!(root["intents"], json!(["cis-baseline/production", "no-root/1"]));
    assert_eq!(root["clusters"], json!(["prod-eu-1"]));
    assert_eq!(of("container-resource-limits")["offenders"], json!(["side", "web"]));
    assert_eq!(of("disallow-host-namespaces"), Value::Null);
}

/// `old-1` cannot warn, `dev-1` grants a grace: the same manifest, milder.
#[test]
fn an_action_that_denies_nothing_is_told_and_fine() {
    let limits = WEB.replace("securityContext: {runAsNonRoot: true}", "resources: {}");
    let folder = folder(&[("web.yaml", &limits)]);
    let path = folder.path().join("web.yaml");
    let path = path.to_str().expect("a path");
    let action = |cluster: &str| {
        let run = ordinance(root(), &["check", "--cluster", cluster, "--format", "json", path]);
        let said = json(&run);
        let all = said["violations"].as_array().expect("a list").clone();
        let one = all.into_iter().find(|one| one["control"] == "container-resource-limits");
        one.map(|one| one["action"].clone()).unwrap_or_default()
    };
    assert_eq!(action("dev-eu-1"), "warn");
    assert_eq!(action("old-1"), "audit");
    assert_eq!(action("prod-us-1"), "deny");
}

#[test]
fn who_may_break_the_glass_passes_with_a_warning_and_nobody_else() {
    let repository = files::read(&root().join("tests/complaints/base"));
    let folder = files::folder(&repository);
    let fleet = folder.path().join("ordinance.yaml");
    let text = fs::read_to_string(&fleet).expect("a fleet");
    let text = text.replace("spec:\n", "spec:\n  breakGlass: {groups: [emergency]}\n");
    fs::write(&fleet, text).expect("a fleet");
    fs::write(folder.path().join("web.yaml"), WEB).expect("a manifest");
    for engine in ["native", "kyverno@1.12.6", "kyverno@1.19.0", "gatekeeper@3.23.1"] {
        let asked = |group: &[&str]| {
            let check = ["check", "--all", "--engine", engine, "--format", "json", "web.yaml"];
            let run = ordinance(folder.path(), &[&check[..], group].concat());
            let told = json(&run);
            let actions = told["violations"].as_array().expect("violations").clone();
            let actions: Vec<String> =
                actions.iter().map(|one| one["action"].as_str().unwrap_or("").to_owned()).collect();
            (run.code, actions)
        };
        assert_eq!(asked(&[]), (1, vec!["deny".to_owned()]), "{engine}");
        assert_eq!(asked(&["--as-group", "staff"]), (1, vec!["deny".to_owned()]), "{engine}");
        let milder = if engine == "kyverno@1.12.6" { "audit" } else { "warn" };
        let passes = asked(&["--as-group", "staff", "--as-group", "emergency"]);
        assert_eq!(passes, (0, vec![milder.to_owned()]), "{engine}");
    }
}

#[test]
fn all_clusters_are_asked_and_say_alike_things_once() {
    let folder = folder(&[("web.yaml", WEB)]);
    let path = folder.path().join("web.yaml");
    let path = path.to_str().expect("a path");
    for words in
        [&["check", "--all", "--format", "json", path][..], &["check", "--format", "json", path]]
    {
        let run = ordinance(root(), words);
        let said = json(&run);
        let all = said["violations"].as_array().expect("a list");
        let all: Vec<_> = all
            .iter()
            .filter(|one| one["control"] == "run-as-non-root" && one["assumed"] == false)
            .collect();
        assert_eq!(all.len(), 1, "{all:#?}");
        assert_eq!(all[0]["clusters"].as_array().map(Vec::len), Some(14), "{all:#?}");
        assert_eq!(all[0]["intent"], "no-root/1");
    }
}

/// Every engine in its oldest and newest version judges alike.
#[test]
fn an_engine_judges_what_is_rendered_for_it() {
    let folder = folder(&[("web.yaml", WEB)]);
    for engine in [
        "native",
        "native@1.30",
        "kyverno",
        "kyverno@1.11.5",
        "kyverno@1.16",
        "gatekeeper@3.17",
        "gatekeeper",
    ] {
        let words = ["check", "--framework", "cis-kubernetes", "--level", "1", "--engine", engine];
        let run = ordinance(folder.path(), &[&words[..], &["--format", "json", "."]].concat());
        let said = json(&run);
        assert_eq!(run.code, 1, "{}", run.err);
        let native = ordinance(
            folder.path(),
            &["check", "--framework", "cis-kubernetes", "--level", "1", "--format", "json", "."],
        );
        assert_eq!(said, json(&native), "{engine}");
    }
    let words = ["check", "--control", "run-as-non-root", "--kubernetes", "1.28", "web.yaml"];
    let run = ordinance(folder.path(), &words);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert!(
        run.err.contains("Kubernetes 1.28 does not serve ValidatingAdmissionPolicy v1")
            && run.err.ends_with("1 error; nothing was judged\n"),
        "{}",
        run.err
    );
    let words =
        ["check", "--control", "run-as-non-root", "--engine", "gatekeeper@3.10", "web.yaml"];
    assert_eq!(ordinance(folder.path(), &words).code, 2);
    let words = ["check", "--control", "run-as-non-root", "--engine", "opa", "web.yaml"];
    let run = ordinance(folder.path(), &words);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("there is no engine `opa`; known: native"), "{}", run.err);
}

#[test]
fn lists_json_folders_and_stdin_are_read() {
    let pod = |name: &str| {
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name},
            "spec": {"containers": [{"name": "app", "image": "x:1"}]}})
    };
    let list = json!({"apiVersion": "v1", "kind": "List", "items": [pod("a"), pod("b")]});
    let pods = json!({"apiVersion": "v1", "kind": "PodList", "items": [pod("c")]});
    // Of whatever group: kubectl goes by the items, and a list that is left alone is let in.
    let sets = json!({"apiVersion": "apps/v1", "kind": "ReplicaSetList", "items": [
        {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "d"},
            "spec": {"template": {"spec": pod("d")["spec"]}}}]});
    let folder = folder(&[
        ("all/deep/list.json", &list.to_string()),
        ("all/deep/sets.json", &sets.to_string()),
        ("all/pods.yml", &format!("---\n---\n{pods}\n---\n{WEB}")),
        ("all/notes.txt", "no: {"),
        ("all/.git/config.yaml", "no: {"),
        ("empty.yaml", "apiVersion: v1\nkind: List\nitems: []\n"),
    ]);
    let words = ["check", "--control", "run-as-non-root", "--format", "json", "all", "empty.yaml"];
    let run = ordinance(folder.path(), &words);
    let said = json(&run);
    assert_eq!(said["objects"], 5, "{}", run.out);
    assert_eq!(said["errors"], json!([]));
    let places: Vec<String> = said["violations"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| format!("{}#{} {}", one["file"], one["document"], one["object"]["name"]))
        .collect();
    assert_eq!(
        places,
        [
            r##""all/deep/list.json"#1 "a""##,
            r##""all/deep/list.json"#1 "b""##,
            r##""all/deep/sets.json"#1 "d""##,
            r##""all/pods.yml"#1 "c""##,
            r##""all/pods.yml"#2 "web""##,
        ]
    );

    let mut child = command(folder.path(), &["check", "--control", "run-as-non-root", "-"]);
    child.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = child.spawn().expect("it starts");
    child.stdin.take().expect("a pipe").write_all(WEB.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    let out = String::from_utf8_lossy(&output.stdout);
    assert!(out.contains("--> <stdin>:15:11\n"), "{out}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn what_cannot_be_read_is_an_error_of_its_file_alone() {
    let folder = folder(&[
        ("1-broken.yaml", "kind: [\n"),
        ("2-values.yaml", "replicas: 3\n"),
        ("3-web.yaml", WEB),
        ("4-twice.yaml", "apiVersion: v1\nkind: Pod\nkind: Job\n"),
    ]);
    let words = ["check", "--control", "run-as-non-root", "--format", "json", "."];
    let run = ordinance(folder.path(), &words);
    let said = json(&run);
    assert_eq!((run.code, &said["objects"]), (1, &json!(1)), "{}", run.out);
    let errors: Vec<String> = said["errors"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| format!("{}:{}: {}", one["file"], one["line"], one["message"]))
        .collect();
    assert_eq!(errors.len(), 3, "{errors:#?}");
    assert!(errors[0].starts_with(r#""1-broken.yaml":"#), "{errors:#?}");
    assert_eq!(
        errors[1],
        r#""2-values.yaml":1: "this document is no Kubernetes object: has no `apiVersion`""#
    );
    assert!(errors[2].contains("`kind` is given twice"), "{errors:#?}");

    fs::remove_file(folder.path().join("3-web.yaml")).expect("it is there");
    let run =
        ordinance(folder.path(), &words[..5].iter().chain(&["."]).copied().collect::<Vec<_>>());
    assert_eq!(run.code, 2, "nothing is denied, and something was not read");
}

#[test]
fn what_is_named_and_not_there_is_wrong_input() {
    let folder = folder(&[("web.yaml", WEB), ("empty/notes.txt", "")]);
    for (words, expected) in [
        (
            &["--control", "run-as-non-root", "nowhere"][..],
            "error: there is no file or folder `nowhere`\n\
             hint: name a file or a folder that is there, or `-` for stdin\n",
        ),
        (
            &["--control", "run-as-non-root", "empty"],
            "error: there is no object in empty\n\
             hint: files that end in .yaml, .yml or .json are read\n",
        ),
        (
            &["web.yaml"],
            "error: there is no cluster here whose rules could judge\n\
             hint: name a policy repository with `--repository DIR`, or judge by one control with \
             `--control ID`\n",
        ),
    ] {
        let run = ordinance(folder.path(), &[&["check"][..], words].concat());
        assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (2, "", expected), "{words:?}");
    }
    let run = ordinance(root(), &["check", "--cluster", "prod-eu-9", "tests"]);
    assert_eq!(run.code, 2);
    assert!(
        run.err.starts_with("error: there is no cluster `prod-eu-9`\nhint: did you mean"),
        "{}",
        run.err
    );
}

#[test]
fn a_parameter_is_set_and_measured_by_its_schema() {
    let folder = folder(&[("web.yaml", WEB)]);
    let code = |words: &[&str]| {
        let run = ordinance(folder.path(), &[&["check"][..], words, &["web.yaml"]].concat());
        (run.code, run.err)
    };
    let registries = |value: &str| format!("registries={value}");
    let control = ["--control", "allowed-image-registries", "--set"];
    let with = |value: &str| code(&[&control[..], &[&registries(value)]].concat());
    assert_eq!(with(r#"["registry.example.com/"]"#).0, 0);
    assert_eq!(with(r#"["other.example.com/"]"#).0, 1);
    let (status, said) = with("[1]");
    assert_eq!(status, 2);
    assert!(said.contains("`registries` must be a text"), "{said}");
    let (status, said) = with("registry.example.com/");
    assert_eq!(status, 2);
    assert!(said.contains("is no JSON; a text needs its quotes"), "{said}");
    let (status, said) = code(&["--control", "allowed-image-registries"]);
    assert_eq!(status, 2);
    assert!(said.contains("needs `registries`"), "{said}");
    let framework = ["--framework", "cis-kubernetes", "--level", "2", "--set"];
    let set = r#"allowed-image-registries.registries=["registry.example.com/"]"#;
    assert_eq!(code(&[&framework[..], &[set]].concat()).0, 1);
}

/// Own controls are found where they would lie in a repository, and nothing else is needed.
#[test]
fn a_control_of_ones_own_can_be_asked_for() {
    let control = "apiVersion: ordinance.dev/v1\nkind: Control\nmetadata: {name: good-names}\nspec:\n  \
        title: Names are good\n  why: Bad names confuse.\n  fix: Rename it.\n  severity: low\n  \
        subject: workload\n  rules:\n    - name: names\n      offenders: >-\n        \
        dyn(object).?metadata.?name.orValue(\"\") == \"web\" ? [\"web\"] : []\n      \
        message: \"bad name(s): {offenders}\"\n";
    let folder =
        folder(&[("web.yaml", WEB), ("templates/controls/good-names/control.yaml", control)]);
    let run = ordinance(folder.path(), &["check", "--control", "good-names", "web.yaml"]);
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(run.out.contains("error[good-names]: bad name(s): web"), "{}", run.out);
}

fn shared(namespace: Option<&str>, given: &[&str], path: &Path) -> Value {
    let mut text = WEB.replace("namespace: shop", "namespace: till");
    if let Some(labels) = namespace {
        text.push_str(&format!(
            "---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: till, labels: {labels}}}\n"
        ));
    }
    fs::write(path.join("web.yaml"), text).expect("a file");
    let path = path.to_str().expect("a path");
    let words = ["check", "--cluster", "shared-1", "--format", "json", path];
    json(&run(&mut command(root(), &[&words[..], given].concat())))
}

/// On `shared-1` the labels of a namespace say to which environment it belongs.
#[test]
fn labels_of_a_namespace_are_looked_for_in_order_and_else_assumed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let limits = |said: &Value| -> (Value, Value) {
        let all = said["violations"].as_array().expect("a list");
        let one = all.iter().find(|one| one["control"] == "container-resource-limits");
        let one = one.cloned().unwrap_or_default();
        (one["action"].clone(), one["assumed"].clone())
    };
    let unknown = shared(None, &[], folder.path());
    assert_eq!(limits(&unknown), (json!("deny"), json!(true)), "without labels it is production");
    let assumed = &unknown["assumed"][0];
    assert_eq!(assumed["namespace"], "till");
    assert_eq!(assumed["object"]["name"], "web");
    let controls = assumed["controls"].as_array().expect("a list");
    assert!(controls.contains(&json!("container-resource-limits")), "{assumed}");

    let given = shared(None, &["--namespace", "till=environment=development"], folder.path());
    assert_eq!(limits(&given), (json!("warn"), json!(false)));
    assert_eq!(given["assumed"], json!([]));

    let stated = shared(
        Some("{environment: production}"),
        &["--namespace", "till=environment=development"],
        folder.path(),
    );
    assert_eq!(limits(&stated), (json!("deny"), json!(false)), "its own object comes first");

    let words = ["check", "--cluster", "shared-1", folder.path().to_str().expect("a path")];
    fs::write(folder.path().join("web.yaml"), WEB).expect("a file");
    let known = json(&ordinance(root(), &[&words[..], &["--format", "json"]].concat()));
    assert_eq!(limits(&known), (json!("deny"), json!(false)), "the inventory knows `shop`");
    shared(None, &[], folder.path());
    let run = ordinance(root(), &words);
    let note = "note: the verdict on 1 object is assumed: nobody states the labels of till, and \
                rules select by them\nnote: add the Namespace object, or say \
                `--namespace till=KEY=VALUE,…`\n";
    assert!(run.out.contains(note), "{}", run.out);
}
