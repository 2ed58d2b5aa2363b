//! Pods made up for the purpose: a good one, and what is done to it.
//!
//! A pod that the strictest level admits is changed in a few places, so that what is denied is
//! mostly denied for one reason. Shrinking takes changes away, and each towards its field being
//! absent.

use proptest::prelude::*;
use serde_json::{Value, json};

/// One change: which field, of which container if it is one of a container, and what it becomes.
#[derive(Clone, Debug)]
pub struct Change {
    field: prop::sample::Index,
    value: prop::sample::Index,
    /// The pod's own where there is one, or one of three containers.
    whose: usize,
}

/// A pod and the kind of object it comes in.
#[derive(Clone, Debug)]
pub struct Made {
    pub changes: Vec<Change>,
    pub kind: usize,
}

pub fn made() -> impl Strategy<Value = Made> {
    let change = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..4_usize)
        .prop_map(|(field, value, whose)| Change { field, value, whose });
    let few = prop_oneof![
        6 => prop::collection::vec(change.clone(), 1..=1),
        3 => prop::collection::vec(change.clone(), 2..=2),
        1 => prop::collection::vec(change, 3..=8),
    ];
    (few, 0..KINDS.len()).prop_map(|(changes, kind)| Made { changes, kind })
}

/// Kinds that hold a pod, with the path to it.
const KINDS: [(&str, &str, &str); 9] = [
    ("v1", "Pod", ""),
    ("apps/v1", "Deployment", "/spec/template"),
    ("apps/v1", "StatefulSet", "/spec/template"),
    ("apps/v1", "DaemonSet", "/spec/template"),
    ("apps/v1", "ReplicaSet", "/spec/template"),
    ("batch/v1", "Job", "/spec/template"),
    ("batch/v1", "CronJob", "/spec/jobTemplate/spec/template"),
    ("v1", "PodTemplate", "/template"),
    ("v1", "ReplicationController", "/spec/template"),
];

impl Made {
    /// The pod itself.
    pub fn pod(&self) -> Value {
        let mut pod = good();
        let fields = fields();
        for change in &self.changes {
            let (scope, path, values) = change.field.get(&fields);
            let value = change.value.get(values).clone();
            let paths: &[&str] = match scope {
                Scope::Pod => &[""],
                Scope::Container => &CONTAINERS[1..],
                Scope::Both => &CONTAINERS,
            };
            set(&mut pod, &format!("{}{path}", paths[change.whose % paths.len()]), value);
        }
        pod
    }

    /// The object it comes in.
    pub fn object(&self) -> Value {
        let (api, kind, path) = KINDS[self.kind];
        let mut object = json!({"metadata": {"name": "made", "namespace": "shop"}});
        let pod = self.pod();
        if path.is_empty() {
            object["spec"] = pod["spec"].clone();
            object["metadata"]["annotations"] = pod["metadata"]["annotations"].clone();
        } else {
            set(&mut object, path, Some(pod));
        }
        object["apiVersion"] = api.into();
        object["kind"] = kind.into();
        object
    }
}

/// Where settings are: the pod's, and those of a container of each kind.
const CONTAINERS: [&str; 4] =
    ["/spec", "/spec/containers/0", "/spec/initContainers/0", "/spec/ephemeralContainers/0"];

#[derive(Clone, Copy)]
enum Scope {
    Pod,
    Container,
    Both,
}

fn container(name: &str) -> Value {
    json!({
        "name": name,
        "image": "registry.example.com/shop/web:1.4.2",
        "securityContext": {
            "allowPrivilegeEscalation": false,
            "capabilities": {"drop": ["ALL"]},
            "runAsNonRoot": true,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    })
}

/// What the strictest level admits in every version.
fn good() -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "made", "namespace": "shop", "annotations": {"example.com/a": "b"}},
        "spec": {
            "containers": [container("app")],
            "initContainers": [container("init")],
            "ephemeralContainers": [container("debug")],
            "securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}},
        },
    })
}

/// Sets what a path leads to, making maps on the way; `None` takes it away.
fn set(object: &mut Value, path: &str, value: Option<Value>) {
    let (parent, field) = path.rsplit_once('/').expect("a path begins with a slash");
    let mut at = object;
    for step in parent.split('/').skip(1) {
        let next = match (at, step.parse::<usize>()) {
            (Value::Array(items), Ok(index)) => items.get_mut(index),
            (_, Ok(_)) => None,
            (other, Err(_)) => {
                if !other.is_object() {
                    *other = json!({});
                }
                other.as_object_mut().map(|map| map.entry(step).or_insert(Value::Null))
            }
        };
        // A list that an earlier change took away stays away.
        let Some(next) = next else { return };
        at = next;
    }
    if at.is_array() {
        return;
    }
    if !at.is_object() {
        *at = json!({});
    }
    let map = at.as_object_mut().expect("just made");
    match value {
        Some(value) => map.insert(field.to_owned(), value),
        None => map.remove(field),
    };
}

type Field = (Scope, &'static str, Vec<Option<Value>>);

/// Every field that some check reads, with what it may be: absent, null, empty, good, bad, odd.
fn fields() -> Vec<Field> {
    let list = |values: Value| -> Vec<Option<Value>> {
        let values = values.as_array().cloned().unwrap_or_default();
        [None, Some(Value::Null)].into_iter().chain(values.into_iter().map(Some)).collect()
    };
    let flag = json!([false, true, true]);
    let profile = json!([
        {}, {"type": null}, {"type": ""}, {"type": "RuntimeDefault"}, {"type": "Unconfined"},
        {"type": "Localhost", "localhostProfile": "a"}, {"type": "Unconfined"}, {"type": "runtime/default"},
    ]);
    let handler = json!([
        {}, {"httpGet": null}, {"httpGet": {}}, {"httpGet": {"host": ""}}, {"httpGet": {"host": null}},
        {"httpGet": {"host": "10.0.0.1", "port": 80}}, {"tcpSocket": {"host": "127.0.0.1", "port": 80}},
        {"tcpSocket": {"host": "a", "port": "http"}}, {"tcpSocket": {"port": 80}}, {"exec": {"command": ["a"]}},
    ]);
    let each = |prefix: &str| -> Value {
        let values = [
            json!(null),
            json!(""),
            json!("runtime/default"),
            json!("docker/default"),
            json!("localhost/"),
            json!("localhost/a"),
            json!("unconfined"),
            json!("runtime/default2"),
            json!("unconfined"),
            json!("bogus"),
        ];
        values.into_iter().map(|value| json!({prefix: value})).collect()
    };
    let annotations = |prefix: &str, names: &[&str]| {
        let keys = names.iter().map(|name| format!("{prefix}{name}"));
        let all = keys.flat_map(|key| each(&key).as_array().cloned().unwrap_or_default());
        list(Value::Array(all.collect()))
    };
    let sysctl = |name: &str| json!([{"name": name, "value": "1"}]);
    let sysctls: Vec<Value> = [
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.tcp_syncookies",
        "net.ipv4.ping_group_range",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
        "net.ipv4.tcp_rmem",
        "net.ipv4.tcp_wmem",
        "net.ipv4.tcp_slow_start_after_idle",
        "net.ipv4.tcp_notsent_lowat",
        "kernel.msgmax",
        "net.core.somaxconn",
        "net/ipv4/tcp_syncookies",
        "",
        "fs.mqueue.msg_max",
    ]
    .into_iter()
    .map(sysctl)
    .collect();
    let odd =
        json!([[], [null], [{}], [{"name": null}], [{"name": "net.ipv4.tcp_wmem"}, {"name": "a"}]]);
    let odd = odd.as_array().cloned().unwrap_or_default();
    let sysctls = Value::Array(sysctls.into_iter().chain(odd).collect());
    let kinds = [
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "image",
        "persistentVolumeClaim",
        "projected",
        "secret",
        "hostPath",
        "hostPath",
        "hostPath",
        "hostPath",
        "hostPath",
        "hostPath",
        "hostPath",
        "hostPath",
        "hostPath",
        "hostPath",
        "gcePersistentDisk",
        "awsElasticBlockStore",
        "gitRepo",
        "nfs",
        "iscsi",
        "glusterfs",
        "rbd",
        "flexVolume",
        "cinder",
        "cephfs",
        "flocker",
        "fc",
        "azureFile",
        "vsphereVolume",
        "quobyte",
        "azureDisk",
        "portworxVolume",
        "photonPersistentDisk",
        "scaleIO",
        "storageos",
    ];
    let mut volumes: Vec<Value> =
        kinds.into_iter().map(|kind| json!([{"name": "a", kind: {}}])).collect();
    volumes.extend([
        json!([]),
        json!([null]),
        json!([{"name": "a"}]),
        json!([{"hostPath": null, "emptyDir": {}}]),
        json!([{"name": "a", "emptyDir": {}, "hostPath": {"path": "/"}}]),
        json!([{"name": "a", "secret": {}}, {"name": "b", "hostPath": {"path": "/"}}]),
    ]);
    let context = "/securityContext";
    let of = |scope, path, values: Value| (scope, path, list(values));
    let mut all: Vec<Field> = vec![
        of(Scope::Container, "/securityContext/privileged", flag.clone()),
        of(Scope::Container, "/securityContext/allowPrivilegeEscalation", flag.clone()),
        of(
            Scope::Container,
            "/securityContext/capabilities",
            json!([
                {}, {"drop": []}, {"drop": ["ALL"]}, {"drop": ["all"]}, {"drop": ["NET_RAW"]}, {"drop": [null]},
                {"drop": ["A", "ALL"], "add": ["NET_BIND_SERVICE"]}, {"drop": ["ALL"], "add": ["CHOWN"]},
                {"drop": ["ALL"], "add": ["SYS_ADMIN"]}, {"drop": ["ALL"], "add": [null]}, {"add": [""], "drop": null},
                {"drop": ["ALL"], "add": ["CAP_KILL"]}, {"drop": ["ALL"], "add": null}, {"add": ["SETUID", "SYS_CHROOT"]},
                {"drop": ["ALL"], "add": ["NET_RAW", "ALL"]},
            ]),
        ),
        of(
            Scope::Container,
            "/ports",
            json!([
                [], [null], [{}], [{"hostPort": 0}], [{"hostPort": null}], [{"containerPort": 80, "hostPort": 80}],
                [{"containerPort": 80}, {"hostPort": 1}], [{"hostPort": -1}],
            ]),
        ),
        of(Scope::Container, "/livenessProbe", handler.clone()),
        of(Scope::Container, "/readinessProbe", handler.clone()),
        of(Scope::Container, "/startupProbe", handler.clone()),
        of(Scope::Container, "/lifecycle/postStart", handler.clone()),
        of(Scope::Container, "/lifecycle/preStop", handler),
        of(Scope::Container, "/lifecycle", json!([{}, {"postStart": null, "preStop": null}])),
        of(
            Scope::Container,
            "/securityContext/procMount",
            json!(["Default", "Unmasked", "Unmasked", "", "default"]),
        ),
        of(Scope::Both, context, json!([{}])),
        of(
            Scope::Both,
            "/securityContext/seLinuxOptions",
            json!([
                {}, {"type": null, "user": null, "role": null}, {"type": "", "user": "", "role": ""}, {"level": "s0"},
                {"type": "container_t"}, {"type": "container_init_t"}, {"type": "container_kvm_t"},
                {"type": "container_engine_t"}, {"type": "spc_t"},
                {"user": "system_u", "level": "s0"}, {"user": "root"}, {"role": "r", "type": "container_t"},
            ]),
        ),
        of(Scope::Both, "/securityContext/seccompProfile", profile.clone()),
        of(Scope::Both, "/securityContext/appArmorProfile", profile),
        of(Scope::Both, "/securityContext/runAsNonRoot", json!([true, false, false])),
        of(Scope::Both, "/securityContext/runAsUser", json!([0, 0, 1, 10001, -1])),
        of(
            Scope::Both,
            "/securityContext/windowsOptions",
            json!([
                {}, {"hostProcess": null}, {"hostProcess": false}, {"hostProcess": true}, {"runAsUserName": "a"},
                {"hostProcess": true},
            ]),
        ),
        of(Scope::Pod, "/spec/hostNetwork", flag.clone()),
        of(Scope::Pod, "/spec/hostPID", flag.clone()),
        of(Scope::Pod, "/spec/hostIPC", flag),
        of(Scope::Pod, "/spec/hostUsers", json!([false, false, true])),
        of(
            Scope::Pod,
            "/spec/os",
            json!([{}, {"name": null}, {"name": ""}, {"name": "linux"}, {"name": "windows"}, {"name": "Windows"}]),
        ),
        of(Scope::Pod, "/spec/securityContext/sysctls", sysctls),
        of(Scope::Pod, "/spec/volumes", Value::Array(volumes)),
        of(
            Scope::Pod,
            "/spec/containers",
            json!([[], [null], [{"name": "app"}], [container("app"), null]]),
        ),
        of(Scope::Pod, "/spec/initContainers", json!([[], [null], [{"name": "init"}]])),
        of(Scope::Pod, "/spec/ephemeralContainers", json!([[], [null], [{"name": "debug"}]])),
        of(Scope::Pod, "/spec", json!([{}])),
        of(Scope::Pod, "/metadata", json!([{}, {"name": "a"}])),
    ];
    let names = ["app", "init", "debug", "gone", ""];
    for (prefix, names) in [
        ("container.apparmor.security.beta.kubernetes.io/", &names[..]),
        ("container.seccomp.security.alpha.kubernetes.io/", &names[..]),
        ("seccomp.security.alpha.kubernetes.io/", &["pod"][..]),
    ] {
        all.push((Scope::Pod, "/metadata/annotations", annotations(prefix, names)));
    }
    // What has but one field is changed as often as what has several.
    let rare = [
        "capabilities",
        "runAsNonRoot",
        "seccompProfile",
        "ports",
        "privileged",
        "procMount",
        "seLinuxOptions",
        "runAsUser",
        "windowsOptions",
        "sysctls",
    ];
    let rare = |path: &str| rare.iter().any(|end| path.ends_with(end)) || path == "/spec/volumes";
    let again: Vec<Field> = all.iter().filter(|(_, path, _)| rare(path)).cloned().collect();
    all.extend(again.iter().cloned().chain(again.iter().cloned()));
    all
}
