//! What of a record is not in its draft is told, and no more of it than anybody reads.

use super::{Refused, drafted, osv, refused};
use serde_json::{Value, json};

/// The entries of a draft, as they are written.
fn entries(draft: &crate::advisory::Draft) -> Vec<&str> {
    let entries = draft.text.lines().filter_map(|line| line.strip_prefix("      - "));
    entries.collect()
}

fn cve(affected: &Value) -> Value {
    json!({
        "cveMetadata": {"cveId": "CVE-2026-4", "state": "PUBLISHED"},
        "containers": {"cna": {
            "title": "A hole",
            "metrics": [{"cvssV3_1": {"baseSeverity": "HIGH"}}],
            "affected": affected}},
    })
}

/// A draft of runc with what is said of its versions.
fn of_versions(versions: &Value) -> crate::advisory::Draft {
    drafted(&cve(&json!([{"product": "runc", "versions": versions}])))
}

fn of_events(events: &Value) -> crate::advisory::Draft {
    drafted(&rated(&json!([
        {"package": {"name": "runc"}, "ranges": [{"type": "SEMVER", "events": events}]}
    ])))
}

/// An OSV record that says how bad it is.
fn rated(affected: &Value) -> Value {
    let mut record = osv(affected);
    record["database_specific"] = json!({"severity": "HIGH"});
    record
}

#[test]
fn a_version_may_be_written_as_a_range() {
    let draft = of_versions(&json!([
        {"version": ">= 1.7.0-beta.0, < 1.7.27", "status": "affected"},
        {"version": "< 1.6.36", "status": "affected"},
        {"version": "> 2.0, <= 2.0.3", "status": "affected"},
        {"version": "= 2.1.0", "status": "affected"},
        {"version": ">= 3, >= 4", "status": "affected"},
        {"version": "< 5, and before", "status": "affected"},
    ]));
    assert_eq!(
        entries(&draft),
        [
            "{name: runc, versions: \">=1.7.0, <1.7.27\"}",
            "{name: runc, versions: \"<1.6.36\"}",
            "{name: runc, versions: \">2.0.0, <=2.0.3\"}",
            "{name: runc, versions: \"=2.1.0\"}",
        ]
    );
    assert_eq!(
        draft.told,
        [
            "runc: `>= 3, >= 4` begins or ends twice",
            "runc: `and before` in `< 5, and before` is compared with nothing",
            "runc: of its versions only the numbers are read",
        ]
    );
}

#[test]
fn events_count_by_version_and_not_as_they_were_written() {
    for events in [
        json!([{"fixed": "1.2.0"}, {"introduced": "1.1.0"}, {"fixed": "1.0.5"}, {"introduced": "0"}]),
        json!([{"introduced": "0", "fixed": "1.0.5"}, {"introduced": "1.1.0", "fixed": "1.2.0"}]),
        json!([{"introduced": "1.1.0"}, {"introduced": "0"}, {"fixed": "1.0.5"}, {"fixed": "1.2.0"}]),
    ] {
        let draft = of_events(&events);
        let expected =
            ["{name: runc, versions: \"<1.0.5\"}", "{name: runc, versions: \">=1.1.0, <1.2.0\"}"];
        assert_eq!(entries(&draft), expected, "{events}");
        assert_eq!(draft.told, [] as [&str; 0]);
    }
    // What is affected stays so until something ends it.
    let draft = of_events(&json!([{"introduced": "1.0"}, {"introduced": "1.1"}, {"fixed": "1.2"}]));
    assert_eq!(entries(&draft), ["{name: runc, versions: \">=1.0, <1.2\"}"]);
    let draft = of_events(&json!([{"last_affected": "1.0.0"}, {"introduced": "1.0.0"}]));
    assert_eq!(entries(&draft), ["{name: runc, versions: \"=1.0.0\"}"]);
    let draft = of_events(&json!([{"introduced": "0"}, {"fixed": "1.2"}, {"fixed": "1.3"}]));
    assert_eq!(draft.told, ["runc: `fixed: 1.3` without an `introduced` before it"]);
}

#[test]
fn versions_that_are_listed_beside_ranges_count_too() {
    let range = json!({"type": "SEMVER", "events": [{"introduced": "1.0.0"}, {"fixed": "1.2.0"}]});
    let draft = drafted(&rated(&json!([
        {"package": {"name": "runc"}, "ranges": [range],
         "versions": ["1.0.1", "1.1.0", "2.0.0", "1.2.0-rc1", "3.0.1-4"]}
    ])));
    assert_eq!(
        entries(&draft),
        [
            "{name: runc, versions: \">=1.0.0, <1.2.0\"}",
            "{name: runc, versions: \"=2.0.0\"}",
            "{name: runc, versions: \"=3.0.1\"}",
        ]
    );
    assert_eq!(
        draft.told,
        [
            "runc: whether `1.2.0-rc1` lies in a range cannot be said",
            "runc: `3.0.1-4` is read as 3.0.1",
        ]
    );
}

#[test]
fn a_range_that_says_nothing_is_told() {
    let of = |ranges: Value| {
        rated(&json!([{"package": {"name": "runc"}, "ranges": ranges},
                      {"package": {"name": "cri-o"}, "versions": ["1.0"]}]))
    };
    let draft = drafted(&of(json!([])));
    assert_eq!(draft.told, ["runc: nothing is said of its versions, so all are meant"]);
    assert!(entries(&draft).contains(&"{name: runc, versions: \"*\"}"), "{}", draft.text);
    assert_eq!(drafted(&of(json!([1]))).told, ["runc: a range that is no map"]);
    assert_eq!(drafted(&of(json!([{"type": "SEMVER"}]))).told, ["runc: a range without events"]);
}

#[test]
fn what_a_cve_record_leaves_open_is_told() {
    let unnamed = cve(&json!([{"product": "runc"}]));
    let why = "runc: no version of it is said to be affected";
    assert!(matches!(refused(&unnamed), Refused::Inexpressible { told, .. } if told == [why]));
    let draft = of_versions(&json!([{"version": "n/a", "status": "affected"}]));
    assert_eq!(entries(&draft), ["{name: runc, versions: \"*\"}"]);
    assert_eq!(draft.told, ["runc: no version is named, so all are meant"]);
    let draft = of_versions(&json!([
        {"version": "1.0.0", "lessThan": "2.0.0", "status": "affected"},
        {"version": "1.5.3", "status": "unaffected"},
        {"version": "1.6.0", "lessThan": "1.7.0", "status": "unaffected"},
        {"version": "2.0.0", "lessThan": "*", "status": "unaffected"},
        {"version": "2.1.0", "status": "unknown"},
    ]));
    assert_eq!(entries(&draft), ["{name: runc, versions: \">=1.0.0, <2.0.0\"}"]);
    assert_eq!(
        draft.told,
        [
            "runc: whether =2.1.0 is affected is unknown",
            "runc: =1.5.3 is unaffected, and lies in what is drafted",
            "runc: >=1.6.0, <1.7.0 is unaffected, and lies in what is drafted",
        ]
    );
}

#[test]
fn of_kubernetes_only_the_kubelet_is_judged() {
    let told = "all of Kubernetes is named; only its kubelet is judged here";
    let by_maker = json!([{"vendor": "kubernetes", "product": "Kubernetes",
        "versions": [{"version": "1.30.0", "status": "affected"}]}]);
    assert_eq!(drafted(&cve(&by_maker)).told, [told]);
    for (name, expected) in [("k8s.io/kubernetes", vec![told]), ("k8s.io/kubelet", vec![])] {
        let record = rated(&json!([{"package": {"name": name}, "versions": ["1.30.0"]}]));
        assert_eq!(drafted(&record).told, expected, "{name}");
    }
}

#[test]
fn no_more_is_told_than_is_read() {
    let odd: Vec<Value> = (0..900)
        .map(|number| json!({"version": format!("x{number}"), "status": "affected"}))
        .chain([json!({"version": "1.0.0", "status": "affected"})])
        .collect();
    let draft = of_versions(&json!(odd));
    assert_eq!(draft.told.len(), 51);
    assert_eq!(draft.told[50], "and 850 more");
    assert!(draft.text.contains("#   and 850 more\n"), "{}", draft.text);
    // As much as a record may hold.
    let many = |product: usize| {
        let odd = (0..900)
            .map(|number| json!({"version": format!("x{product}-{number}"), "status": "affected"}));
        json!({"product": "runc", "versions": odd.collect::<Vec<_>>()})
    };
    let record = cve(&Value::Array((0..80).map(many).collect()));
    assert!(record.to_string().len() > 3_000_000);
    assert!(matches!(refused(&record), Refused::Inexpressible { told, .. }
        if told.last().is_some_and(|last| last == "and 71950 more")));
    let digest = |number: usize| format!("pkg:docker/library/nginx@sha256:{number:064x}");
    let purls = (0..500).map(|number| json!({"package": {"purl": digest(number % 250)}}));
    let draft = drafted(&rated(&Value::Array(purls.collect())));
    assert_eq!(draft.text.matches("sha256:").count(), 200);
    assert_eq!(draft.told, ["50 more digests"]);
}

#[test]
fn what_has_no_name_is_called_by_its_url() {
    let record = rated(&json!([{"package": {"purl": "pkg:oci/base"}}]));
    let why = "pkg:oci/base: it names no registry: an OCI package needs `repository_url`";
    assert!(matches!(refused(&record), Refused::Inexpressible { told, .. } if told == [why]));
}
