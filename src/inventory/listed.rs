//! Many clusters, by the objects with which other tools list them.

use super::{Known, minor, providers};
use crate::object::{self, Object};
use serde_json::Value;
use std::collections::BTreeMap;

/// How a tool marks the Secrets by which it lists clusters.
pub type Listing = (&'static str, &'static str);

/// The clusters that these objects are about, in their order; `listings` are the marks of Secrets.
pub fn listed(values: &[Value], listings: &[Listing]) -> Vec<Known> {
    let mut objects: Vec<&Object> = vec![];
    for value in values {
        flatten(value, &mut objects);
    }
    let mut found: Vec<Known> = vec![];
    for object in &objects {
        let (group, version) = object::group_version(object);
        match (group, version, object::kind(object)) {
            ("", _, "Config") => found.extend(contexts(object)),
            ("", _, "Secret") => found.extend(secret(object, listings)),
            ("cluster.x-k8s.io", _, "Cluster") => found.push(made(object, &objects)),
            ("cluster.open-cluster-management.io", _, "ManagedCluster") => {
                found.push(managed(object));
            }
            ("management.cattle.io", _, "Cluster") => found.push(management(object)),
            ("provisioning.cattle.io", _, "Cluster") => found.push(provisioned(object)),
            _ => {}
        }
    }
    let mut all = merged(found);
    all.iter_mut().for_each(Known::keep_valid_labels);
    all
}

fn flatten<'a>(value: &'a Value, objects: &mut Vec<&'a Object>) {
    match value {
        Value::Array(items) => items.iter().for_each(|one| flatten(one, objects)),
        _ if object::is_list(object::kind(value)) => {
            object::list(value, &["items"]).iter().for_each(|one| flatten(one, objects));
        }
        _ => objects.push(value),
    }
}

/// A tool may have two objects of one cluster, of which one names the other.
fn merged(found: Vec<Known>) -> Vec<Known> {
    let mut all: Vec<Known> = vec![];
    for one in found {
        let same = all.iter_mut().find(|other| one.also.is_some() && other.also == one.also);
        match same {
            Some(other) => other.add(one),
            None => all.push(one),
        }
    }
    all
}

/// The contexts of a kubeconfig; several for one cluster are one, and no user is looked at.
fn contexts(config: &Object) -> Vec<Known> {
    let mut servers: BTreeMap<&str, &str> = BTreeMap::new();
    for one in object::list(config, &["clusters"]) {
        servers.insert(object::text(one, &["name"]), object::text(one, &["cluster", "server"]));
    }
    let mut by_cluster: Vec<(&str, Vec<&str>)> = vec![];
    for one in object::list(config, &["contexts"]) {
        let (context, cluster) =
            (object::text(one, &["name"]), object::text(one, &["context", "cluster"]));
        match by_cluster.iter_mut().find(|(known, _)| *known == cluster) {
            Some((_, contexts)) => contexts.push(context),
            None => by_cluster.push((cluster, vec![context])),
        }
    }
    let known = |(cluster, contexts): (&str, Vec<&str>)| {
        let called = if contexts.len() == 1 { contexts[0] } else { cluster };
        let mut known = Known::new(short(called));
        let provider = providers::by_address(servers.get(cluster).copied().unwrap_or_default());
        let by_name = || {
            let marks = [("arn:aws:eks:", "eks"), ("gke_", "gke")];
            marks.iter().find(|(mark, _)| cluster.starts_with(mark)).map(|(_, provider)| *provider)
        };
        known.provider = provider.or_else(by_name).map(str::to_owned);
        if contexts.len() > 1 {
            known.remarks.push(format!("contexts {}", contexts.join(", ")));
        }
        known
    };
    by_cluster.into_iter().map(known).collect()
}

/// What people mean by names that tools make: the last part of an ARN, of `gke_PROJECT_ZONE_NAME`,
/// of `USER@CLUSTER`.
fn short(called: &str) -> &str {
    if called.starts_with("arn:") {
        return called.rsplit('/').next().unwrap_or(called);
    }
    if called.starts_with("gke_") {
        return called.splitn(4, '_').nth(3).unwrap_or(called);
    }
    called.rsplit('@').next().unwrap_or(called)
}

fn secret(secret: &Object, listings: &[Listing]) -> Option<Known> {
    let mut labels = object::labels(secret);
    let (key, _) =
        listings.iter().find(|(key, value)| labels.get(*key).is_some_and(|own| own == value))?;
    labels.remove(*key);
    let field = |name: &str| {
        let plain = object::text(secret, &["stringData", name]);
        if !plain.is_empty() {
            return plain.to_owned();
        }
        decoded(object::text(secret, &["data", name])).unwrap_or_default()
    };
    let called = match field("name") {
        name if name.is_empty() => object::name(secret).to_owned(),
        name => name,
    };
    let mut known = Known::new(called);
    known.labels = labels;
    known.provider = providers::by_address(&field("server")).map(str::to_owned);
    Some(known)
}

fn made(cluster: &Object, objects: &[&Object]) -> Known {
    let mut known = Known::new(object::name(cluster));
    known.labels = object::labels(cluster);
    let plane =
        ["kind", "name"].map(|field| object::text(cluster, &["spec", "controlPlaneRef", field]));
    let mut version = object::text(cluster, &["spec", "topology", "version"]);
    let controls = |one: &&&Object| {
        !plane[1].is_empty()
            && [object::kind(one), object::name(one)] == plane
            && object::namespace(one) == object::namespace(cluster)
    };
    if let ("", Some(plane)) = (version, objects.iter().find(controls)) {
        version = object::text(plane, &["spec", "version"]);
    }
    known.kubernetes = minor(version);
    let infrastructure = object::text(cluster, &["spec", "infrastructureRef", "kind"]);
    let provider = providers::by_product(plane[0]).or_else(|| providers::by_version(version));
    known.provider = provider.or_else(|| providers::by_product(infrastructure)).map(str::to_owned);
    if known.provider.is_none() && !infrastructure.is_empty() {
        known.remarks.push(format!("made of a {infrastructure}"));
    }
    known
}

fn managed(cluster: &Object) -> Known {
    let mut known = Known::new(object::name(cluster));
    known.labels = object::labels(cluster);
    let claims = object::list(cluster, &["status", "clusterClaims"]);
    let claim = |name: &str| {
        let one = claims.iter().find(|one| object::text(one, &["name"]) == name);
        one.map(|one| object::text(one, &["value"])).unwrap_or_default()
    };
    let stated = object::text(cluster, &["status", "version", "kubernetes"]);
    let version = match stated {
        "" => claim("kubeversion.open-cluster-management.io"),
        stated => stated,
    };
    known.kubernetes = minor(version);
    let product = claim("product.open-cluster-management.io");
    let provider = providers::by_product(product).or_else(|| providers::by_version(version));
    known.provider = provider.map(str::to_owned);
    let platform = claim("platform.open-cluster-management.io");
    for (what, found) in [("product", product), ("platform", platform)] {
        if !found.is_empty() && known.provider.is_none() {
            known.remarks.push(format!("its {what} is {found}"));
        }
    }
    known
}

fn management(cluster: &Object) -> Known {
    let id = object::name(cluster);
    let called = match object::text(cluster, &["spec", "displayName"]) {
        "" => id,
        called => called,
    };
    let mut known = Known::new(called);
    known.also = Some(id.to_owned());
    known.labels = object::labels(cluster);
    let version = object::text(cluster, &["status", "version", "gitVersion"]);
    known.kubernetes = minor(version);
    let product = ["provider", "driver"].map(|field| object::text(cluster, &["status", field]));
    let provider = product.iter().find_map(|one| providers::by_product(one));
    known.provider = provider.or_else(|| providers::by_version(version)).map(str::to_owned);
    known
}

fn provisioned(cluster: &Object) -> Known {
    let mut known = Known::new(object::name(cluster));
    let id = object::text(cluster, &["status", "clusterName"]);
    known.also = (!id.is_empty()).then(|| id.to_owned());
    known.labels = object::labels(cluster);
    let version = object::text(cluster, &["spec", "kubernetesVersion"]);
    known.kubernetes = minor(version);
    let own = object::at(cluster, &["spec", "rkeConfig"]).is_some_and(Value::is_object);
    let provider = providers::by_version(version).or(own.then_some("rancher"));
    known.provider = provider.map(str::to_owned);
    known
}

/// Base64 as text; `None` where it is neither.
fn decoded(written: &str) -> Option<String> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let (mut bytes, mut kept, mut bits) = (vec![], 0_u32, 0);
    let written = written.bytes().filter(|byte| !byte.is_ascii_whitespace());
    for byte in written.take_while(|byte| *byte != b'=') {
        kept = kept << 6 | u32::from(digit(byte)?);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((kept >> bits & 0xff) as u8);
            kept &= (1 << bits) - 1;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read() {
        for (written, expected) in
            [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("cHJvZC1ldQ", "prod-eu")]
        {
            assert_eq!(decoded(written).as_deref(), Some(expected));
        }
        assert_eq!(decoded("a.b"), None);
        assert_eq!(decoded("/w=="), None);
    }

    #[test]
    fn names_that_tools_make_are_shortened() {
        assert_eq!(short("arn:aws:eks:eu-west-1:123:cluster/prod"), "prod");
        assert_eq!(short("gke_project_europe-west1_prod_eu"), "prod_eu");
        assert_eq!(short("admin@prod"), "prod");
    }
}
