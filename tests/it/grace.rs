//! When graces begin and end: with the real binary, over the history of a real repository.

use crate::support::binary;
use crate::support::files;
use crate::support::repository::Repository;
use serde_json::Value;

/// A policy repository with one cluster of a few namespaces, whose history is made day by day.
struct Fleet {
    repository: Repository,
}

const FLEET: &str = "apiVersion: ordinance.dev/v1
kind: Fleet
metadata: {name: small}
spec:
  environments:
    - {name: development, places: [{clusters: {matchLabels: {environment: development}}}]}
    - {name: production}
";

impl Fleet {
    fn new() -> Fleet {
        let fleet = Fleet { repository: Repository::new() };
        fleet.repository.write("ordinance.yaml", FLEET);
        fleet.cluster("development");
        fleet
    }

    /// The one cluster, and another that is not rendered, for selectors to find.
    fn cluster(&self, environment: &str) {
        for (name, environment, state) in
            [("dev-1", environment, "active"), ("dev-2", "development", "paused")]
        {
            let text = format!(
                "apiVersion: ordinance.dev/v1\nkind: Cluster\n\
                 metadata: {{name: {name}, labels: {{environment: {environment}}}}}\n\
                 spec: {{state: {state}, kubernetes: \"1.34\", provider: generic, \
                 engine: {{name: native}}}}\n"
            );
            self.repository.write(&format!("clusters/{name}.yaml"), &text);
        }
    }

    /// An intent with these requirements, in flow style.
    fn intent(&self, name: &str, requires: &[&str]) {
        let requires: String = requires.iter().map(|one| format!("    - {{{one}}}\n")).collect();
        let text = format!(
            "apiVersion: ordinance.dev/v1\nkind: Intent\nmetadata: {{name: {name}}}\nspec:\n\
             \x20 statement: It shall be so.\n  owner: platform\n  requires:\n{requires}"
        );
        self.repository.write(&format!("intents/{name}.yaml"), &text);
    }

    fn render(&self, day: &str) -> binary::Run {
        binary::must(self.repository.path(), &["render", "--now", day])
    }

    /// What is rendered on a day, and committed on it as what has landed.
    fn lands(&self, day: &str) -> String {
        self.render(day);
        self.commits(day);
        self.shown()
    }

    fn commits(&self, day: &str) {
        self.repository.git(&["add", "--all"]);
        let date = format!("{day}T23:59:59+00:00");
        self.repository.git_on(&date, &["commit", "-q", "--allow-empty", "-m", "A day's work"]);
    }

    /// Every rendered binding: its name, what it does, and where.
    fn shown(&self) -> String {
        let folder = self.repository.path().join("rendered/dev-1/policies");
        let mut lines = vec![];
        for (path, bytes) in files::read(&folder) {
            if path == "kustomization.yaml" {
                continue;
            }
            let text = String::from_utf8(bytes).expect("text");
            for document in serde_saphyr::from_multiple::<Value>(&text).expect("YAML") {
                if document["kind"] != "ValidatingAdmissionPolicyBinding" {
                    continue;
                }
                let name = document["metadata"]["name"].as_str().expect("a name");
                let action = document["spec"]["validationActions"][0].as_str().expect("an action");
                let selector = &document["spec"]["matchResources"]["namespaceSelector"];
                let team = &selector["matchLabels"]["team"];
                let team = team.as_str().map(|team| format!(" for {team}")).unwrap_or_default();
                lines.push(format!("{} {action}{team}", name.trim_start_matches("ordinance-")));
            }
        }
        lines.join("\n")
    }
}

const LIMITS: &str = "control: container-resource-limits, parameters: {resources: [memory]}";
const GRACE: &str = "grace: {period: 14d, action: warn}";

#[test]
fn a_grace_is_counted_from_the_day_it_lands() {
    let fleet = Fleet::new();
    fleet.intent("limits", &[&format!("{LIMITS}, {GRACE}")]);
    fleet.commits("2026-11-20");
    // Proposed on the 22nd, merged on the 25th.
    fleet.render("2026-11-22");
    fleet.commits("2026-11-25");
    for day in ["2026-11-25", "2026-12-06", "2026-12-08"] {
        assert_eq!(fleet.lands(day), "container-resource-limits Warn", "{day}");
        assert_eq!(
            fleet.repository.git(&["log", "--format=%H", "--", "rendered"]).lines().count(),
            1
        );
    }
    let explained = binary::must(
        fleet.repository.path(),
        &["explain", "dev-1", "container-resource-limits", "--now", "2026-12-08"],
    );
    assert!(explained.out.contains("until 2026-12-09, 1 day"), "{}", explained.out);
    assert_eq!(fleet.lands("2026-12-09"), "container-resource-limits Deny");
    let changed = fleet.repository.git(&["show", "--name-only", "--format=", "HEAD"]);
    assert_eq!(
        changed,
        "rendered/dev-1/ordinance.lock\nrendered/dev-1/policies/container-resource-limits.yaml"
    );
    // Once enforced it stays so, whatever the clock says.
    assert_eq!(fleet.lands("2026-11-30"), "container-resource-limits Deny");
}

#[test]
fn a_merge_is_the_day_its_branch_landed() {
    let fleet = Fleet::new();
    fleet.commits("2026-11-01");
    let git = |arguments: &[&str]| fleet.repository.git(arguments);
    git(&["switch", "-q", "-c", "asking"]);
    fleet.intent("limits", &[&format!("{LIMITS}, {GRACE}")]);
    fleet.lands("2026-11-02");
    git(&["switch", "-q", "main"]);
    let day = "2026-11-10T12:00:00+00:00";
    fleet.repository.git_on(day, &["merge", "-q", "--no-ff", "-m", "Merge", "asking"]);
    assert_eq!(fleet.lands("2026-11-23"), "container-resource-limits Warn");
    assert_eq!(fleet.lands("2026-11-24"), "container-resource-limits Deny");
}

#[test]
fn what_was_in_force_is_not_graced_again() {
    let fleet = Fleet::new();
    fleet.intent("limits", &[LIMITS]);
    assert_eq!(fleet.lands("2026-11-01"), "container-resource-limits Deny");
    // Another intent, another name, a grace: the same is asked for.
    std::fs::remove_file(fleet.repository.path().join("intents/limits.yaml")).expect("a file");
    fleet.intent("renamed", &[&format!("name: new, {LIMITS}, {GRACE}")]);
    assert_eq!(fleet.lands("2026-11-02"), "container-resource-limits Deny");
    // Its labels move.
    fleet.cluster("production");
    assert_eq!(fleet.lands("2026-11-03"), "container-resource-limits Deny");
    // Nobody asks for it for a while.
    fleet.intent("renamed", &["control: disallow-host-namespaces"]);
    assert_eq!(fleet.lands("2026-11-04"), "disallow-host-namespaces Deny");
    fleet.intent("renamed", &[&format!("{LIMITS}, {GRACE}")]);
    assert_eq!(fleet.lands("2026-11-05"), "container-resource-limits Deny");
    // Unless it is said why.
    let again = GRACE.replace("warn}", "warn, regrace: A new team took over}");
    fleet.intent("renamed", &[&format!("{LIMITS}, {again}")]);
    assert_eq!(fleet.lands("2026-11-06"), "container-resource-limits Warn");
    assert_eq!(fleet.lands("2026-11-19"), "container-resource-limits Warn");
    assert_eq!(fleet.lands("2026-11-20"), "container-resource-limits Deny");
    fleet.intent("renamed", &[&format!("{LIMITS}, {GRACE}")]);
    assert_eq!(fleet.lands("2026-11-21"), "container-resource-limits Deny");
}

#[test]
fn only_what_is_added_has_a_grace() {
    // A wider scope.
    let fleet = Fleet::new();
    let team = "namespaces: {matchLabels: {team: shop}}";
    fleet.intent("limits", &[&format!("{LIMITS}, {team}")]);
    fleet.lands("2026-11-01");
    fleet.intent("limits", &[&format!("{LIMITS}, {GRACE}")]);
    let shown = fleet.lands("2026-11-02");
    assert!(shown.contains("Deny for shop"), "{shown}");
    assert_eq!(shown.matches("Warn").count(), 1, "{shown}");
    assert_eq!(fleet.lands("2026-11-15"), shown);
    let shown = fleet.lands("2026-11-16");
    assert_eq!(shown, "container-resource-limits Deny");

    // Tighter parameters: what was refused stays refused.
    let tighter = LIMITS.replace("[memory]", "[memory, cpu]");
    fleet.intent("limits", &[&format!("{tighter}, {GRACE}")]);
    let shown = fleet.lands("2026-12-01");
    let (before, whole) = shown.split_once('\n').expect("two");
    assert_eq!(whole, "container-resource-limits Warn");
    assert!(before.starts_with("container-resource-limits-befor"), "{before}");
    assert!(before.ends_with(" Deny"), "{before}");
    assert_eq!(fleet.lands("2026-12-14"), shown);
    assert_eq!(fleet.lands("2026-12-15"), "container-resource-limits Deny");

    // From audit to deny: what is recorded goes on being recorded at least.
    fleet.intent("host", &["control: disallow-host-namespaces, action: warn"]);
    fleet.lands("2026-12-16");
    let audit = GRACE.replace("warn", "audit");
    fleet.intent("host", &[&format!("control: disallow-host-namespaces, {audit}")]);
    assert!(fleet.lands("2026-12-17").contains("disallow-host-namespaces Warn"));
    assert!(fleet.lands("2026-12-31").contains("disallow-host-namespaces Deny"));
}

#[test]
fn a_shallow_clone_cannot_tell_when_a_grace_began() {
    let fleet = Fleet::new();
    fleet.intent("limits", &[&format!("{LIMITS}, {GRACE}")]);
    fleet.lands("2026-11-22");
    fleet.repository.write("README.md", "more\n");
    fleet.commits("2026-11-24");
    let clone = tempfile::tempdir().expect("a folder");
    let from = format!("file://{}", fleet.repository.path().display());
    let to = clone.path().join("clone");
    let to = to.to_str().expect("a path");
    fleet.repository.git(&["clone", "-q", "--depth", "1", &from, to]);
    let folder = clone.path().join("clone");
    let run = binary::ordinance(&folder, &["render", "--now", "2026-11-30"]);
    assert_eq!(run.code, 3, "{}", run.err);
    for words in ["the clone is shallow", "git fetch --unshallow", "fetch-depth: 0"] {
        assert!(run.err.contains(words), "{}", run.err);
    }
    // Its own file of landings will do, and no grace asks for none.
    let lock =
        files::read(&folder.join("rendered/dev-1")).remove("ordinance.lock").expect("a lock");
    let lock = String::from_utf8(lock).expect("text");
    let line = lock.lines().find(|line| line.starts_with("held ")).expect("a line");
    let landings = format!("2026-11-29 rendered/dev-1/ordinance.lock {line}\n");
    files::put(clone.path(), "landings", landings);
    let told = &["explain", "dev-1", "--now", "2026-11-30", "--landings", "../landings"];
    assert!(binary::must(&folder, told).out.contains("until 2026-12-13"));
}

#[test]
fn a_lock_that_was_edited_is_told_and_starts_nothing_anew() {
    let fleet = Fleet::new();
    fleet.intent("limits", &[&format!("{LIMITS}, {GRACE}")]);
    fleet.lands("2026-11-01");
    let path = "rendered/dev-1/ordinance.lock";
    let lock = std::fs::read_to_string(fleet.repository.path().join(path)).expect("a lock");
    fleet.repository.write(path, &lock.replace("deny first", "deny begun"));
    fleet.commits("2026-11-02");
    let run = binary::ordinance(fleet.repository.path(), &["render", "--now", "2026-11-30"]);
    assert_eq!(run.code, 2, "{}", run.err);
    assert!(run.err.contains("cannot be read: `held container-resource-limits"), "{}", run.err);
}

#[test]
fn a_new_cluster_is_given_a_milder_beginning() {
    let fleet = Fleet::new();
    let settings = format!("{FLEET}  onboarding: {{period: 7d}}\n");
    fleet.repository.write("ordinance.yaml", &settings);
    fleet.intent("limits", &[LIMITS, &format!("control: disallow-host-namespaces, {GRACE}")]);
    let shown = fleet.lands("2026-11-01");
    assert_eq!(shown, "container-resource-limits Audit\ndisallow-host-namespaces Warn");
    let told = &["explain", "dev-1", "container-resource-limits", "--now", "2026-11-02"];
    let explained = binary::must(fleet.repository.path(), told).out;
    assert!(explained.contains("7d of grace (audit) until 2026-11-08"), "{explained}");
    // What is asked for later is for a cluster that is not new.
    fleet.intent("more", &["control: disallow-privileged-containers"]);
    let shown = fleet.lands("2026-11-03");
    assert!(shown.contains("disallow-privileged-containers Deny"), "{shown}");
    assert!(shown.contains("container-resource-limits Audit"), "{shown}");
    let shown = fleet.lands("2026-11-08");
    assert!(shown.contains("container-resource-limits Deny"), "{shown}");
    assert!(shown.contains("disallow-host-namespaces Warn"), "{shown}");
}
