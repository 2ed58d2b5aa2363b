//! From an object's kind to the resource it is served as, and whether it lies in a namespace.
//!
//! Manifests state kinds and rules state resources. Of the kinds Kubernetes itself serves this is
//! a table; of any other kind the plural is formed as `kubebuilder` does, and whether it lies in
//! a namespace is not known.

/// How a kind is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// `networkpolicies`.
    pub name: String,
    /// `None`: not a kind of Kubernetes' own, so the object has to tell.
    pub namespaced: Option<bool>,
}

/// The resource of a kind; in groups of other projects a kind is never taken for a built-in one.
pub fn resource_of(group: &str, kind: &str) -> Resource {
    let cluster = CLUSTER.iter().any(|(of, kinds)| *of == group && kinds.contains(&kind));
    let namespaced = NAMESPACED.iter().any(|(of, kinds)| *of == group && kinds.contains(&kind));
    let name = match kind {
        "Endpoints" => "endpoints".to_owned(),
        _ => plural(&kind.to_ascii_lowercase()),
    };
    Resource { name, namespaced: (cluster || namespaced).then_some(namespaced) }
}

fn plural(singular: &str) -> String {
    let before_y =
        singular.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'i', 'o', 'u']));
    if let Some(stem) = before_y {
        format!("{stem}ies")
    } else if ["s", "x", "z", "ch", "sh"].iter().any(|end| singular.ends_with(end)) {
        format!("{singular}es")
    } else {
        format!("{singular}s")
    }
}

const NAMESPACED: &[(&str, &[&str])] = &[
    (
        "",
        &[
            "Binding",
            "ConfigMap",
            "Endpoints",
            "Event",
            "LimitRange",
            "PersistentVolumeClaim",
            "Pod",
            "PodTemplate",
            "ReplicationController",
            "ResourceQuota",
            "Secret",
            "Service",
            "ServiceAccount",
        ],
    ),
    ("apps", &["ControllerRevision", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"]),
    ("authorization.k8s.io", &["LocalSubjectAccessReview"]),
    ("autoscaling", &["HorizontalPodAutoscaler", "Scale"]),
    ("batch", &["CronJob", "Job"]),
    ("coordination.k8s.io", &["Lease", "LeaseCandidate"]),
    ("discovery.k8s.io", &["EndpointSlice"]),
    ("events.k8s.io", &["Event"]),
    ("extensions", &["DaemonSet", "Deployment", "Ingress", "NetworkPolicy", "ReplicaSet"]),
    // Not in every cluster, but everywhere the same.
    (
        "gateway.networking.k8s.io",
        &[
            "GRPCRoute",
            "Gateway",
            "HTTPRoute",
            "ReferenceGrant",
            "TCPRoute",
            "TLSRoute",
            "UDPRoute",
        ],
    ),
    ("networking.k8s.io", &["Ingress", "NetworkPolicy"]),
    ("policy", &["Eviction", "PodDisruptionBudget"]),
    ("rbac.authorization.k8s.io", &["Role", "RoleBinding"]),
    ("resource.k8s.io", &["ResourceClaim", "ResourceClaimTemplate"]),
    ("storage.k8s.io", &["CSIStorageCapacity"]),
];

const CLUSTER: &[(&str, &[&str])] = &[
    ("", &["ComponentStatus", "Namespace", "Node", "PersistentVolume"]),
    (
        "admissionregistration.k8s.io",
        &[
            "MutatingAdmissionPolicy",
            "MutatingAdmissionPolicyBinding",
            "MutatingWebhookConfiguration",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
            "ValidatingWebhookConfiguration",
        ],
    ),
    ("apiextensions.k8s.io", &["CustomResourceDefinition"]),
    ("apiregistration.k8s.io", &["APIService"]),
    ("authentication.k8s.io", &["SelfSubjectReview", "TokenReview"]),
    (
        "authorization.k8s.io",
        &["SelfSubjectAccessReview", "SelfSubjectRulesReview", "SubjectAccessReview"],
    ),
    ("certificates.k8s.io", &["CertificateSigningRequest", "ClusterTrustBundle"]),
    ("flowcontrol.apiserver.k8s.io", &["FlowSchema", "PriorityLevelConfiguration"]),
    ("gateway.networking.k8s.io", &["GatewayClass"]),
    ("internal.apiserver.k8s.io", &["StorageVersion"]),
    ("networking.k8s.io", &["IPAddress", "IngressClass", "ServiceCIDR"]),
    ("node.k8s.io", &["RuntimeClass"]),
    ("policy", &["PodSecurityPolicy"]),
    ("rbac.authorization.k8s.io", &["ClusterRole", "ClusterRoleBinding"]),
    ("resource.k8s.io", &["DeviceClass", "DeviceTaintRule", "ResourceSlice"]),
    ("scheduling.k8s.io", &["PriorityClass"]),
    (
        "storage.k8s.io",
        &["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment", "VolumeAttributesClass"],
    ),
    ("storagemigration.k8s.io", &["StorageVersionMigration"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_become_resources() {
        for (group, kind, name, namespaced) in [
            ("", "Pod", "pods", Some(true)),
            ("", "Endpoints", "endpoints", Some(true)),
            ("networking.k8s.io", "NetworkPolicy", "networkpolicies", Some(true)),
            ("networking.k8s.io", "Ingress", "ingresses", Some(true)),
            ("networking.k8s.io", "IngressClass", "ingressclasses", Some(false)),
            ("discovery.k8s.io", "EndpointSlice", "endpointslices", Some(true)),
            ("rbac.authorization.k8s.io", "ClusterRole", "clusterroles", Some(false)),
            ("gateway.networking.k8s.io", "Gateway", "gateways", Some(true)),
            ("cert-manager.io", "Certificate", "certificates", None),
            ("example.com", "Pod", "pods", None),
        ] {
            let expected = Resource { name: name.to_owned(), namespaced };
            assert_eq!(resource_of(group, kind), expected, "{group}/{kind}");
        }
    }
}
