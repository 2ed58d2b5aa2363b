//! What an advisory says of images, and where one stands by the reference that is written.
//!
//! What is rendered judges in CEL; this says the same of what runs already, for lists of workloads.

use crate::version::{Affected, Standing};

/// What is affected of one repository.
#[derive(Debug)]
pub struct Image {
    pub repository: String,
    pub versions: Vec<Affected>,
    pub digests: Vec<String>,
}

/// Where an image stands, by its reference as it is written.
pub fn standing(images: &[Image], reference: &str) -> Standing {
    let (repository, tag, digest) = parts(reference);
    let of = images.iter().filter(|image| image.repository == repository);
    let standing = |image: &Image| {
        if image.digests.contains(&digest) {
            return Standing::Inside;
        }
        let each = image.versions.iter().map(|range| range.standing(tag_version(&tag)));
        each.max().unwrap_or(Standing::Outside)
    };
    of.map(standing).max().unwrap_or(Standing::Outside)
}

/// Digits alone that are too many for a version, and are no day, are what a commit is called.
fn tag_version(tag: &str) -> &str {
    let core = tag.strip_prefix('v').unwrap_or(tag).split(['-', '_', '+']).next();
    let core = core.unwrap_or_default();
    let digits = core.len() >= 7 && core.bytes().all(|byte| byte.is_ascii_digit());
    let day = core.starts_with("20") && [8, 10, 12, 14].contains(&core.len());
    if digits && !day { "" } else { tag }
}

/// Repository in full, tag and digest, the way the control reads a reference.
fn parts(reference: &str) -> (String, String, String) {
    let full = in_full(reference);
    let (named, digest) = full.split_once('@').unwrap_or((&full, ""));
    match named.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => {
            (repository.to_owned(), tag.to_owned(), digest.to_owned())
        }
        _ => (named.to_owned(), String::new(), digest.to_owned()),
    }
}

/// A repository or a reference with its registry.
pub fn in_full(written: &str) -> String {
    let written = match written.strip_prefix("index.") {
        Some(rest) if rest.starts_with("docker.io/") => rest,
        _ => written,
    };
    let written = match written.strip_prefix("docker.io/") {
        Some(rest) if !rest.contains('/') => rest,
        _ => written,
    };
    let full = match written.split_once('/') {
        Some(("localhost", _)) => written.to_owned(),
        Some((first, _))
            if first.contains(|c: char| ".:".contains(c) || c.is_ascii_uppercase()) =>
        {
            written.to_owned()
        }
        Some(_) => format!("docker.io/{written}"),
        None => format!("docker.io/library/{written}"),
    };
    full.to_lowercase().replace(":443/", "/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    /// What the control says of an image in CEL, proved by its cases, is what is said here.
    #[test]
    fn an_image_stands_where_its_control_puts_it() {
        let mut judged = 0;
        for (file, judge) in [("create", Standing::Inside), ("unknown-version", Standing::Unknown)]
        {
            let path = format!("templates/controls/disallow-affected-images/cases/{file}.yaml");
            let mut built_in = crate::catalogue::built_in();
            let (_, text) = built_in.find(|(other, _)| *other == path).unwrap();
            let cases: Value = serde_saphyr::from_str(text).unwrap();
            let images = &cases["spec"]["parameters"]["images"];
            let images: Vec<Image> = list(images).iter().map(image).collect();
            for case in cases["spec"]["cases"].as_array().unwrap() {
                let offenders = case["offenders"].as_array().cloned().unwrap_or_default();
                for container in case["object"]["spec"]["containers"].as_array().unwrap() {
                    let image = container["image"].as_str().unwrap();
                    let found = standing(&images, image) == judge;
                    assert_eq!(found, offenders.contains(&container["name"]), "{file}: {image}");
                    judged += 1;
                }
            }
        }
        assert!(judged > 60, "{judged}");
    }

    fn list(value: &Value) -> Vec<Value> {
        value.as_array().cloned().unwrap_or_default()
    }

    fn image(written: &Value) -> Image {
        let digests = list(&written["digests"]);
        Image {
            repository: written["repository"].as_str().unwrap().to_owned(),
            versions: list(&written["versions"]).iter().map(range).collect(),
            digests: digests.iter().map(|one| one.as_str().unwrap().to_owned()).collect(),
        }
    }

    fn range(written: &Value) -> Affected {
        let signs = [("from", ">="), ("above", ">"), ("below", "<"), ("to", "<=")];
        let parts = signs
            .iter()
            .filter_map(|(name, sign)| Some(format!("{sign}{}", written.get(name)?.as_str()?)));
        let parts: Vec<String> = parts.collect();
        let text = if parts.is_empty() { "*".to_owned() } else { parts.join(", ") };
        text.parse().unwrap()
    }
}
