//! Records in, drafts out; and nothing hostile panics.

mod told;

use super::{Refused, import};
use proptest::prelude::*;
use serde_json::{Value, json};

fn day() -> crate::date::Date {
    "2026-11-22".parse().unwrap()
}

fn drafted(record: &Value) -> super::Draft {
    import(record.to_string().as_bytes(), day()).unwrap()
}

fn refused(record: &Value) -> Refused {
    import(record.to_string().as_bytes(), day()).unwrap_err()
}

fn osv(affected: &Value) -> Value {
    json!({"schema_version": "1.6.0", "id": "CVE-2026-12345", "summary": "A hole", "affected": affected})
}

#[test]
fn an_osv_record_becomes_runtimes_kubelets_and_images() {
    let draft = drafted(&osv(&json!([
        {"package": {"ecosystem": "Go", "name": "code.example.com/containerd/containerd/v2"},
         "ranges": [{"type": "SEMVER", "events": [
            {"introduced": "0"}, {"fixed": "1.7.29"}, {"introduced": "2.0.0"}, {"fixed": "2.1.5"}]}]},
        {"package": {"ecosystem": "Go", "name": "k8s.io/kubernetes"},
         "ranges": [{"type": "SEMVER", "events": [{"introduced": "1.33.0"}, {"last_affected": "1.33.3"}]}]},
        {"package": {"purl": "pkg:oci/base?repository_url=registry.example.com%2Fbase"},
         "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.4.1"}]}]},
        {"package": {"purl": "pkg:docker/library/nginx@sha256%3A00000000000000000000000000000001"}},
        {"package": {"ecosystem": "npm", "name": "left-pad"}},
    ])));
    for line in [
        "      - {name: containerd, versions: \"<1.7.29\"}",
        "      - {name: containerd, versions: \">=2.0.0, <2.1.5\"}",
        "      - {versions: \">=1.33.0, <=1.33.3\"}",
        "      - {repository: \"registry.example.com/base\", versions: \"<2.4.1\"}",
        "      - {repository: \"library/nginx\", digests: [\"sha256:00000000000000000000000000000001\"]}",
        "#   left-pad (npm): no pod and no node says that it has this",
        "#   all of Kubernetes is named; only its kubelet is judged here",
        "metadata: {name: \"cve-2026-12345\"}",
        "  expires: 2026-12-22",
    ] {
        assert!(draft.text.lines().any(|other| other == line), "{line}\n{}", draft.text);
    }
    assert_eq!(draft.told.len(), 3, "{:?}", draft.told);
}

#[test]
fn a_cve_record_becomes_the_same() {
    let record = json!({
        "dataType": "CVE_RECORD",
        "cveMetadata": {"cveId": "CVE-2026-2", "state": "PUBLISHED"},
        "containers": {"cna": {
            "title": "runc lets a container out",
            "metrics": [{"cvssV3_1": {"baseSeverity": "HIGH", "baseScore": 8.6}}],
            "affected": [
                {"vendor": "opencontainers", "product": "runc", "versions": [
                    {"version": "1.0.0", "status": "affected", "lessThan": "1.2.8", "versionType": "semver"},
                    {"version": "1.3.0", "status": "affected", "lessThan": "*",
                     "changes": [{"at": "1.3.3", "status": "unaffected"}]},
                    {"version": "1.4.0", "status": "unaffected"}]},
                {"vendor": "Kubernetes", "product": "Kubernetes", "versions": [
                    {"version": "0", "status": "affected", "lessThanOrEqual": "1.30.4"}]},
            ]}},
    });
    let draft = drafted(&record);
    for line in [
        "      - {name: runc, versions: \">=1.0.0, <1.2.8\"}",
        "      - {name: runc, versions: \">=1.3.0, <1.3.3\"}",
        "      - {versions: \"<=1.30.4\"}",
        "  severity: high",
    ] {
        assert!(draft.text.lines().any(|other| other == line), "{line}\n{}", draft.text);
    }
    assert_eq!(draft.told, ["all of Kubernetes is named; only its kubelet is judged here"]);
}

#[test]
fn what_was_withdrawn_or_says_nothing_here_is_refused() {
    let mut withdrawn = osv(&json!([]));
    withdrawn["withdrawn"] = json!("2026-10-01T00:00:00Z");
    assert!(matches!(refused(&withdrawn), Refused::Withdrawn(why) if why.contains("2026-10-01")));
    let rejected = json!({
        "cveMetadata": {"cveId": "CVE-2026-3", "state": "REJECTED"},
        "containers": {"cna": {"rejectedReasons": [{"lang": "en", "value": "Not a hole."}]}},
    });
    assert_eq!(
        refused(&rejected),
        Refused::Withdrawn("CVE-2026-3 was rejected: Not a hole.".to_owned())
    );
    let npm = osv(&json!([{"package": {"ecosystem": "npm", "name": "left-pad"}}]));
    assert!(matches!(refused(&npm), Refused::Inexpressible { told, .. } if told.len() == 1));
}

#[test]
fn what_cannot_be_read_says_where() {
    let why = |record: &Value| match refused(record) {
        Refused::Unreadable(why) => why,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        why(&osv(&json!([{"package": {"name": "runc"}, "ranges": "x"}]))),
        "`affected[0].ranges` is no list"
    );
    assert_eq!(why(&osv(&json!([{"package": 1}]))), "`affected[0].package` is no map");
    assert_eq!(why(&json!({"id": 7})), "`id` is no text");
    assert_eq!(why(&json!({"cveMetadata": {}})), "`cveMetadata` has no `cveId`");
    assert!(why(&json!([])).starts_with("it is neither"));
    let Err(Refused::Unreadable(why)) = import(b"{\"id\": ", day()) else { panic!() };
    assert_eq!(why, "it is no JSON, as seen in line 1, column 7");
    let deep = "[".repeat(100_000);
    assert!(matches!(import(deep.as_bytes(), day()), Err(Refused::Unreadable(_))));
    let large = vec![b' '; crate::limits::FILE_BYTES + 1];
    let Err(Refused::Unreadable(why)) = import(&large, day()) else { panic!() };
    assert_eq!(why, "it is larger than 4 MiB");
    let many = osv(&json!(vec![json!({}); 1_001]));
    assert!(matches!(refused(&many), Refused::Unreadable(why) if why.contains("1000")));
}

#[test]
fn severities_are_those_of_the_specification() {
    use crate::document::Severity::{Critical, High, Low, Medium};
    for (vector, expected) in [
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", Some(Critical)),
        ("CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:C/C:H/I:H/A:H", Some(High)),
        ("CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", Some(Medium)),
        ("CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:L", Some(Low)),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", None),
        ("CVSS:3.1/AV:X", None),
    ] {
        assert_eq!(super::cvss::by_vector(vector), expected, "{vector}");
    }
}

fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("0".to_owned()),
        Just("1.7.29".to_owned()),
        Just("99999999999999999999999.1-rc".to_owned()),
        Just("pkg:oci/x@sha256%3?repository_url=%zz%2F".to_owned()),
        Just("pkg:docker/%ff/\u{202e}\n# x: {y}".to_owned()),
        Just("code.example.com/containerd/containerd".to_owned()),
        ".{0,20}",
    ]
}

proptest! {
    /// Whatever a record says: a draft that the schema takes, or a refusal.
    #[test]
    fn a_draft_is_one_document_that_its_schema_takes(
        id in hostile(), summary in hostile(), alias in hostile(), purl in hostile(), name in hostile(),
        from in hostile(), fixed in hostile(), listed in hostile(),
    ) {
        let record = json!({
            "id": format!("X-{id}"), "summary": summary, "aliases": [alias],
            "affected": [
                {"package": {"purl": purl}, "versions": [listed, from]},
                {"package": {"name": name}, "ranges": [{"type": "SEMVER", "events": [
                    {"introduced": from}, {"fixed": fixed}]}]},
                {"package": {"name": "runc"}, "versions": ["1.0"]},
            ],
        });
        if let Ok(draft) = import(record.to_string().as_bytes(), day()) {
            prop_assert!(is_taken(&draft), "{}", draft.text);
        }
        let entry = |version: &str, status: &str| json!({"version": version, "status": status});
        let record = json!({
            "cveMetadata": {"cveId": format!("X-{id}")},
            "containers": {"cna": {"title": summary, "affected": [
                {"product": name, "packageURL": "pkg:docker/library/nginx", "versions": [
                    entry(&listed, "affected"), entry(&format!(">={from}, <{fixed}"), "affected"),
                    entry(&fixed, "unaffected"), entry("1.0", "affected"), entry(&from, &alias),
                    {"version": from, "lessThan": fixed, "status": "affected"}]},
            ]}},
        });
        match import(record.to_string().as_bytes(), day()) {
            Ok(draft) => prop_assert!(is_taken(&draft), "{}", draft.text),
            Err(why) => prop_assert!(matches!(why, Refused::Unreadable(_)), "{why:?}"),
        }
    }
}

fn is_taken(draft: &super::Draft) -> bool {
    let mut sources = crate::text::Sources::default();
    let id = sources.add("draft.yaml", draft.text.clone());
    let reader = crate::document::Reader::new(&crate::document::Known::default());
    let mut diagnostics = crate::diagnostic::Diagnostics::default();
    let read = reader.read(&sources, &[id], &mut diagnostics);
    !diagnostics.has_errors() && read.advisories.len() == 1
}
