//! What a proposal says of the people behind it.

use crate::support::binary::must;
use crate::support::files;
use crate::support::repository::Repository;

/// An exemption that comes is told with who asked for it, why, who agreed and where.
#[test]
fn an_exemption_is_proposed_with_its_reason() {
    let repository = Repository::new();
    let mut example = files::example();
    let legacy = example.remove("intents/legacy.yaml").expect("the exemptions");
    files::write(repository.path(), &example);
    must(repository.path(), &["render"]);
    repository.commit("Begin");
    repository.write("intents/legacy.yaml", std::str::from_utf8(&legacy).expect("text"));
    repository.commit("Exempt the old ones");
    let told = must(repository.path(), &["propose", "--dry-run"]).out;
    for line in [
        "- `no-root` (`intents/no-root.yaml:3`, platform-security, SEC-1003): Pods must not run as \
         root. Root in a container is a step from root on its node.\n",
        "- exemption `legacy-billing` (`intents/legacy.yaml:4`, team-billing, until 2027-01-29, \
         approved by security-lead, SEC-1234): The images predate the security baseline; their \
         successor is due in January.\n",
    ] {
        assert!(told.contains(line), "{line}\n{told}");
    }
}

/// What is committed here is said to be here, and what is not there to be proposed is not told.
#[test]
fn a_proposal_says_where_it_went() {
    let repository = Repository::new();
    let mut example = files::example();
    example.retain(|path, _| !path.starts_with("rendered/"));
    files::write(repository.path(), &example);
    repository.commit("Begin");
    let local = must(repository.path(), &["propose", "--local"]);
    let line = "moved the branch `ordinance/main` of this repository to it\n";
    assert!(local.err.ends_with(line), "{}", local.err);
    must(repository.path(), &["render"]);
    repository.commit("Render");
    let nothing = must(repository.path(), &["propose", "--dry-run"]).out;
    assert_eq!(nothing, "Nothing to propose: the commit holds what would be rendered.\n");
}
