//! `ordinance controls new ID`: a folder for a control of one's own, with what is left to do in it.

use crate::catalogue;
use crate::cli::options::{NewControl, SubjectOf};
use crate::cli::{Exit, begin};
use crate::failure::Failure;
use crate::name::label::NAMESPACE;
use crate::pipeline::Loaded;

/// What is written where the scaffold leaves a gap.
struct Example {
    subject: &'static str,
    expression: &'static str,
    object: &'static str,
}

const POD: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  containers:
    - {name: web, image: registry.example.com/shop/web:1.4.2}";

const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - {name: web, image: registry.example.com/shop/web:1.4.2}";

const SERVICE: &str = "\
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  selector: {app: web}
  ports: [{port: 80}]";

fn example(subject: SubjectOf) -> Example {
    match subject {
        SubjectOf::Pod => Example {
            subject: "pod                          # pods, and whatever has a pod template",
            expression: "variables.containers.filter(c, c.?stdin.orValue(false) == true)\
                         .map(c, c.?name.orValue(''))",
            object: POD,
        },
        SubjectOf::Workload => Example {
            subject: "workload                     # what people write, not what controllers make \
                      of it",
            expression: "dyn(object).?metadata.?labels.?team.hasValue() ? [] : ['team']",
            object: DEPLOYMENT,
        },
        SubjectOf::Resources => Example {
            subject: "\n    resources:\n      - {group: \"\", versions: [v1], resource: services, \
                      kind: Service, scope: Namespaced}",
            expression: "dyn(object).?spec.?type.orValue('') == 'NodePort' ? ['type'] : []",
            object: SERVICE,
        },
    }
}

pub fn run(options: &NewControl, loaded: &Loaded) -> Result<Exit, Failure> {
    let id = &options.id;
    if let Some((why, _)) = crate::name::label::problem(NAMESPACE, id) {
        tell!("error: a control cannot be named `{id}`: it {why}");
        tell!("hint: use lower-case letters, digits and `-`, such as `disallow-host-aliases`");
        return Ok(Exit::Input);
    }
    if loaded.catalogue.controls.contains_key(id) {
        tell!("error: there is a control `{id}` already");
        tell!("hint: `ordinance controls {id}` describes it; choose another name for a new one");
        return Ok(Exit::Input);
    }
    let folder = options.place.repository.join("templates/controls").join(id);
    if begin::is_taken(&folder) {
        tell!("error: {} is there already", folder.display());
        tell!("hint: remove it, or choose another name; nothing was written");
        return Ok(Exit::Input);
    }
    let example = example(options.subject);
    let indented = example.object.replace('\n', "\n        ");
    let files = catalogue::embedded_below("scaffold/control").map(|(path, text)| {
        let text = text
            .replace("CONTROL-ID", id)
            .replace("SUBJECT", example.subject)
            .replace("EXPRESSION", example.expression)
            .replace("OBJECT", &indented);
        (path, text)
    });
    let files: Vec<(&str, String)> = files.collect();
    begin::write(&folder, &files)?;
    say!("Wrote {}:", folder.display());
    for (path, _) in &files {
        say!("  {path}");
    }
    say!("Next: fill in what says TODO, then ordinance test {id}");
    Ok(Exit::Fine)
}
