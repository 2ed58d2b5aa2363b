//! What is committed for readers is what the binary says.

use crate::support::binary::{blessing, must, ordinance};
use crate::support::files::{self, root};

/// `docs/schema/` has the JSON Schema of every kind, for editors and for other tools.
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
