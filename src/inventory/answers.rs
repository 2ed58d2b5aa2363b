//! One cluster, by what it answers: `kubectl version -o json` and `kubectl get nodes -o json`.

use super::{Known, minor, providers};
use crate::object::{self, Object};
use crate::version::Version;
use serde_json::Value;
use std::collections::BTreeSet;

/// What these values say of the cluster that answered with them; the error says what is missing.
pub fn answers(name: &str, values: &[Value]) -> Result<Known, String> {
    let mut known = Known::new(name);
    let mut nodes: Vec<&Object> = vec![];
    let mut answered = false;
    for value in values {
        if let Some(server) = value.get("serverVersion") {
            answered = true;
            version(server, &mut known);
        } else if value.get("clientVersion").is_some() {
            return Err("it holds the version of kubectl alone: no cluster answered".to_owned());
        } else if object::is_list(object::kind(value)) {
            let items = object::list(value, &["items"]);
            let is_node =
                |one: &&Value| object::kind(value) == "NodeList" || object::kind(one) == "Node";
            nodes.extend(items.iter().filter(is_node));
        } else if object::kind(value) == "Node" {
            nodes.push(value);
        }
    }
    if !answered && nodes.is_empty() {
        return Err("it holds neither `serverVersion` nor nodes".to_owned());
    }
    machines(&nodes, &mut known);
    Ok(known)
}

fn version(server: &Value, known: &mut Known) {
    let text = |field| object::text(server, &[field]);
    let git = text("gitVersion");
    // Some write `33+`.
    let number = |field| text(field).trim_end_matches('+').parse::<u32>().ok();
    known.kubernetes = match (number("major"), number("minor")) {
        (Some(major), Some(minor)) => Some(Version::new(major, minor)),
        _ => minor(git),
    };
    known.provider = providers::by_version(git).map(str::to_owned);
}

fn machines(nodes: &[&Object], known: &mut Known) {
    let text = |node: &Object, field| object::text(node, &["status", "nodeInfo", field]).to_owned();
    let kubelets: BTreeSet<String> = nodes
        .iter()
        .map(|node| text(node, "kubeletVersion"))
        .filter(|one| !one.is_empty())
        .collect();
    let newest = kubelets.iter().filter_map(|one| minor(one)).max();
    if let (None, Some(newest)) = (known.kubernetes, newest) {
        known.kubernetes = Some(newest);
        known.remarks.push(
            "`kubernetes` is that of the newest kubelet; the API server may be newer".to_owned(),
        );
    }
    let labels = nodes.iter().flat_map(|node| object::labels(node).into_keys());
    let by_labels = labels.filter_map(|key| providers::by_node_label(&key)).next();
    let by_kubelet = kubelets.iter().find_map(|one| providers::by_version(one));
    if known.provider.is_none() {
        known.provider = by_kubelet.or(by_labels).map(str::to_owned);
    }
    let id = |node: &&Object| object::text(node, &["spec", "providerID"]).to_owned();
    let made = nodes.iter().map(id).find_map(|id| providers::by_machine(&id));
    if let (None, Some((scheme, provider))) = (&known.provider, made) {
        known.provider = Some(provider.to_owned());
        known.remarks.push(format!(
            "`provider` is told by machines of `{scheme}://` alone; if you run the control plane \
             there yourselves, it is `generic`"
        ));
    }
    let runtimes: BTreeSet<String> = nodes
        .iter()
        .map(|node| text(node, "containerRuntimeVersion"))
        .filter(|one| !one.is_empty())
        .collect();
    for (what, found) in [("kubelets", kubelets), ("container runtimes", runtimes)] {
        if !found.is_empty() {
            let found: Vec<String> = found.into_iter().collect();
            known.remarks.push(format!("{what} of its nodes: {}", found.join(", ")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn versions_and_nodes_say_who_runs_it() {
        for (git, minor, provider) in [
            ("v1.33.4-eks-1a2b3c", "33+", Some("eks")),
            ("v1.33.4-gke.1000", "33", Some("gke")),
            ("v1.33.4+k3s1", "33", Some("rancher")),
            ("v1.33.4+rke2r1", "33", Some("rancher")),
            ("v1.33.4", "33", None),
        ] {
            let answer =
                json!({"serverVersion": {"major": "1", "minor": minor, "gitVersion": git}});
            let known = answers("prod", &[answer]).unwrap();
            assert_eq!(known.kubernetes, Some(Version::new(1, 33)), "{git}");
            assert_eq!(known.provider.as_deref(), provider, "{git}");
        }
        for (id, provider) in
            [("aws:///z/i-1", "eks"), ("azure:///s", "aks"), ("gce://p/z/n", "gke")]
        {
            let node = json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "a"},
                "spec": {"providerID": id}, "status": {"nodeInfo": {"kubeletVersion": "v1.32.9"}}});
            let list = json!({"apiVersion": "v1", "kind": "List", "items": [node]});
            let known = answers("prod", &[list]).unwrap();
            assert_eq!(known.kubernetes, Some(Version::new(1, 32)));
            assert_eq!(known.provider.as_deref(), Some(provider));
            assert_eq!(known.remarks.len(), 3, "{:?}", known.remarks);
        }
    }

    #[test]
    fn what_no_cluster_answered_is_refused() {
        let client = json!({"clientVersion": {"major": "1", "minor": "33"}});
        assert!(answers("prod", &[client]).unwrap_err().contains("no cluster answered"));
        assert!(answers("prod", &[json!({"kind": "Pod"})]).is_err());
    }
}
