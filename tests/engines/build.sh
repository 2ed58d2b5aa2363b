#!/usr/bin/env bash
# Builds the real engines that judge what Ordinance renders, and lays out the
# CRDs they install.
#
#   build.sh OUTDIR [NAME...]
#
# Every folder beside this file that has a go.mod pins one tool: what a `tool`
# directive names or, where the folder has a main.go, the program written there
# around the module that its go.mod marks as `// judge`. A folder with files
# go-VERSION.mod is one such program for several versions of its judge, each a
# tool FOLDER-VERSION. The go.sum beside each pins every byte of others that goes
# into it. Afterwards there is
#
#   OUTDIR/NAME                        the tool, e.g. OUTDIR/gator-3.17
#   OUTDIR/crds/ENGINE-MINOR/*.yaml    the CRDs of that engine (see crds.tsv)
#   OUTDIR/kubernetes-validate/        a Python with Kubernetes' own schemas
#
# What was built once is kept in OUTDIR/store under the hash of go.mod, go.sum
# and the folder's own sources, so that a second run costs nothing and a changed
# pin is never served an old binary. With NAMEs only those tools are built; `crds` and
# `kubernetes-validate` are names too, of what is fetched and not built. One
# line per tool tells its version and where it came from.
#
# Needs: go (the version named in the go.mod files or newer), the Go module
# proxy for what is not in the module cache yet, sha256sum. The tools are built
# one after the other; from nothing, two cores take about half an hour.
set -euo pipefail
shopt -s nullglob
export LC_ALL=C CGO_ENABLED=0 GOFLAGS=-buildvcs=false GOWORK=off

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# Quickest first, so that whatever waits for the outcome can begin early.
all=(kustomize crds kubernetes-validate pod-security-1.37 admission-1.37 admission-1.30 gator-3.23 kyverno-1.19 gator-3.17 kyverno-1.12)
# The minors between the oldest and the newest differ from these two in details.
[[ -z ${CI_FULL:-} ]] || all+=(admission-1.31 admission-1.32 admission-1.33 admission-1.34 admission-1.35 admission-1.36)

fail() {
    printf 'build.sh: %s\n' "$*" >&2
    exit 1
}

# What to build and the module version it stands for, from a folder and the
# go.mod in it: the judge of a program written here, else the tool named there.
tool_package() {
    if [[ -f $1/main.go ]]; then echo .; else (cd "$1" && go list -e -f '{{.ImportPath}}' tool | head -n 1); fi
}
tool_module() {
    if [[ -f $1/main.go ]]; then
        sed -n 's|^[[:space:]]*\(.*\) // judge$|\1|p' "$1/$2"
    else
        (cd "$1" && go list -f '{{with .Module}}{{.Path}} {{.Version}}{{end}}' "$3")
    fi
}

build_tool() {
    local name=$1 dir=$here/$1 mod=go.mod sources key package module binary began log
    if [[ ! -d $dir ]]; then
        dir=$here/${name%-*}
        mod=go-${name##*-}.mod
    fi
    [[ -f $dir/$mod && -f $dir/${mod%.mod}.sum ]] || fail "there is no tool '$name': $dir has no $mod and ${mod%.mod}.sum"
    sources=("$dir"/*.go)
    key=$(cat "$dir/$mod" "$dir/${mod%.mod}.sum" "${sources[@]}" | sha256sum | cut -c1-16)
    binary=store/$name-$key
    package=$(tool_package "$dir") || fail "go could not read the tool directive of $dir/$mod"
    module=$(tool_module "$dir" "$mod" "$package") || fail "go could not resolve $package from $dir/$mod"
    if [[ -x $out/$binary ]]; then
        ln -sfn "$binary" "$out/$name"
        printf '%-18s %s (kept)\n' "$name" "$module"
        return
    fi
    began=$SECONDS
    log=$out/store/$name-$key.log
    if ! (cd "$dir" && go build -mod=readonly -modfile="$mod" -trimpath -ldflags '-s -w' -o "$out/$binary.$$.part" "$package") >"$log" 2>&1; then
        tail -n 40 "$log" >&2
        fail "$name ($module) did not build; the whole log is $log. Nothing was put in place of an older $out/$name."
    fi
    mv "$out/$binary.$$.part" "$out/$binary"
    rm -f "$log"
    ln -sfn "$binary" "$out/$name"
    printf '%-18s %s (built in %d s)\n' "$name" "$module" $((SECONDS - began))
}

[[ $# -ge 1 ]] || fail 'usage: build.sh OUTDIR [NAME...]'
command -v go >/dev/null || fail 'go is not on the PATH; it is needed to build the engines.'
mkdir -p "$1/store"
out=$(cd "$1" && pwd)
shift
[[ $# -ge 1 ]] || set -- "${all[@]}"
for name in "$@"; do
    case $name in
    crds) "$here/crds.sh" "$out/crds" ;;
    kubernetes-validate) "$here/kubernetes-validate.sh" "$out" ;;
    *) build_tool "$name" ;;
    esac
done
