//! Proposing to a real bare repository: over a path, smart HTTP and ssh.

use ordinance::delivery::Outcome;

use crate::support::http_backend::{Rules, Server};
use crate::support::proposing::{BRANCH, Proposing};
use crate::support::repository::Repository;

const TOKEN: &str = "planted_0123456789abcdefghijklmnopqrstuvwxyz";
/// `x-access-token:TOKEN` as HTTP sends it.
const BASIC: &str =
    "Basic eC1hY2Nlc3MtdG9rZW46cGxhbnRlZF8wMTIzNDU2Nzg5YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXo=";

/// Proposes twice, with another clone pushing in between, and looks at what the remote holds.
fn goes_all_the_way(proposing: &mut Proposing) {
    let outcome = proposing.propose("p: 2\n", None).expect("proposes");
    assert!(matches!(outcome, Outcome::Pushed { .. }), "{outcome:?}");
    assert_eq!(proposing.propose("p: 2\n", None).expect("proposes"), Outcome::AlreadyPushed);
    let first = proposing.tip();
    // A clone that has never seen the branch must look at its last commit before it moves it.
    let fresh = Repository::new();
    let address = proposing.clone.git(&["remote", "get-url", "origin"]);
    let path = proposing.remote.path().to_str().expect("a path").to_owned();
    fresh.git(&["remote", "add", "origin", &path]);
    fresh.git(&["fetch", "-q", "origin", "main"]);
    fresh.git(&["reset", "-q", "--hard", "FETCH_HEAD"]);
    fresh.git(&["remote", "set-url", "origin", &address]);
    if let (true, command, _) = proposing.clone.try_git(&["config", "core.sshCommand"]) {
        fresh.git(&["config", "core.sshCommand", &command]);
    }
    proposing.clone = fresh;
    let outcome = proposing.propose("p: 3\n", None).expect("proposes");
    assert!(matches!(outcome, Outcome::Pushed { .. }), "{outcome:?}");
    assert_ne!(proposing.tip(), first);
    let shown = proposing.remote.git(&["show", &format!("{BRANCH}:rendered/dev/policies/p.yaml")]);
    assert_eq!(shown, "p: 3");
    let tip = proposing.push_by_hand(BRANCH);
    proposing.propose("p: 4\n", None).expect_err("is refused");
    assert_eq!(proposing.tip(), Some(tip));
    proposing.remote.git(&["fsck", "--strict"]);
    proposing.clone.git(&["fsck", "--strict"]);
}

#[test]
fn over_a_path() {
    goes_all_the_way(&mut Proposing::new());
}

#[test]
fn over_a_file_address() {
    let mut proposing = Proposing::new();
    let address = format!("file://{}", proposing.remote.path().display());
    proposing.clone.git(&["remote", "set-url", "origin", &address]);
    goes_all_the_way(&mut proposing);
}

#[test]
fn over_smart_http() {
    let mut proposing = Proposing::new();
    let _server = proposing.over_http("", Rules::default());
    goes_all_the_way(&mut proposing);
}

#[test]
fn over_smart_http_with_a_token() {
    let mut proposing = Proposing::new();
    proposing.token = Some(TOKEN.into());
    let rules = Rules { authorization: Some(BASIC.into()), ..Rules::default() };
    let _server = proposing.over_http("", rules);
    goes_all_the_way(&mut proposing);
}

#[cfg(unix)]
#[test]
fn over_ssh() {
    let mut proposing = Proposing::new();
    // In place of ssh, something that runs the command here.
    let script = proposing.clone.path().join(".git/ssh");
    std::fs::write(&script, "#!/bin/sh\nfor last; do :; done\nexec sh -c \"$last\"\n")
        .expect("a script");
    let command = format!("sh {}", script.display());
    proposing.clone.git(&["config", "core.sshCommand", &command]);
    let kept = tempfile::tempdir().expect("a folder");
    let kept_script = kept.path().join("ssh");
    std::fs::copy(&script, &kept_script).expect("copied");
    let command = format!("sh {}", kept_script.display());
    proposing.clone.git(&["config", "core.sshCommand", &command]);
    let address = format!("ssh://git@remote.invalid{}", proposing.remote.path().display());
    proposing.clone.git(&["remote", "set-url", "origin", &address]);
    goes_all_the_way(&mut proposing);
}

#[test]
fn a_token_inside_the_address_works_and_is_never_repeated() {
    let login = format!("x-access-token:{TOKEN}@");
    for (rules, works) in [
        (Rules { authorization: Some(BASIC.into()), ..Rules::default() }, true),
        (Rules { authorization: Some("Basic other".into()), ..Rules::default() }, false),
        (Rules { refuse_pushes: true, ..Rules::default() }, false),
        (Rules { redirect: Some(format!("http://{login}127.0.0.1:1")), ..Rules::default() }, false),
    ] {
        let mut proposing = Proposing::new();
        let _server = proposing.over_http(&login, rules);
        let mut heard = match proposing.propose("p: 2\n", None) {
            Ok(outcome) => {
                assert!(works, "{outcome:?}");
                format!("{outcome:?}")
            }
            Err(failure) => {
                assert!(!works, "{failure}");
                format!("{failure} {failure:?}")
            }
        };
        heard += &proposing.said.join("\n");
        assert!(!heard.contains(TOKEN), "{heard}");
        assert!(!heard.contains(&BASIC[12..40]), "{heard}");
    }
}

#[test]
fn a_redirect_is_not_followed_and_gets_no_token() {
    let mut proposing = Proposing::new();
    proposing.token = Some(TOKEN.into());
    let elsewhere = Server::start(proposing.remote.path(), Rules::default());
    let to = elsewhere.url("", "").trim_end_matches('/').to_owned();
    let _server = proposing.over_http("", Rules { redirect: Some(to), ..Rules::default() });
    let failure = proposing.propose("p: 2\n", None).expect_err("is refused");
    assert!(failure.came_back.starts_with("301 Moved Permanently to http://127."), "{failure}");
    assert_eq!(elsewhere.requests(), [""; 0]);
}

#[test]
fn a_token_is_not_sent_in_the_clear() {
    let mut proposing = Proposing::new();
    proposing.token = Some(TOKEN.into());
    proposing.clone.git(&["remote", "set-url", "origin", "http://git.example.com/a/b"]);
    let failure = proposing.propose("p: 2\n", None).expect_err("is refused");
    assert_eq!(failure.came_back, "the token could be read on the way there");
}

#[test]
fn failures_of_a_remote_are_whole_sentences() {
    let mut proposing = Proposing::new();
    proposing.clone.git(&["remote", "set-url", "origin", "http://127.0.0.1:1/a/b"]);
    let failure = proposing.propose("p: 2\n", None).expect_err("fails");
    let said = failure.to_string();
    assert!(said.starts_with("could not read the branches of http://127.0.0.1:1/a/b: "), "{said}");
    assert!(said.ends_with("\nhint: nothing was committed or pushed"), "{said}");

    proposing.clone.git(&["remote", "set-url", "origin", "/nowhere/at/all"]);
    let said = proposing.propose("p: 2\n", None).expect_err("fails").to_string();
    assert!(said.starts_with("could not read the branches of /nowhere/at/all: "), "{said}");

    proposing.clone.git(&["remote", "remove", "origin"]);
    let failure = proposing.propose("p: 2\n", None).expect_err("fails");
    assert_eq!(failure.to_do, "git remote add origin ADDRESS");
}
