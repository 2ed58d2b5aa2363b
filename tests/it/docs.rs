//! What is committed for readers is what the binary says.

use crate::support::binary::{blessing, must, ordinance};
use crate::support::files::{self, root};
use crate::support::page as conformance;

/// `docs/schema/` has the JSON Schema of every kind and report, for editors and for other tools.
#[test]
fn the_committed_schemas_are_those_of_the_binary() {
    let folder = root().join("docs/schema");
    let kinds = must(root(), &["schema"]).out;
    let mut expected = files::Tree::new();
    for kind in kinds.lines() {
        let schema = must(root(), &["schema", kind]).out;
        let read: serde_json::Value = serde_json::from_str(&schema).expect("a schema is JSON");
        assert_eq!(read["title"], kind);
        expected.insert(format!("{}.json", kind.to_lowercase()), schema.into_bytes());
    }
    assert!(expected.len() >= 7, "{kinds}");
    if blessing() {
        let _ = std::fs::remove_dir_all(&folder);
        files::write(&folder, &expected);
    }
    let difference = files::difference(&expected, &files::read(&folder));
    assert_eq!(difference, None, "ORDINANCE_BLESS=1 cargo test docs writes them anew");
}

#[test]
fn a_kind_that_does_not_exist_has_no_schema() {
    let run = ordinance(root(), &["schema", "Intend"]);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert_eq!(run.err, "error: there is no kind `Intend`\nhint: did you mean `Intent`?\n");
}

/// Every command answers a name that there is not in the same words.
#[test]
fn what_is_named_and_not_there_is_said_in_the_same_words() {
    let listed = "hint: `ordinance controls` lists what there is\n";
    for (words, expected) in [
        (
            ["controls", "run-as-nonroot"],
            format!(
                "error: there is no control or framework `run-as-nonroot`\n\
                 hint: did you mean `run-as-non-root`?\n{listed}"
            ),
        ),
        (
            ["controls", "cis-kubernetes@7"],
            "error: there is no `cis-kubernetes` in version `7`\nhint: known: 1.8, \
             1.9, 1.10, 1.11, 1.12, aks-1.8, eks-1.8.0, gke-1.9.0\n"
                .to_owned(),
        ),
        (
            ["test", "run-as-nonroot"],
            format!(
                "error: there is no control `run-as-nonroot`\n\
                 hint: did you mean `run-as-non-root`?\n{listed}"
            ),
        ),
        (
            ["schema", "Colour"],
            "error: there is no kind `Colour`\nhint: known: Advisory, Cases, Cluster, Control, \
             Exemption, Fleet, Framework, Intent, Provider, Quirk, CheckReport, DiffReport\n"
                .to_owned(),
        ),
    ] {
        let run = ordinance(root(), &words);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{words:?}");
        assert_eq!(run.err, expected, "{words:?}");
    }
}

/// `docs/quirks.md` has every known defect of every engine, as `doctor` tells of one cluster's.
#[test]
fn the_committed_quirks_are_those_of_the_catalogue() {
    let mut page = "\
# What engines cannot see, or get wrong

Every defect and difference that rendering knows of, from `templates/quirks/`; `ordinance doctor CLUSTER` tells those of
one cluster. Ways by which it shows: a request (CREATE, UPDATE, resize, debug, scale, relabel), a background scan, the
engine's own command line (CLI), or the rendered object itself when it is applied.
"
    .to_owned();
    let mut engine = String::new();
    let mut blind =
        "| engine | shows by | what a cluster does not see |\n| --- | --- | --- |".to_owned();
    let files = files::read(&root().join("templates/quirks"));
    for (path, bytes) in &files {
        let text = String::from_utf8(bytes.clone()).expect("UTF-8");
        let mut sources = ordinance::text::Sources::default();
        let source = sources.add(path.as_str(), text);
        let quirk = ordinance::yaml::read(&sources, source).expect("a document")[0].to_json();
        let of = |field: &str| {
            let words = quirk["spec"][field].as_str().unwrap_or_default();
            words.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
        };
        if of("engine") != engine {
            engine = of("engine");
            page += &format!(
                "\n## {engine}\n\n| versions | shows by | what | rendered instead | what remains | source |\n\
                 | --- | --- | --- | --- | --- | --- |\n"
            );
        }
        let listed = quirk["spec"]["requests"].as_array().expect("a list").iter();
        let ways: Vec<&str> = listed.filter_map(serde_json::Value::as_str).collect();
        let only = match quirk["spec"].get("where") {
            Some(only) => format!(" where `{only}`").replace('"', ""),
            None => String::new(),
        };
        if !of("remains").is_empty() {
            let whose = format!("{engine} {}{only}", of("versions"));
            blind += &format!("\n| {whose} | {} | {} |", ways.join(", "), of("remains"));
        }
        page += &format!(
            "| {}{only} | {} | {} | {} | {} | {} |\n",
            of("versions"),
            ways.join(", "),
            of("defect"),
            of("instead"),
            of("remains"),
            of("source"),
        );
    }
    conformance::keep("blind", &blind);
    let committed = root().join("docs/quirks.md");
    if blessing() {
        std::fs::write(&committed, &page).expect("docs can be written");
    }
    let found = std::fs::read_to_string(&committed).unwrap_or_default();
    assert_eq!(found, page, "ORDINANCE_BLESS=1 cargo test docs writes it anew");
}
