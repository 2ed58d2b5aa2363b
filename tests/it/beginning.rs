//! The first hour of somebody who has never used it: what they are told to do next is right.

use crate::support::binary::{command, must, ordinance};
use crate::support::repository::Repository;
use std::fs;
use std::path::Path;
use std::process::Stdio;

/// The repository that `init` writes, rendered.
fn begun() -> Repository {
    let repository = Repository::new();
    let path = repository.path().display().to_string();
    let said = must(repository.path(), &["init", &path]).out;
    let next =
        "  git init --initial-branch main\n  ordinance render\n  git add --all && git commit";
    assert!(said.contains(next), "{said}");
    must(repository.path(), &["render"]);
    repository.commit("Begin");
    repository
}

#[test]
fn the_page_of_the_project_tells_the_same_first_steps() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let page = fs::read_to_string(page).expect("the page");
    let own = page.split("## Your own fleet").nth(1).expect("a part");
    let steps = ["git init --initial-branch main", "`ordinance render`", "git add --all"];
    let places = steps.map(|step| own.find(step).expect(step));
    assert!(places.is_sorted(), "{own}");
    let fleet = fs::read_to_string(begun().path().join("ordinance.yaml")).expect("a document");
    assert!(fleet.contains("base: main"), "{fleet}");
}

/// It looks at the files that are there, and says no more than that.
#[test]
fn a_check_speaks_of_the_files_it_looks_at() {
    let repository = begun();
    repository.git(&["rm", "-rq", "--cached", "rendered/prod-1"]);
    repository.git(&["commit", "-q", "-m", "Without it"]);
    let said = must(repository.path(), &["render", "--check"]).out;
    assert!(said.ends_with("What is rendered here is as it should be.\n"), "{said}");
    fs::remove_dir_all(repository.path().join("rendered/prod-1")).expect("gone");
    let said = ordinance(repository.path(), &["render", "--check"]);
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(said.out.contains("What is rendered here is stale."), "{}", said.out);
    let help = must(repository.path(), &["render", "--help"]).out;
    assert!(help.contains("whether they are committed or not"), "{help}");
}

/// Whoever stands in a folder of the repository is led to it, and not to a new one.
#[test]
fn a_folder_below_a_repository_leads_there() {
    let repository = begun();
    let below = repository.path().join("docs/deep");
    fs::create_dir_all(&below).expect("made");
    for (folder, words, above) in [
        (repository.path().join("docs"), &["diff"][..], ".."),
        (below, &["validate"], "../.."),
        (repository.path().to_owned(), &["diff", "--repository", "docs"], "."),
        (repository.path().to_owned(), &["review", "--repository", "docs/deep"], "."),
    ] {
        let said = ordinance(&folder, words);
        let expected =
            format!("`{above}` has one: go there, or name it with `--repository {above}`");
        assert_eq!(said.code, 2, "{words:?}: {}", said.err);
        assert!(said.err.contains("there is no Fleet document here"), "{words:?}: {}", said.err);
        assert!(said.err.contains(&expected), "{words:?}: {}", said.err);
        assert!(!said.err.contains("`ordinance init`"), "{words:?}: {}", said.err);
    }
    let elsewhere = tempfile::tempdir().expect("a folder");
    let said = ordinance(elsewhere.path(), &["diff"]);
    assert!(said.code == 2 && said.err.contains("`ordinance init`"), "{}", said.err);
}

/// What cannot become right by waiting is said at once; what is wrong with documents, on the page.
#[test]
fn a_review_of_a_typo_is_not_served() {
    let repository = begun();
    let elsewhere = tempfile::tempdir().expect("a folder");
    let outside = tempfile::tempdir().expect("a folder");
    let path = outside.path().display().to_string();
    must(outside.path(), &["init", &path]);
    for (folder, words, code, expected) in [
        (repository.path(), &["--against", "nosuch"][..], 3, "the commit `nosuch`"),
        (outside.path(), &["--against", "main"], 3, "hint: "),
        (elsewhere.path(), &[], 2, "there is no Fleet document here"),
    ] {
        let diff = ordinance(folder, &[&["diff"], words].concat());
        let review = ordinance(folder, &[&["review"], words].concat());
        assert_eq!((review.code, diff.code), (code, code), "{words:?}: {}", review.err);
        assert!(review.out.is_empty() && review.err.contains(expected), "{}", review.err);
    }
    let intent = repository.path().join("intents/no-root.yaml");
    let text = fs::read_to_string(&intent).expect("an intent");
    fs::write(intent, text.replace("action: deny", "action: dney")).expect("written");
    let mut review = command(repository.path(), &["review", "--against", "HEAD"]);
    let mut review = review.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("started");
    let mut first = [0; 7];
    let out = review.stdout.as_mut().expect("piped");
    let said = std::io::Read::read_exact(out, &mut first);
    review.kill().expect("ended");
    review.wait().expect("ended");
    said.expect("an address");
    assert_eq!(&first, b"http://", "it is served with its complaints");
}

#[test]
fn a_version_that_nobody_knows_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let pod = "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: []}}\n";
    fs::write(folder.path().join("pod.yaml"), pod).expect("a file");
    let check = |words: &[&str]| {
        let words = [&["check", "--control", "run-as-non-root"], words, &["pod.yaml"]].concat();
        ordinance(folder.path(), &words).err
    };
    for (words, what) in [
        (
            ["--engine", "kyverno@9.9"],
            "note: Kyverno 9.9 is newer than the newest that is proved here",
        ),
        (["--engine", "native@9.9"], "note: Kubernetes 9.9 is newer than the newest"),
        (["--kubernetes", "9.9"], "note: Kubernetes 9.9 is newer than the newest"),
    ] {
        let said = check(&words);
        assert!(said.contains(what), "{words:?}: {said}");
    }
    assert_eq!(check(&["--engine", "kyverno"]), "");
}

#[test]
fn a_framework_that_is_told_does_not_lead_to_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    let told = must(folder.path(), &["controls", "cis-kubernetes@1.12"]).out;
    assert!(told.trim_end().ends_with("not yet covered"), "{told}");
    assert!(!told.contains("ordinance controls"), "{told}");
}
