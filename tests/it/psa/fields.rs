//! Every field that some check of the Pod Security Standards reads, and what it may be.

use super::generated::container;
use serde_json::{Value, json};

/// Whose field it is: the pod's, a container's, or of both.
#[derive(Clone, Copy)]
pub enum Scope {
    Pod,
    Container,
    Both,
}

pub type Field = (Scope, &'static str, Vec<Option<Value>>);

/// Every field that some check reads, with what it may be: absent, null, empty, good, bad, odd.
pub fn fields() -> Vec<Field> {
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
