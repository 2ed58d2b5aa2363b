//! `ordinance inventory`: documents of clusters from what is said of them elsewhere.

use crate::check::folder;
use crate::support::binary::{Run, command, must, ordinance, run};
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

const FLEET: &str = "\
apiVersion: ordinance.dev/v1
kind: Fleet
metadata: {name: example}
spec: {environments: [{name: all}]}
";

const VERSION: &str = r#"{"clientVersion":{"major":"1","minor":"34","gitVersion":"v1.34.1"},
"serverVersion":{"major":"1","minor":"33+","gitVersion":"v1.33.4-eks-1a2b3c"}}"#;

const NODES: &str = r#"{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"Node","metadata":{"name":"a"},
"spec":{"providerID":"aws:///eu-west-1a/i-1"},"status":{"nodeInfo":{"kubeletVersion":"v1.32.9-eks-1a2b3c",
"containerRuntimeVersion":"containerd://1.7.27"}}}]}"#;

const KUBECONFIG: &str = "\
apiVersion: v1
kind: Config
clusters:
  - {name: 'arn:aws:eks:eu-west-1:123456789012:cluster/prod-eu-1', cluster: {server: 'https://x.eks.amazonaws.com'}}
  - {name: kind, cluster: {server: 'https://127.0.0.1:6443', certificate-authority-data: aHVudGVyMg==}}
contexts:
  - {name: 'arn:aws:eks:eu-west-1:123456789012:cluster/prod-eu-1', context: {cluster: 'arn:aws:eks:eu-west-1:123456789012:cluster/prod-eu-1', user: a}}
  - {name: admin@kind, context: {cluster: kind, user: b}}
  - {name: reader@kind, context: {cluster: kind, user: c}}
users:
  - {name: a, user: {token: hunter2}}
";

const LISTED: &str = r#"{"apiVersion":"v1","kind":"List","items":[
{"apiVersion":"v1","kind":"Secret","metadata":{"name":"cluster-1","labels":{"argocd.argoproj.io/secret-type":"cluster","environment":"staging"}},
 "data":{"name":"c3RhZ2luZy1ldQ==","server":"aHR0cHM6Ly94LmhjcC5henVyZS5hem1rOHMuaW8=","config":"aHVudGVyMg=="}},
{"apiVersion":"v1","kind":"Secret","metadata":{"name":"other"},"stringData":{"name":"hunter2"}},
{"apiVersion":"cluster.x-k8s.io/v1beta2","kind":"Cluster","metadata":{"name":"capi","namespace":"x","labels":{"wave":"main"}},
 "spec":{"controlPlaneRef":{"kind":"KubeadmControlPlane","name":"capi-cp"},"infrastructureRef":{"kind":"VSphereCluster"}}},
{"apiVersion":"controlplane.cluster.x-k8s.io/v1beta2","kind":"KubeadmControlPlane","metadata":{"name":"capi-cp","namespace":"x"},"spec":{"version":"v1.32.4"}},
{"apiVersion":"cluster.open-cluster-management.io/v1","kind":"ManagedCluster","metadata":{"name":"ocm","labels":{"vendor":"GKE"}},
 "status":{"version":{"kubernetes":"v1.34.1"},"clusterClaims":[{"name":"product.open-cluster-management.io","value":"GKE"},
 {"name":"platform.open-cluster-management.io","value":"GCP"}]}},
{"apiVersion":"management.cattle.io/v3","kind":"Cluster","metadata":{"name":"c-m-abc","labels":{"team":"edge"}},
 "spec":{"displayName":"Edge_1"},"status":{"version":{"gitVersion":"v1.31.2+rke2r1"},"provider":"rke2"}},
{"apiVersion":"provisioning.cattle.io/v1","kind":"Cluster","metadata":{"name":"edge-1","labels":{"site":"north"}},
 "spec":{"kubernetesVersion":"v1.31.2+rke2r1","rkeConfig":{}},"status":{"clusterName":"c-m-abc"}}
]}"#;

fn piped(folder: &Path, arguments: &[&str], text: &str) -> Run {
    let mut command = command(folder, arguments);
    let (reader, mut writer) = std::io::pipe().expect("a pipe");
    writer.write_all(text.as_bytes()).expect("room in the pipe");
    drop(writer);
    run(command.stdin(Stdio::from(reader)))
}

#[test]
fn a_cluster_is_made_from_what_it_answers() {
    let folder = folder(&[("version.json", VERSION), ("nodes.json", NODES)]);
    let said =
        ordinance(folder.path(), &["inventory", "add", "prod-eu-1", "version.json", "nodes.json"]);
    let expected = "\
apiVersion: ordinance.dev/v1
kind: Cluster
metadata:
  name: prod-eu-1
spec:
  # kubelets of its nodes: v1.32.9-eks-1a2b3c
  # container runtimes of its nodes: containerd://1.7.27
  kubernetes: \"1.33\"
  provider: eks
  # engine: TODO what enforces policy there: ";
    assert_eq!((said.code, said.err.as_str()), (0, "prod-eu-1: fill in `engine`\n"));
    let rest = said.out.strip_prefix(expected).unwrap_or_else(|| panic!("{}", said.out));
    assert_eq!(rest.lines().count(), 1, "{rest}");
    let both =
        piped(folder.path(), &["inventory", "add", "prod-eu-1", "-"], &format!("{VERSION}{NODES}"));
    assert_eq!(both, said);
}

#[test]
fn what_is_written_is_valid_and_never_overwritten() {
    let folder = folder(&[("ordinance.yaml", FLEET), ("version.json", VERSION)]);
    let folder = folder.path();
    let add = [
        "inventory",
        "add",
        "prod-eu-1",
        "version.json",
        "--engine",
        "native",
        "--label",
        "environment=production",
        "--write",
    ];
    let said = ordinance(folder, &add);
    assert_eq!(
        (said.code, said.out.as_str(), said.err.as_str()),
        (0, "./clusters/prod-eu-1.yaml\n", "")
    );
    let text = std::fs::read_to_string(folder.join("clusters/prod-eu-1.yaml")).expect("a file");
    assert!(text.contains("  labels:\n    environment: production\n"), "{text}");
    must(folder, &["validate"]);
    let again = ordinance(folder, &add);
    assert_eq!((again.code, again.out.as_str()), (2, ""));
    assert_eq!(
        again.err,
        "clusters/prod-eu-1.yaml is there already and stays as it is\n\
         error: it is in clusters/ already; nothing was written\n"
    );
    assert_eq!(
        std::fs::read_to_string(folder.join("clusters/prod-eu-1.yaml")).expect("a file"),
        text
    );
}

#[test]
fn what_says_nothing_of_a_cluster_is_refused() {
    let folder = folder(&[
        ("pod.yaml", "apiVersion: v1\nkind: Pod\n"),
        ("broken.json", "{\"token\": hunter2}"),
    ]);
    let folder = folder.path();
    for (words, expected) in [
        (
            ["inventory", "add", "prod", "pod.yaml"].as_slice(),
            "error: pod.yaml says nothing of a cluster: it holds neither `serverVersion` nor nodes\n\
             hint: `kubectl version -o json` and `kubectl get nodes -o json` do\n",
        ),
        (
            &["inventory", "add", "Prod", "pod.yaml"],
            "error: `Prod` may hold only lower-case letters, digits and `-`\n\
             hint: the name of a cluster is that of its file and of its folder\n",
        ),
        (
            &["inventory", "import", "pod.yaml"],
            "error: pod.yaml lists no cluster\n\
             hint: kubeconfigs, and the objects with which Argo CD, Cluster API, Open Cluster \
             Management and Rancher list clusters, are understood\n",
        ),
        (
            &["inventory", "add", "prod", "broken.json"],
            "error: `broken.json` is not read: it cannot be read as JSON, as seen in line 1\n",
        ),
    ] {
        let said = ordinance(folder, words);
        assert_eq!(
            (said.code, said.out.as_str(), said.err.as_str()),
            (2, "", expected),
            "{words:?}"
        );
    }
}

#[test]
fn every_inventory_of_others_is_read_and_no_credential_kept() {
    let folder =
        folder(&[("ordinance.yaml", FLEET), ("config", KUBECONFIG), ("listed.json", LISTED)]);
    let folder = folder.path();
    let import = ["inventory", "import", "config", "listed.json", "--engine", "native"];
    let said = ordinance(folder, &import);
    assert_eq!(said.code, 0, "{}", said.err);
    let all = format!("{}{}", said.out, said.err);
    for secret in ["hunter2", "aHVudGVyMg", "https://", "token"] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
    let facts: Vec<String> = said
        .out
        .split("---\n")
        .map(|one| {
            let of = |field: &str| {
                let line = one.lines().find_map(|line| line.trim_start().strip_prefix(field));
                line.unwrap_or("?").trim().to_owned()
            };
            format!("{} {} {}", of("name:"), of("kubernetes:"), of("provider:"))
        })
        .collect();
    assert_eq!(
        facts,
        [
            "prod-eu-1 ? eks",
            "kind ? ?",
            "staging-eu ? aks",
            "capi \"1.32\" ?",
            "ocm \"1.34\" gke",
            "edge-1 \"1.31\" rancher",
        ],
        "{}",
        said.out
    );
    assert!(said.out.contains("# contexts admin@kind, reader@kind\n"), "{}", said.out);
    assert!(said.out.contains("# made of a VSphereCluster\n"), "{}", said.out);
    let labels = said.out.split("---\n").last().expect("a document");
    assert!(labels.contains("    site: north\n    team: edge\n"), "{labels}");
    assert_eq!(
        said.err,
        "note: `Edge_1` is called `edge-1`\n\
         prod-eu-1: fill in `kubernetes`\n\
         kind: fill in `kubernetes`, `provider`\n\
         staging-eu: fill in `kubernetes`\n\
         capi: fill in `provider`\n"
    );
    must(folder, &[&import[..], &["--write"]].concat());
    let written = std::fs::read_dir(folder.join("clusters")).expect("a folder").count();
    assert_eq!(written, 6);
    let only = ordinance(folder, &["inventory", "import", "listed.json", "--write"]);
    assert_eq!(only.code, 2);
    assert!(
        only.err.ends_with("error: all 4 clusters are in clusters/ already; nothing was written\n"),
        "{}",
        only.err
    );
}
