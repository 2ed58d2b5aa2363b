//! Proposing to a forge as its published API description knows it, and to a git server beside it.

use ordinance::delivery::forge::{Settings, connect};
use ordinance::delivery::{Outcome, Secret};
use ordinance::failure::Failure;
use serde_json::json;

use crate::support::http_backend::{Rules, Server};
use crate::support::proposing::Proposing;
use crate::support::published_forge::PublishedForge;

const TOKEN: &str = "planted_0123456789abcdefghijklmnopqrstuvwxyz";

fn settings(url: &str, token: Option<&str>) -> Settings {
    Settings {
        name: "github".into(),
        url: url.into(),
        repository: "acme/policies".into(),
        token: token.and_then(Secret::new),
    }
}

fn run(proposing: &mut Proposing, policy: &str, url: &str) -> Result<Outcome, Failure> {
    let forge = connect(&settings(url, Some(TOKEN)))?;
    proposing.propose(policy, Some(&*forge))
}

const LIST: &str = "GET pulls?state=open&per_page=100&page=1 200";
const REVIEWS: &str = "GET pulls/1/reviews?per_page=100 200";

// One test: starting the proxy takes longer than all that is asked of it.
#[test]
fn every_request_is_one_the_forge_publishes() {
    let mut proposing = Proposing::new();
    let Some(forge) = PublishedForge::start(TOKEN, proposing.remote.path()) else { return };
    proposing.token = Some(TOKEN.into());
    let _server = proposing.over_http("", Rules::default());

    // Who opened it is not asked to review it.
    proposing.reviewers =
        ["somebody", "acme/security", "ordinance-bot"].map(str::to_owned).to_vec();
    let outcome = run(&mut proposing, "p: 2\n", &forge.url).expect("proposes");
    let Outcome::Opened { proposal } = outcome else { panic!("{outcome:?}") };
    assert_eq!(proposal.address, "https://forge.example/acme/policies/pull/1");
    assert_eq!(
        forge.requests(),
        [
            LIST,
            "POST pulls 201",
            "POST issues/1/labels 200",
            REVIEWS,
            "POST pulls/1/requested_reviewers 201",
        ]
    );

    // Again: nothing that writes, and no second one.
    let outcome = run(&mut proposing, "p: 2\n", &forge.url).expect("proposes");
    assert!(matches!(outcome, Outcome::Unchanged { .. }), "{outcome:?}");
    assert_eq!(forge.requests(), [LIST]);

    // Another render, and somebody more to ask.
    proposing.title = "Require more".into();
    proposing.reviewers.push("another".into());
    let outcome = run(&mut proposing, "p: 3\n", &forge.url).expect("proposes");
    let Outcome::Updated { proposal, changed } = outcome else { panic!("{outcome:?}") };
    assert_eq!(proposal.number, 1);
    assert_eq!(changed, ["commit", "title", "review by another"]);
    assert_eq!(forge.writes(), ["PATCH pulls/1 200", "POST pulls/1/requested_reviewers 201"]);

    // Told to wait, it waits.
    forge.answer_next(&json!({
        "status": 403,
        "headers": {"retry-after": "1", "content-type": "application/json"},
        "body": {"message": "You have exceeded a secondary rate limit."},
    }));
    let started = std::time::Instant::now();
    run(&mut proposing, "p: 3\n", &forge.url).expect("proposes");
    assert!(started.elapsed().as_secs_f32() >= 1.0);
    assert_eq!(forge.requests(), ["GET pulls?state=open&per_page=100&page=1 403", LIST]);

    // A reviewer who does not exist fails, with the proposal open as it was.
    proposing.reviewers.push("nobody".into());
    let failure = run(&mut proposing, "p: 3\n", &forge.url).expect_err("fails");
    assert!(
        failure.came_back.ends_with("Reviews may only be requested from collaborators."),
        "{failure}"
    );
    assert!(failure.tried.contains("acme/policies"), "{failure}");
    proposing.reviewers.pop();
    run(&mut proposing, "p: 3\n", &forge.url).expect("proposes");
    forge.requests();

    // All of it has landed.
    let outcome = run(&mut proposing, "p: 1\n", &forge.url).expect("proposes");
    assert!(matches!(outcome, Outcome::Closed { .. }), "{outcome:?}");
    assert_eq!(forge.writes(), ["POST issues/1/comments 201", "PATCH pulls/1 200"]);

    // Wanted again, it is opened again; closed by a person, it is not.
    let outcome = run(&mut proposing, "p: 3\n", &forge.url).expect("proposes");
    assert!(matches!(outcome, Outcome::Opened { .. }), "{outcome:?}");
    forge.close_by_hand(2);
    forge.requests();
    let outcome = run(&mut proposing, "p: 3\n", &forge.url).expect("proposes");
    assert!(matches!(outcome, Outcome::Declined { .. }), "{outcome:?}");
    assert_eq!(
        forge.requests(),
        [
            LIST,
            "GET pulls?state=closed&head=acme%3Aordinance%2Fmain&sort=created&direction=desc\
             &per_page=100 200",
            "GET issues/2 200",
        ]
    );

    // A refusal repeats the token; nobody hears it.
    forge.answer_next(&json!({
        "status": 401,
        "headers": {"content-type": "application/json"},
        "body": {"message": format!("Bad credentials: Bearer {TOKEN}")},
    }));
    let failure = run(&mut proposing, "p: 2\n", &forge.url).expect_err("fails");
    let said = format!("{failure} {failure:?}");
    assert!(said.contains("401 Unauthorized: Bad credentials: Bearer [hidden]"), "{said}");
    assert!(!said.contains(TOKEN));

    // Whoever a redirect names is not shown the token.
    let elsewhere = Server::start(proposing.remote.path(), Rules::default());
    forge.answer_next(&json!({
        "status": 301, "headers": {"location": elsewhere.url("", "pulls")}, "body": {},
    }));
    run(&mut proposing, "p: 2\n", &forge.url).expect_err("fails");
    let requests = elsewhere.requests();
    assert_eq!(requests.len(), 1, "{requests:?}");
    assert_eq!(requests[0].trim_end(), "GET /pulls HTTP/1.1");
}

#[test]
fn a_forge_is_only_talked_to_where_the_token_is_safe() {
    for (url, works) in [
        ("https://api.github.com", true),
        ("https://git.example.com/api/v3", true),
        ("http://127.0.0.1:1/api/v3", true),
        ("http://git.example.com/api/v3", false),
        ("https://x:y@git.example.com", false),
        ("https://", false),
        ("git.example.com", false),
    ] {
        assert_eq!(connect(&settings(url, Some(TOKEN))).is_ok(), works, "{url}");
    }
    let failure = connect(&settings("https://api.github.com", None)).err().expect("fails");
    assert_eq!(failure.came_back, "there is no token");
    for repository in ["", "acme", "acme/a/b", "../policies", "acme/..", "acme/a?b"] {
        let settings = Settings {
            repository: repository.into(),
            ..settings("https://h.example", Some(TOKEN))
        };
        assert!(connect(&settings).is_err(), "{repository}");
    }
    let settings = Settings { name: "other".into(), ..settings("https://h.example", Some(TOKEN)) };
    let failure = connect(&settings).err().expect("fails");
    assert_eq!(failure.to_do, "known are: github");
}

#[test]
fn the_token_of_a_forge_is_for_its_own_git_server() {
    let public = connect(&settings("https://api.github.com", Some(TOKEN))).expect("connects");
    assert!(public.serves("github.com") && public.serves("GitHub.com:443"));
    assert!(!public.serves("git.example.com") && !public.serves("") && !public.serves("com"));
    let own = connect(&settings("https://git.example.com/api/v3", Some(TOKEN))).expect("connects");
    assert!(own.serves("git.example.com") && !own.serves("github.com"));
}

#[test]
fn a_forge_that_is_not_there_is_a_whole_sentence() {
    let mut proposing = Proposing::new();
    let failure = run(&mut proposing, "p: 2\n", "http://127.0.0.1:1").expect_err("fails");
    let said = failure.to_string();
    assert!(
        said.starts_with("could not list the pull requests of acme/policies on 127.0.0.1:1: "),
        "{said}"
    );
    assert!(said.ends_with("\nhint: nothing was committed or pushed"), "{said}");
    // The encrypted way fails for the same plain reason.
    let failure = run(&mut proposing, "p: 2\n", "https://127.0.0.1:1").expect_err("fails");
    assert!(failure.came_back.contains("refused"), "{failure}");
}
