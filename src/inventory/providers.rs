//! Who runs a control plane, by what others write down.
//!
//! These are marks that managed control planes leave; whether the provider is one that is known here
//! is asked by whoever takes the answer.

/// By the version of an API server or a kubelet: `v1.33.4-eks-1a2b3c`, `v1.33.4-gke.100`,
/// `v1.33.4+k3s1`.
pub fn by_version(version: &str) -> Option<&'static str> {
    let marks = [("-eks-", "eks"), ("-gke.", "gke"), ("+k3s", "rancher"), ("+rke2", "rancher")];
    marks.iter().find(|(mark, _)| version.contains(mark)).map(|(_, provider)| *provider)
}

/// By the labels of a node.
pub fn by_node_label(key: &str) -> Option<&'static str> {
    let marks = [
        ("eks.amazonaws.com/", "eks"),
        ("kubernetes.azure.com/", "aks"),
        ("cloud.google.com/gke-", "gke"),
    ];
    marks.iter().find(|(mark, _)| key.starts_with(mark)).map(|(_, provider)| *provider)
}

/// By who made a machine, which is not always who runs the control plane.
pub fn by_machine(id: &str) -> Option<(&'static str, &'static str)> {
    let marks = [("aws", "eks"), ("azure", "aks"), ("gce", "gke")];
    let (scheme, _) = id.split_once("://")?;
    marks.into_iter().find(|(mark, _)| *mark == scheme)
}

/// By the address of an API server.
pub fn by_address(address: &str) -> Option<&'static str> {
    let host = address.split("://").nth(1).unwrap_or(address);
    let host = host.split(['/', ':']).next().unwrap_or_default();
    let marks = [(".eks.amazonaws.com", "eks"), (".azmk8s.io", "aks"), (".gke.goog", "gke")];
    marks.iter().find(|(mark, _)| host.ends_with(mark)).map(|(_, provider)| *provider)
}

/// By what a tool calls its product, or the kind of control plane it made.
pub fn by_product(product: &str) -> Option<&'static str> {
    let product = product.to_ascii_lowercase();
    let marks = [
        ("awsmanaged", "eks"),
        ("azuremanaged", "aks"),
        ("azureasomanaged", "aks"),
        ("gcpmanaged", "gke"),
        ("eks", "eks"),
        ("aks", "aks"),
        ("gke", "gke"),
        ("k3s", "rancher"),
        ("rke2", "rancher"),
        ("rke", "rancher"),
    ];
    marks.iter().find(|(mark, _)| product.starts_with(mark)).map(|(_, provider)| *provider)
}
