//! Folders as values: read whole, written in any order, compared by path and bytes.

use ordinance::{text::Sources, yaml};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Relative path → bytes.
pub type Tree = BTreeMap<String, Vec<u8>>;

/// This repository's folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder; none where there is no such folder. Links are listed, not followed.
pub fn read(folder: &Path) -> Tree {
    let mut tree = Tree::new();
    walk(folder, "", &mut tree);
    tree
}

fn walk(folder: &Path, below: &str, tree: &mut Tree) {
    for entry in std::fs::read_dir(folder.join(below)).into_iter().flatten() {
        let entry = entry.expect("an entry");
        let name = entry.file_name().into_string().expect("a plain name");
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        let kind = entry.file_type().expect("a kind");
        if kind.is_dir() {
            walk(folder, &path, tree);
        } else if kind.is_symlink() {
            let target = std::fs::read_link(entry.path()).expect("a link");
            tree.insert(path, format!("-> {}", target.display()).into_bytes());
        } else {
            tree.insert(path, std::fs::read(entry.path()).expect("a file"));
        }
    }
}

/// Writes files below a folder in the order they come.
pub fn write<'a>(folder: &Path, files: impl IntoIterator<Item = (&'a String, &'a Vec<u8>)>) {
    for (path, bytes) in files {
        put(folder, path, bytes);
    }
}

/// Writes one file and the folders it needs; `-> target` makes a link, as [`read`] tells of one.
pub fn put(folder: &Path, path: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    match bytes.as_ref().strip_prefix(b"-> ") {
        Some(target) => {
            let target = std::str::from_utf8(target).expect("a plain name").trim_end();
            std::os::unix::fs::symlink(target, &path).expect("a link");
        }
        None => std::fs::write(&path, bytes).expect("a file"),
    }
    path
}

/// Only what lies below `folder`, with paths relative to it.
pub fn below(tree: &Tree, folder: &str) -> Tree {
    let prefix = format!("{folder}/");
    let inside = tree
        .iter()
        .filter_map(|(path, bytes)| Some((path.strip_prefix(&prefix)?.to_owned(), bytes.clone())));
    inside.collect()
}

/// The first difference of two trees, in words.
pub fn difference(expected: &Tree, found: &Tree) -> Option<String> {
    for (path, bytes) in expected {
        match found.get(path) {
            None => return Some(format!("{path} is missing")),
            Some(other) if other != bytes => {
                return Some(format!("{path} differs:\n{}", first_line(bytes, other)));
            }
            Some(_) => {}
        }
    }
    found
        .keys()
        .find(|path| !expected.contains_key(*path))
        .map(|path| format!("{path} is too many"))
}

fn first_line(expected: &[u8], found: &[u8]) -> String {
    let (expected, found) = (String::from_utf8_lossy(expected), String::from_utf8_lossy(found));
    let (mut expected, mut found) = (expected.lines(), found.lines());
    for number in 1.. {
        match (expected.next(), found.next()) {
            (None, None) => break,
            (a, b) if a == b => {}
            (a, b) => {
                let (a, b) = (a.unwrap_or("(the end)"), b.unwrap_or("(the end)"));
                return format!("line {number}\n  expected {a}\n  found    {b}");
            }
        }
    }
    "line ends".to_owned()
}

/// The files of this repository that the worked example consists of.
pub fn example() -> Tree {
    let mut tree = Tree::new();
    for folder in ["intents", "clusters", "rendered"] {
        let inside = read(&root().join(folder));
        tree.extend(inside.into_iter().map(|(path, bytes)| (format!("{folder}/{path}"), bytes)));
    }
    let fleet = std::fs::read(root().join("ordinance.yaml")).expect("the example's settings");
    tree.insert("ordinance.yaml".into(), fleet);
    tree
}

/// A temporary folder with these files.
pub fn folder(tree: &Tree) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write(folder.path(), tree);
    folder
}

/// Every document of the YAML files below a folder of the project, with its path in the folder.
pub fn documents(folder: &str) -> Vec<(String, serde_json::Value)> {
    let mut all = vec![];
    let files = read(&root().join(folder)).into_iter();
    for (path, bytes) in files.filter(|(path, _)| path.ends_with(".yaml")) {
        let mut sources = Sources::default();
        let source = sources.add(path.as_str(), String::from_utf8(bytes).expect("text"));
        let nodes = yaml::read(&sources, source).unwrap_or_else(|_| panic!("{path} is YAML"));
        all.extend(nodes.iter().map(|node| (path.clone(), node.to_json())));
    }
    all
}
