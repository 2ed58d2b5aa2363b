//! When a proposal is made, kept, refused or closed; with a forge in memory.

use std::cell::RefCell;

use ordinance::delivery::Outcome;

use crate::support::forge::Memory;
use crate::support::http_backend::Rules;
use crate::support::proposing::{BRANCH, Proposing};
use crate::support::repository::Repository;

#[test]
fn a_proposal_is_opened_once_and_then_left_alone() {
    let mut proposing = Proposing::new();
    let forge = Memory::default();
    let outcome = proposing.propose("p: 2\n", Some(&forge)).expect("proposes");
    assert!(matches!(outcome, Outcome::Opened { .. }), "{outcome:?}");
    assert_eq!(forge.written(), ["open ordinance/main"]);
    let tip = proposing.tip().expect("a branch");
    let log = proposing.remote.git(&["log", "--format=%an %s", BRANCH]);
    assert_eq!(log, "ordinance Require limits\nSomebody Begin");
    let tree = proposing.remote.git(&["rev-parse", &format!("{BRANCH}^{{tree}}")]);
    let body = proposing.remote.git(&["log", "-1", "--format=%b", BRANCH]);
    assert_eq!(body, format!("Because.\n\nOrdinance-Render: {tree}"));
    assert_eq!(proposing.clone.git(&["status", "--porcelain"]), "");
    assert_eq!(proposing.said.len(), 3, "{:?}", proposing.said);

    let outcome = proposing.propose("p: 2\n", Some(&forge)).expect("proposes");
    assert!(matches!(outcome, Outcome::Unchanged { .. }), "{outcome:?}");
    assert_eq!(forge.written(), [""; 0]);
    assert_eq!(proposing.tip(), Some(tip));
    assert_eq!(proposing.said.len(), 3, "nothing more was done");
}

#[test]
fn another_render_updates_the_same_branch_and_proposal() {
    let mut proposing = Proposing::new();
    let forge = Memory::default();
    proposing.propose("p: 2\n", Some(&forge)).expect("proposes");
    forge.written();
    proposing.title = "Require more".into();
    let outcome = proposing.propose("p: 3\n", Some(&forge)).expect("proposes");
    let Outcome::Updated { changed, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(changed, ["commit", "text"]);
    assert_eq!(forge.written(), ["revise 1"]);
    let log = proposing.remote.git(&["log", "--format=%s", BRANCH]);
    assert_eq!(log, "Require more\nBegin", "one commit, not one for each run");
}

#[test]
fn unmerged_commits_travel_along_and_the_base_may_move_on() {
    let mut proposing = Proposing::new();
    let forge = Memory::default();
    proposing.clone.write("intents/a.yaml", "a: 2\n");
    proposing.clone.commit("Ask for more");
    proposing.propose("p: 2\n", Some(&forge)).expect("proposes");
    let log = proposing.remote.git(&["log", "--format=%s", BRANCH]);
    assert_eq!(log, "Require limits\nAsk for more\nBegin");

    // Its author amends the commit: what only they made may go.
    proposing.clone.write("intents/a.yaml", "a: 3\n");
    proposing.clone.git(&["commit", "-q", "--all", "--amend", "-m", "Ask for much more"]);
    proposing.propose("p: 2\n", Some(&forge)).expect("proposes");
    let log = proposing.remote.git(&["log", "--format=%s", BRANCH]);
    assert_eq!(log, "Require limits\nAsk for much more\nBegin");

    assert_eq!(forge.written(), ["open ordinance/main"]);
}

#[test]
fn a_proposal_need_not_follow_a_base_that_moves_on_elsewhere() {
    let mut proposing = Proposing::new();
    let forge = Memory::default();
    proposing.propose("p: 2\n", Some(&forge)).expect("proposes");
    let tip = proposing.tip();
    proposing.push_by_hand("main");
    proposing.clone.git(&["pull", "-q", "--ff-only", "origin", "main"]);
    let outcome = proposing.propose("p: 2\n", Some(&forge)).expect("proposes");
    assert!(matches!(outcome, Outcome::Unchanged { .. }), "{outcome:?}");
    assert_eq!(proposing.tip(), tip);
}

#[test]
fn a_branch_that_moves_between_looking_and_pushing_is_left_alone() {
    for http in [false, true] {
        let mut proposing = Proposing::new();
        let _server = http.then(|| proposing.over_http("", Rules::default()));
        proposing.propose("p: 2\n", None).expect("proposes");
        let hand = proposing.hand();
        let tip = RefCell::new(String::new());
        let forge = Memory {
            when_asked: Some(Box::new(|| *tip.borrow_mut() = hand.push(BRANCH))),
            ..Memory::default()
        };
        let failure = proposing.propose("p: 3\n", Some(&forge)).expect_err("is refused");
        assert_eq!(failure.came_back, "somebody else moved it meanwhile");
        assert!(failure.state.ends_with("the remote is as they left it"), "{failure}");
        assert_eq!(forge.written(), [""; 0]);
        drop(forge);
        assert_eq!(proposing.tip(), Some(tip.take()));
    }
}

#[test]
fn only_what_the_remote_lacks_is_sent() {
    let mut proposing = Proposing::new();
    proposing.propose("p: 2\n", None).expect("proposes");
    // The commit, the new content, and the four folders that lead to it.
    let before = objects(&proposing.remote);
    proposing.propose("p: 3\n", None).expect("proposes");
    assert_eq!(objects(&proposing.remote) - before, 6);
}

fn objects(repository: &Repository) -> usize {
    let counted = repository.git(&["count-objects", "-v"]);
    let of = |name: &str| -> usize {
        let line = counted.lines().find_map(|line| line.strip_prefix(name)).expect("a count");
        line.trim().parse().expect("a number")
    };
    of("count:") + of("in-pack:")
}

#[test]
fn a_branch_that_a_person_pushed_to_is_never_overwritten() {
    let mut proposing = Proposing::new();
    let forge = Memory::default();
    proposing.propose("p: 2\n", Some(&forge)).expect("proposes");
    forge.written();
    let tip = proposing.push_by_hand(BRANCH);
    let failure = proposing.propose("p: 3\n", Some(&forge)).expect_err("is refused");
    let short = &tip[..10];
    assert_eq!(
        failure.came_back,
        format!("its last commit is not ours: {short} \"By hand\" by Somebody")
    );
    assert_eq!(failure.state, "nothing was committed or pushed");
    assert_eq!(proposing.tip(), Some(tip));
    assert_eq!(forge.written(), [""; 0]);
}

#[test]
fn an_amended_commit_of_ours_is_theirs() {
    for amend in [
        &["commit", "-q", "--amend", "-m", "Mine\n\nOrdinance-Render: x"][..],
        &["-c", "user.name=ordinance", "commit", "-q", "--amend", "--no-edit", "--allow-empty"],
    ] {
        let mut proposing = Proposing::new();
        proposing.propose("p: 2\n", None).expect("proposes");
        proposing.clone.git(&["fetch", "-q", "origin", BRANCH]);
        proposing.clone.git(&["switch", "-q", "--detach", "FETCH_HEAD"]);
        proposing.clone.git(amend);
        let refspec = format!("HEAD:refs/heads/{BRANCH}");
        proposing.clone.git(&["push", "-q", "--force", "origin", &refspec]);
        proposing.clone.git(&["switch", "-q", "main"]);
        let tip = proposing.tip();
        proposing.propose("p: 3\n", None).expect_err("is refused");
        assert_eq!(proposing.tip(), tip);
    }
}

#[test]
fn commits_of_others_are_not_dropped_from_an_open_proposal() {
    let mut proposing = Proposing::new();
    let forge = Memory::default();
    proposing.clone.write("intents/a.yaml", "a: 2\n");
    proposing.clone.commit("Ask for more");
    proposing.propose("p: 2\n", Some(&forge)).expect("proposes");
    forge.written();
    // Somebody else renders from main, which does not have it yet.
    proposing.clone.git(&["switch", "-q", "--detach", "origin/main"]);
    proposing.clone.write("intents/b.yaml", "b: 1\n");
    proposing.clone.commit_as("Another", "Ask for something else");
    let tip = proposing.tip();
    let failure = proposing.propose("p: 3\n", Some(&forge)).expect_err("is refused");
    assert!(failure.came_back.starts_with("commits would be dropped: "), "{failure}");
    assert!(failure.came_back.contains("\"Ask for more\" by Somebody"), "{failure}");
    assert_eq!(proposing.tip(), tip);

    // Once the proposal is closed nobody waits for them any more.
    forge.open.borrow_mut().clear();
    proposing.propose("p: 3\n", Some(&forge)).expect("proposes");
    assert_ne!(proposing.tip(), tip);
}

#[test]
fn a_run_that_failed_half_way_is_finished_by_the_next() {
    let mut proposing = Proposing::new();
    let forge = Memory::default();
    forge.broken.replace(true);
    let failure = proposing.propose("p: 2\n", Some(&forge)).expect_err("fails");
    assert!(failure.state.starts_with("the branch `ordinance/main` is pushed"), "{failure}");
    let tip = proposing.tip();
    let outcome = proposing.propose("p: 2\n", Some(&forge)).expect("proposes");
    assert!(matches!(outcome, Outcome::Opened { .. }), "{outcome:?}");
    assert_eq!(proposing.tip(), tip, "no second commit");
}

#[test]
fn nothing_to_propose_writes_nothing_and_closes_what_has_landed() {
    let mut proposing = Proposing::new();
    let forge = Memory::default();
    let outcome = proposing.propose("p: 1\n", Some(&forge)).expect("proposes");
    assert_eq!(outcome, Outcome::Nothing);
    assert_eq!((proposing.tip(), forge.written().len()), (None, 0));

    proposing.propose("p: 2\n", Some(&forge)).expect("proposes");
    // From a commit the base does not have, nobody can tell that it has landed.
    proposing.clone.commit("Elsewhere");
    forge.written();
    assert_eq!(proposing.propose("p: 1\n", Some(&forge)).expect("proposes"), Outcome::Nothing);
    assert_eq!(forge.written(), [""; 0]);
    proposing.clone.git(&["reset", "-q", "--hard", "origin/main"]);
    let outcome = proposing.propose("p: 1\n", Some(&forge)).expect("proposes");
    assert!(matches!(outcome, Outcome::Closed { .. }), "{outcome:?}");
    assert_eq!(forge.written(), ["close 1"]);
}

#[test]
fn what_people_closed_is_not_opened_again_until_it_says_something_else() {
    let mut proposing = Proposing::new();
    let forge = Memory::default();
    proposing.propose("p: 2\n", Some(&forge)).expect("proposes");
    let closed = forge.open.borrow_mut().pop();
    forge.declined.replace(closed);
    forge.written();
    let outcome = proposing.propose("p: 2\n", Some(&forge)).expect("proposes");
    assert!(matches!(outcome, Outcome::Declined { .. }), "{outcome:?}");
    assert_eq!(forge.written(), [""; 0]);
    let outcome = proposing.propose("p: 3\n", Some(&forge)).expect("proposes");
    assert!(matches!(outcome, Outcome::Opened { .. }), "{outcome:?}");
}

#[test]
fn policies_may_lie_below_the_top_of_a_repository() {
    let mut proposing = Proposing::new();
    proposing.clone.write("policies/rendered/dev/policies/p.yaml", "p: 1\n");
    proposing.clone.commit("Move in");
    proposing.within = "policies";
    proposing.propose("p: 2\n", None).expect("proposes");
    let changed = proposing.remote.git(&["show", "--format=", "--name-only", BRANCH]);
    assert_eq!(changed, "policies/rendered/dev/policies/p.yaml");
}

#[test]
fn a_dry_run_asks_nobody() {
    let mut proposing = Proposing::new();
    proposing.clone.git(&["remote", "set-url", "origin", "http://127.0.0.1:1/nowhere"]);
    proposing.dry_run = true;
    let outcome = proposing.propose("p: 2\n", Some(&Memory::default())).expect("proposes");
    assert!(matches!(outcome, Outcome::Would { .. }), "{outcome:?}");
    assert_eq!(proposing.propose("p: 1\n", None).expect("proposes"), Outcome::Nothing);
}
