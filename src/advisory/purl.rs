//! What a record is about: images, container runtimes, kubelets, or nothing that is said here.

/// What an entry of a record names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// A repository in full, and a digest where the package is one.
    Image {
        repository: String,
        digest: Option<String>,
        version: Option<String>,
    },
    Runtime(&'static str),
    Kubelet,
    /// All of it, of which nothing but the kubelet can be judged.
    Kubernetes,
}

/// By a package's URL; `Err` says why it is no image that can be named.
pub fn of_purl(written: &str) -> Result<Option<Named>, String> {
    let Some(rest) = written.strip_prefix("pkg:") else {
        return Err("it is no package URL".to_owned());
    };
    let rest = rest.split('#').next().unwrap_or_default();
    let (path, qualifiers) = rest.split_once('?').unwrap_or((rest, ""));
    let (path, version) = match path.rsplit_once('@') {
        Some((path, version)) => (path, Some(decoded(version))),
        None => (path, None),
    };
    let (kind, name) = path.trim_start_matches('/').split_once('/').unwrap_or((path, ""));
    let name = decoded(name);
    let registry = qualifiers.split('&').find_map(|one| one.strip_prefix("repository_url="));
    let registry = registry.map(|one| {
        let one = decoded(one);
        let one = one.strip_prefix("https://").or(one.strip_prefix("http://")).unwrap_or(&one);
        one.trim_end_matches('/').to_lowercase()
    });
    let repository = match (kind.to_ascii_lowercase().as_str(), registry) {
        // Its `repository_url` is that of the artifact itself.
        ("oci", Some(whole)) => whole,
        ("oci", None) => {
            return Err("it names no registry: an OCI package needs `repository_url`".to_owned());
        }
        ("docker", Some(registry)) => format!("{registry}/{}", name.to_lowercase()),
        ("docker", None) => name.to_lowercase(),
        _ => return Ok(of_name(&name)),
    };
    if !is_repository(&repository) {
        return Err(format!("`{repository}` is no repository"));
    }
    let (digest, version) = match version {
        Some(digest) if is_digest(&digest) => (Some(digest), None),
        version => (None, version),
    };
    Ok(Some(Named::Image { repository, digest, version }))
}

/// By the name of a module or product.
pub fn of_name(name: &str) -> Option<Named> {
    let name = name.trim().to_ascii_lowercase();
    let name = name.trim_start_matches("https://").trim_end_matches(".git").trim_end_matches('/');
    // Major versions of a Go module are part of its path.
    let name = match name.rsplit_once('/') {
        Some((module, end)) if is_major(end) => module,
        _ => name,
    };
    // Wherever a project is kept, it is called by who keeps it and its own name.
    let name = match name.split_once('/') {
        Some((host, path)) if host.contains('.') && path.contains('/') => path,
        _ => name,
    };
    match name {
        "containerd" | "containerd/containerd" => Some(Named::Runtime("containerd")),
        "cri-o" | "cri-o/cri-o" | "kubernetes-sigs/cri-o" => Some(Named::Runtime("cri-o")),
        "runc" | "opencontainers/runc" => Some(Named::Runtime("runc")),
        "kubelet" | "k8s.io/kubelet" => Some(Named::Kubelet),
        "k8s.io/kubernetes" | "kubernetes/kubernetes" => Some(Named::Kubernetes),
        _ => None,
    }
}

fn is_major(end: &str) -> bool {
    end.strip_prefix('v').is_some_and(|number| {
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

fn is_digest(written: &str) -> bool {
    written.split_once(':').is_some_and(|(how, hex)| {
        let lower = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
        how.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
            && !how.is_empty()
            && (32..=128).contains(&hex.len())
            && hex.chars().all(lower)
    })
}

/// What the documents' schema takes for one.
fn is_repository(written: &str) -> bool {
    let pattern = regex::Regex::new(crate::document::REPOSITORY);
    written.len() <= 255 && pattern.is_ok_and(|pattern| pattern.is_match(written))
}

/// `%2F` and the like; what is no such thing stays.
fn decoded(written: &str) -> String {
    let mut bytes = vec![];
    let mut rest = written.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = (*first == b'%').then(|| after.get(..2)).flatten();
        let byte = hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        match byte {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
