//! Inputs made to do harm: refused with exit 2, quickly, and nothing is written.

use crate::support::binary::ordinance;
use crate::support::files::{self, Tree, root};
use std::time::{Duration, Instant};

fn base() -> Tree {
    files::read(&root().join("tests/complaints/base"))
}

/// Lays `text` at `path` over the good repository and expects a refusal that says `words`.
fn refused(path: &str, text: &[u8], words: &[&str]) {
    let mut input = base();
    input.insert(path.to_owned(), text.to_vec());
    let folder = files::folder(&input);
    let began = Instant::now();
    let run = ordinance(folder.path(), &["render"]);
    assert!(began.elapsed() < Duration::from_secs(60), "{path} takes too long");
    assert_eq!(run.code, 2, "{path}: {}{}", run.out, run.err);
    assert_eq!(run.out, "", "{path}");
    for word in words {
        assert!(run.err.contains(word), "{path}: {}", run.err);
    }
    assert!(run.err.len() < 4_000, "{path}: the complaint is {} bytes", run.err.len());
    assert_eq!(files::difference(&input, &files::read(folder.path())), None, "{path}");
}

#[test]
fn a_yaml_bomb_is_refused() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let before = format!("*a{}", level - 1);
        let many = vec![before; 10].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{many}]\n"));
    }
    refused("intents/bomb.yaml", text.as_bytes(), &["yaml-syntax", "intents/bomb.yaml:"]);
}

#[test]
fn many_aliases_of_one_large_text_are_refused() {
    let large = "x".repeat(64 << 10);
    let aliases = vec!["*a"; 5_000].join(", ");
    let text = format!("a: &a {large}\nb: [{aliases}]\n");
    refused("intents/aliases.yaml", text.as_bytes(), &["yaml-syntax"]);
}

#[test]
fn deep_nesting_is_refused() {
    for depth in [65, 1_000, 100_000] {
        let flow = format!("a: {}{}\n", "[".repeat(depth), "]".repeat(depth));
        refused("intents/deep.yaml", flow.as_bytes(), &["yaml-syntax"]);
    }
    let block: String = (0..1_000).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
    refused("clusters/deep.yaml", block.as_bytes(), &["yaml-syntax"]);
}

#[test]
fn a_huge_file_is_not_read() {
    let text = vec![b'#'; (4 << 20) + 1];
    refused("intents/huge.yaml", &text, &["refused-file", "larger than 4 MiB"]);
}

#[test]
fn what_is_no_text_is_refused() {
    refused("intents/bytes.yaml", b"kind: \xff\xfe\n", &["refused-file", "not UTF-8"]);
}

#[test]
fn a_link_is_not_followed_wherever_it_leads() {
    let outside = tempfile::tempdir().expect("a temporary folder");
    let secret = files::put(outside.path(), "secret.yaml", "token: do-not-show\n");
    let link = format!("-> {}", secret.display());
    refused("intents/secret.yaml", link.as_bytes(), &["refused-file", "symbolic link"]);
    let link = format!("-> {}", outside.path().display());
    refused("clusters/more", link.as_bytes(), &["refused-file", "symbolic link"]);
    refused("templates", link.as_bytes(), &["refused-file", "symbolic link"]);
}

/// A cluster's folder that leads elsewhere must not make a render write there.
#[test]
fn an_output_folder_that_leads_elsewhere_is_not_written_through() {
    let outside = tempfile::tempdir().expect("a temporary folder");
    files::put(outside.path(), "kept.yaml", "kept: true\n");
    for path in ["rendered", "rendered/dev-1"] {
        let mut input = base();
        input.insert(path.to_owned(), format!("-> {}", outside.path().display()).into_bytes());
        let folder = files::folder(&input);
        let run = ordinance(folder.path(), &["render"]);
        let there = files::read(outside.path());
        assert_eq!(there.len(), 1, "{path}: {}{} {:?}", run.out, run.err, there.keys());
    }
}

/// Neither must one of the sync tool's folders, be it of the tool in use or of one that was left.
#[test]
fn a_sync_folder_that_leads_elsewhere_is_not_written_through() {
    let outside = tempfile::tempdir().expect("a temporary folder");
    files::put(outside.path(), "kept.yaml", "kept: true\n");
    let cluster = "  sync: {tool: flux, version: \"2.6\", source: policies}\n";
    for path in ["sync", "sync/flux", "sync/flux/dev-1", "sync/argocd", "sync/argocd/dev-1"] {
        let mut input = base();
        input.get_mut("clusters/dev-1.yaml").expect("a cluster").extend(cluster.as_bytes());
        let path = format!("rendered/{path}");
        input.insert(path.clone(), format!("-> {}", outside.path().display()).into_bytes());
        let folder = files::folder(&input);
        let run = ordinance(folder.path(), &["render"]);
        assert_eq!(run.code, 2, "{path}: {}{}", run.out, run.err);
        assert!(
            run.err.contains(&format!("`{path}` is not read: it is a symbolic link")),
            "{}",
            run.err
        );
        assert_eq!(files::difference(&input, &files::read(folder.path())), None, "{path}");
        let there = files::read(outside.path());
        assert_eq!(there.len(), 1, "{path}: {:?}", there.keys());
    }
}

#[test]
fn names_and_folders_that_lead_out_are_refused() {
    let cluster = |name: &str| {
        format!(
            "apiVersion: ordinance.dev/v1\nkind: Cluster\nmetadata: {{name: {name}}}\nspec:\n  \
             kubernetes: \"1.34\"\n  provider: gke\n  engine: {{name: native}}\n"
        )
    };
    for name in ["../x", "/etc/x", "..", "a/b", "a\\\\b", "\\0", ".git"] {
        let text = cluster(&format!("\"{name}\""));
        refused("clusters/new.yaml", text.as_bytes(), &["clusters/new.yaml:"]);
    }
    for output in ["../x", "/tmp/x", ".git", "rendered/../../x", "", ".", "clusters"] {
        let text = format!(
            "apiVersion: ordinance.dev/v1\nkind: Fleet\nmetadata: {{name: small}}\nspec:\n  \
             environments: [{{name: production}}]\n  output: \"{output}\"\n"
        );
        refused("ordinance.yaml", text.as_bytes(), &["unsafe-path", "ordinance.yaml:6"]);
    }
}
