//! `ordinance check` by one control or framework: what is chosen, and what is said of the flags.

use crate::check::{WEB, folder};
use crate::support::binary::{Run, command, ordinance, run};
use std::process::Stdio;

fn check(words: &[&str]) -> Run {
    let folder = folder(&[("web.yaml", WEB)]);
    ordinance(folder.path(), &[&["check"], words, &["web.yaml"]].concat())
}

fn refused(words: &[&str]) -> String {
    let run = check(words);
    assert_eq!((run.code, run.out.as_str()), (2, ""), "{words:?}: {}", run.err);
    run.err
}

/// A level that no version has tells which version was asked.
#[test]
fn a_framework_is_asked_for_in_the_version_that_fits() {
    for (words, version) in [
        (&[][..], "`cis-kubernetes` 1.12"),
        (&["--kubernetes", "1.30"], "`cis-kubernetes` 1.11"),
        (&["--framework-version", "cluster", "--kubernetes", "1.30"], "`cis-kubernetes` 1.11"),
        (&["--framework-version", "latest", "--kubernetes", "1.30"], "`cis-kubernetes` 1.12"),
    ] {
        let said = refused(&[&["--framework", "cis-kubernetes", "--level", "3"], words].concat());
        let expected = format!("error[unknown-level]: {version} has no level 3\n");
        assert!(said.starts_with(&expected), "{words:?}: {said}");
        assert_eq!(said.matches("unknown-level").count(), 1, "{said}");
    }
    let registries = "allowed-image-registries.registries=[\"registry.example.com/\"]";
    let run = check(&["--framework", "cis-kubernetes", "--set", registries]);
    assert_eq!(run.code, 1, "{}", run.err);
}

#[test]
fn a_framework_without_such_versions_says_what_it_needs() {
    let expected = "\
error[missing-parameter]: control `allowed-image-registries` needs `registries`
 --> command line:1:13
  |
1 | --framework soc-2
  |             ^^^^^ demanded here
  |
  = help: give it with `--set 'allowed-image-registries.registries=[…]'`; `ordinance controls allowed-image-registries` describes it

1 error; nothing was judged
";
    assert_eq!(refused(&["--framework", "soc-2"]), expected);
}

#[test]
fn a_mistake_is_shown_at_its_flag() {
    for (words, line, marks) in [
        (
            &["--control", "run-as-non-rot"][..],
            "1 | --control run-as-non-rot",
            "  |           ^^^^^^^^^^^^^^ unknown control",
        ),
        (
            &["--control", "run-as-non-root", "--kubernetes", "1.20"],
            "1 | --control run-as-non-root --kubernetes 1.20",
            "  |                                        ^^^^ this version",
        ),
        (
            &["--framework", "soc-2", "--set", "no-such.key=1"],
            "1 | --framework soc-2 --set no-such.key=1",
            "  |                         ^^^^^^^^^^^^^ not a control of it",
        ),
        (
            &["--control", "allowed-image-registries", "--set", "registries=3"],
            " 1 | --control allowed-image-registries --set registries=3",
            "   |                                          ^^^^^^^^^^^^ this is a whole number",
        ),
    ] {
        let said = refused(words);
        assert!(said.contains(&format!("\n{line}\n{marks}\n")), "{words:?}: {said}");
        for unwritten in ["command-line", "ordinance.yaml"] {
            assert!(!said.contains(unwritten), "{words:?}: {said}");
        }
    }
}

#[test]
fn what_would_not_be_looked_at_is_refused() {
    let said = refused(&["--framework", "soc-2", "--set", "a=1", "--set", "a.b=[\"ALL\"]"]);
    assert!(said.starts_with("error: `--set` gives `a` and `a.b`\n"), "{said}");
    for words in [
        &["--control", "run-as-non-root", "--level", "1"][..],
        &["--all", "--framework-version", "1.8"],
        &["--cluster", "dev-1", "--level", "1"],
        &["--set", "a=1"],
    ] {
        assert!(refused(words).contains("Usage: ordinance check"), "{words:?}");
    }
}

#[test]
fn an_object_for_clusters_is_no_rule() {
    for control in ["default-deny-network-policy", "pod-security-labels"] {
        let expected = format!(
            "error: `{control}` is an object that clusters are given, and no rule that could judge\n\
             hint: an intent that requires it has it rendered, and `ordinance explain CLUSTER \
             {control}` says where it is given\n"
        );
        assert_eq!(refused(&["--control", control]), expected);
    }
}

#[test]
fn stdin_without_a_word_is_said() {
    let folder = folder(&[]);
    let words = ["check", "--control", "run-as-non-root", "-"];
    let said = run(command(folder.path(), &words).stdin(Stdio::null()));
    assert_eq!(said.code, 2);
    assert!(said.err.starts_with("error: nothing came on stdin\n"), "{}", said.err);
}

/// What the system refuses to hand out, root or not.
#[cfg(target_os = "linux")]
#[test]
fn a_file_that_cannot_be_read_leaves_the_others() {
    let folder = folder(&[("web.yaml", WEB)]);
    let words = ["check", "--control", "run-as-non-root", "/proc/self/mem", "web.yaml"];
    let run = ordinance(folder.path(), &words);
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(run.out.contains("`/proc/self/mem` is not read: "), "{}", run.out);
    assert!(run.out.contains("1 object judged by 1 rule: 1 denied"), "{}", run.out);
}

#[test]
fn a_repository_that_is_not_there_is_said_by_every_command() {
    let folder = folder(&[("web.yaml", WEB)]);
    for words in [
        &["validate"][..],
        &["render"],
        &["diff"],
        &["propose"],
        &["explain", "prod-1"],
        &["doctor", "prod-1"],
        &["controls"],
        &["controls", "new", "my-own"],
        &["test"],
        &["check", "web.yaml"],
        &["check", "--control", "run-as-non-root", "web.yaml"],
    ] {
        let run = ordinance(folder.path(), &[words, &["--repository", "nowhere"]].concat());
        let expected = "error: could not read the policy repository: there is no folder `nowhere`\n\
                        hint: name its folder with `--repository DIR`\n";
        assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (3, "", expected), "{words:?}");
    }
    assert!(!folder.path().join("nowhere").exists());
}

/// Charts are manifests only once they are rendered.
#[test]
fn a_template_is_taken_for_one() {
    let folder = folder(&[("web.yaml", "{{- if .Values.web }}\nkind: Pod\n{{- end }}\n")]);
    let run = ordinance(folder.path(), &["check", "--control", "run-as-non-root", "web.yaml"]);
    assert_eq!(run.code, 2, "{}", run.err);
    assert!(run.out.contains("it looks like a template: render it first"), "{}", run.out);
}
