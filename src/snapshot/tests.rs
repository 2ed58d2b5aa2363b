use super::*;

fn of(files: &[(&str, &str)]) -> Snapshot {
    let mut snapshot = Snapshot::new("prod");
    for (path, text) in files {
        snapshot.add(path, text.as_bytes());
    }
    snapshot
}

fn titles(snapshot: &Snapshot) -> Vec<String> {
    let title = |one: &Found| {
        format!(
            "{} {} {} {}",
            one.file,
            one.document,
            object::kind(&one.object),
            object::name(&one.object)
        )
    };
    snapshot.objects.iter().map(title).collect()
}

#[test]
fn every_way_to_write_objects_down_is_read() {
    let snapshot = of(&[
        (
            "a.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: b}\n",
        ),
        (
            "b.json",
            r#"{"apiVersion":"v1","items":[{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"Pod","metadata":{"name":"c"}}]}],"kind":"List"}
                      {"apiVersion":"v1","kind":"Pod","metadata":{"name":"d"}}"#,
        ),
        ("c.yml", "{apiVersion: v1, kind: PodList, items: [{metadata: {name: e}}]}"),
        ("notes.txt", "nothing of ours"),
        ("empty.yaml", "# nothing\n"),
    ]);
    assert_eq!(
        titles(&snapshot),
        ["a.yaml 1 Pod a", "a.yaml 2 Pod b", "b.json 1 Pod c", "b.json 2 Pod d", "c.yml 1 Pod e"]
    );
    assert_eq!(snapshot.problems, []);
}

#[test]
fn no_value_of_a_secret_is_kept_or_quoted() {
    let secret = r#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"db","managedFields":[{"x":"hunter2"}],
        "annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"data\":{\"p\":\"hunter2\"}}",
        "tool":" {\"data\": \"hunter2\"}","owner":"team-a"}},
        "data":{"p":"hunter2"},"stringData":{"q":"hunter2"}}"#;
    let inside = format!(r#"{{"apiVersion":"x/v1","kind":"Template","objects":[{secret}]}}"#);
    let listed = r#"{"apiVersion":"v1","kind":"SecretList","items":[{"metadata":{"name":"l"},"data":{"p":"hunter2"}}]}"#;
    let files = [
        ("a.json", secret.to_owned()),
        ("b.json", inside),
        ("c.json", listed.to_owned()),
        ("d.yaml", "apiVersion: v1\nkind: Secret\ndata: hunter2\n".to_owned()),
        (
            "broken.yaml",
            "apiVersion: v1\nkind: Secret\ndata: {p: hunter2\nx: hunter2: hunter2".to_owned(),
        ),
        ("broken.json", r#"{"kind":"Secret","data":{"p":"hunter2" "hunter2"}}"#.to_owned()),
        ("twice.yaml", "hunter2: 1\nhunter2: 2\n".to_owned()),
    ];
    let files: Vec<(&str, &str)> =
        files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let snapshot = of(&files);
    let all = format!("{snapshot:?}");
    assert!(!all.contains("hunter2"), "{all}");
    assert_eq!(snapshot.objects.len(), 4);
    let first = &snapshot.objects[0].object;
    assert_eq!(first["data"], serde_json::json!({"p": ""}));
    assert_eq!(first["metadata"]["annotations"], serde_json::json!({"owner": "team-a"}));
    let said: Vec<&str> = snapshot.problems.iter().map(|one| one.message.as_str()).collect();
    assert_eq!(said.len(), 3, "{said:#?}");
    assert_eq!(said[1], "`broken.json` is not read: it cannot be read as JSON, as seen in line 1");
}

#[test]
fn what_is_no_object_is_said_and_takes_nothing_with_it() {
    let snapshot = of(&[(
        "a.yaml",
        "kind: Pod\n---\napiVersion: v1\nkind: Pod\n---\napiVersion: a/b/c\nkind: Pod\n---\n- 1\n",
    )]);
    assert_eq!(snapshot.objects.len(), 1);
    let said: Vec<&str> = snapshot.problems.iter().map(|one| one.message.as_str()).collect();
    assert_eq!(
        said,
        [
            "`a.yaml` is not read: its document 1 is no Kubernetes object: it has no `apiVersion`",
            "`a.yaml` is not read: its document 3 is no Kubernetes object: its `apiVersion` is no version of an API",
            "`a.yaml` is not read: its document 4 is no Kubernetes object: it has no `apiVersion`",
        ]
    );
}

#[test]
fn depth_and_aliases_are_bounded() {
    let deep = format!("apiVersion: v1\nkind: Pod\nspec: {}{}", "[".repeat(100), "]".repeat(100));
    assert_eq!(of(&[("a.yaml", &deep)]).problems.len(), 1);
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(1000), "]".repeat(1000));
    assert_eq!(of(&[("a.json", &deep)]).problems.len(), 1);
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for n in 1..12 {
        let before = vec![format!("*a{}", n - 1); 10].join(", ");
        bomb += &format!("a{n}: &a{n} [{before}]\n");
    }
    assert_eq!(of(&[("a.yaml", &bomb)]).problems.len(), 1);
}

#[test]
fn nodes_say_what_they_run() {
    let snapshot = of(&[(
        "nodes.json",
        r#"{"apiVersion":"v1","kind":"NodeList","items":[
            {"metadata":{"name":"b"},"status":{"nodeInfo":{"kubeletVersion":"v1.33.4+k3s1","containerRuntimeVersion":"containerd://1.7.27-k3s1"}}},
            {"metadata":{"name":"a","labels":{"pool":"x"}},"spec":{"providerID":"aws:///z/i-1"},"status":{"nodeInfo":{"containerRuntimeVersion":"docker"}}},
            {"metadata":{"name":"b"}}]}"#,
    )]);
    let nodes = snapshot.nodes();
    assert_eq!(nodes.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!((nodes[0].provider.as_str(), nodes[0].runtime.clone()), ("aws:///z/i-1", None));
    let runtime = nodes[1].runtime.clone().unwrap();
    assert_eq!((runtime.name.as_str(), runtime.number()), ("containerd", "1.7.27".parse().ok()));
    assert_eq!(nodes[1].kubelet_version(), "1.33.4".parse().ok());
}

#[test]
fn a_node_of_a_name_that_no_cluster_takes_is_refused() {
    for (name, problem) in [
        ("n1; rm -rf $HOME", "holds a Node whose name is no DNS name"),
        ("n1\u{1b}[2J", "holds a Node whose name is no DNS name"),
        ("-n1", "holds a Node whose name is no DNS name"),
        ("a..b", "holds a Node whose name is no DNS name"),
        ("", "holds a Node without a name"),
    ] {
        let object = serde_json::json!({
            "apiVersion": "v1", "kind": "Node", "metadata": {"name": name},
        });
        let snapshot = of(&[("nodes.json", &object.to_string())]);
        assert!(snapshot.nodes().is_empty(), "{name}");
        let said = &snapshot.problems[0].message;
        assert_eq!(*said, format!("`nodes.json` is not read: its document 1 {problem}"));
    }
    let sound = "apiVersion: v1\nkind: Node\nmetadata: {name: ip-10-0-0-1.eu-west-1.internal}\n";
    assert_eq!(of(&[("nodes.yaml", sound)]).nodes().len(), 1);
}

#[test]
fn no_snapshot_is_of_a_day_to_come() {
    let snapshot = of(&[("workloads/prod/taken", "2026-11-24")]);
    let on = |day: &str| snapshot.problems(day.parse().unwrap());
    assert_eq!(on("2026-11-24"), []);
    assert_eq!(
        on("2026-11-23")[0].message,
        "`workloads/prod/taken` says 2026-11-24, which is a day to come on 2026-11-23"
    );
}

#[test]
fn its_day_is_stated_or_unknown() {
    let pod = ("workloads/prod/a.yaml", "apiVersion: v1\nkind: Pod\n");
    let stated = of(&[pod, ("workloads/prod/taken", "2026-11-20\n")]);
    assert_eq!(Taken::words(stated.taken), "taken on 2026-11-20");
    assert_eq!(stated.taken.unwrap().age("2026-11-22".parse().unwrap()), 2);
    assert_eq!(Taken::words(of(&[pod]).taken), "of unknown age");
    let wrong = of(&[("workloads/prod/taken", "yesterday")]);
    assert_eq!(wrong.problems.len(), 1);
}

#[test]
fn a_folder_belongs_to_its_cluster() {
    assert_eq!(cluster_of("workloads/a/x/y.yaml"), Some("a"));
    assert_eq!(cluster_of("workloads/stray.yaml"), None);
    assert_eq!(cluster_of("clusters/a/b.yaml"), None);
}

fn skimmed(text: &str) -> Option<Vec<Object>> {
    let seen = skim("a.json", text.as_bytes())?;
    Some(seen.iter().map(|one| one.read().unwrap().into_owned()).collect())
}

#[test]
fn what_is_skimmed_reads_as_what_is_read() {
    let secret =
        r#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"db"},"data":{"p":"hunter2"}}"#;
    let pod = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a\u00e9","namespace":"shop","managedFields":[{"x":1}],
        "annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{}","b":"c"},"labels":{"app":"a"}},
        "spec":{"managedFields":1,"x":[1,-2,3.5,1e400,null,true,{"y":"z"}]},"status":{"phase":"Running"}}"#;
    let template = r#"{"spec":{"template":{"metadata":{"labels":{"app":"a"}}}},"kind":"Deployment","apiVersion":"apps/v1"}"#;
    let nested = format!(r#"{{"apiVersion":"x/v1","kind":"Template","objects":[{secret}]}}"#);
    let listed = format!(
        r#" {{"apiVersion":"v1","items":[{pod},{template},{secret},{nested}],"kind":"List","metadata":{{}}}} {pod}"#
    );
    let pods = r#"{"kind":"PodList","apiVersion":"v1","items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}]}"#;
    let none = r#"{"kind":"List","apiVersion":"v1","items":[]}"#;
    for text in [pod.replace("1e400", "1e40").as_str(), template, secret, &listed, pods, none] {
        let text = text.replace("1e400", "1e40");
        let read = of(&[("a.json", &text)]);
        assert_eq!(read.problems, []);
        let read: Vec<Object> = read.objects.into_iter().map(|one| one.object).collect();
        assert_eq!(skimmed(&text).unwrap(), read, "{text}");
    }
    // A part that is no JSON after all is seen by whoever reads it.
    assert!(skim("a.json", pod.as_bytes()).unwrap()[0].read().is_none());
}

#[test]
fn what_is_not_plain_is_not_skimmed() {
    let pod = r#"{"apiVersion":"v1","kind":"Pod"}"#;
    assert!(skim("a.json", pod.as_bytes()).is_some());
    assert!(skim("a.yaml", pod.as_bytes()).is_none());
    for text in [
        "{",
        "[]",
        "null",
        "\u{feff}{}",
        r#"{"apiVersion":"v1"}"#,
        r#"{"kind":"Pod"}"#,
        r#"{"apiVersion":"v1","kind":"Pod","kind":"Pod"}"#,
        r#"{"apiVersion":"v1","kind":"Pod","spec":1,"spec":2}"#,
        r#"{"apiVersion":"v1","kind":"Pod","metadata":null}"#,
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","name":"b"}}"#,
        r#"{"apiVersion":"a/b/c","kind":"Pod"}"#,
        r#"{"apiVersion":"v1","kind":"Pod","items":[]}"#,
        r#"{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"List","items":[]}]}"#,
        r#"{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1"}]}"#,
        r#"{"apiVersion":"v1","kind":"List"}"#,
        r#"{"apiVersion":"v1","kind":"Node","metadata":{"name":"$(id)"}}"#,
    ] {
        assert!(skim("a.json", text.as_bytes()).is_none(), "{text}");
    }
}
