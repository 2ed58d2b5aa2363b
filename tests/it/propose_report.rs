//! The full report that is committed with a proposal: there once, not anew every morning, and
//! nothing to propose by itself.

use crate::support::binary::must;
use crate::support::files;
use crate::support::repository::Repository;

const REPORT: &str = "reports/ordinance-main.md";

fn propose(repository: &Repository, day: &str) -> String {
    must(repository.path(), &["propose", "--local", "--now", day]).out
}

fn tip(repository: &Repository) -> String {
    repository.git(&["rev-parse", "ordinance/main"])
}

#[test]
fn a_report_lies_in_the_proposal_and_changes_with_nothing_but_what_it_tells() {
    let repository = Repository::new();
    let mut example = files::example();
    example.retain(|path, _| !path.starts_with("rendered/"));
    files::write(repository.path(), &example);
    // Somebody keeps a report of their own there.
    repository.write("reports/audit/2026.md", "# Mine\n");
    repository.commit("Begin");
    propose(&repository, "2026-11-22");
    let first = tip(&repository);
    let report = repository.git(&["show", &format!("ordinance/main:{REPORT}")]);
    assert!(report.starts_with("# Policies: new clusters"), "{report}");
    assert!(report.contains("| 1 | `new clusters` |"), "{report}");
    let mine = repository.git(&["show", "ordinance/main:reports/audit/2026.md"]);
    assert_eq!(mine, "# Mine");
    let from = repository.git(&["rev-parse", "HEAD"]);
    let (inventory, tree) = (
        repository.git(&["rev-parse", "HEAD:clusters"]),
        repository.git(&["rev-parse", "ordinance/main^{tree}"]),
    );
    let trailers = repository.git(&["log", "-1", "--format=%(trailers)", "ordinance/main"]);
    let lines: Vec<&str> = trailers.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(lines[0], format!("Intent-Commit: {from}"));
    assert_eq!(lines[1], format!("Inventory-Digest: {inventory}"));
    assert!(lines[2].starts_with("Render-Fingerprint: "), "{trailers}");
    assert_eq!(lines[3..], [format!("Ordinance-Render: {tree}")]);

    // It waits, with a grace and exemptions whose days come nearer.
    for day in ["2026-11-23", "2026-11-30", "2026-12-05"] {
        let said = propose(&repository, day);
        assert_eq!(said, "`ordinance/main` already holds all of it.\n", "{day}");
        assert_eq!(tip(&repository), first, "{day}");
    }

    // It lands; its report stays, and there is nothing to propose.
    repository.git(&["merge", "-q", "--ff-only", "ordinance/main"]);
    let said = propose(&repository, "2026-12-05");
    assert_eq!(said, "Nothing to propose: the commit holds what would be rendered.\n");
    assert!(repository.path().join(REPORT).exists());

    // The next proposal has its own in the place of it.
    let intent = std::fs::read_to_string(repository.path().join("intents/no-root.yaml"));
    let milder = intent.expect("an intent").replace("action: deny", "action: warn");
    repository.write("intents/no-root.yaml", &milder);
    repository.commit("Warn about root");
    propose(&repository, "2026-12-05");
    let next = repository.git(&["show", &format!("ordinance/main:{REPORT}")]);
    assert_ne!(next, report);
    assert!(next.contains("- ▼ **loosens** `run-as-non-root` (1): action: deny → warn"), "{next}");
    let mine = repository.git(&["show", "ordinance/main:reports/audit/2026.md"]);
    assert_eq!(mine, "# Mine");
}
