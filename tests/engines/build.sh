#!/usr/bin/env bash
# Builds the real engines that judge what Ordinance renders, and lays out the
# CRDs they install.
#
#   build.sh OUTDIR [NAME...]
#
# Every folder beside this file that has a go.mod pins one tool by a `tool`
# directive; its go.sum pins every byte that goes into it. Afterwards there is
#
#   OUTDIR/NAME                        the tool, e.g. OUTDIR/gator-3.17
#   OUTDIR/crds/ENGINE-MINOR/*.yaml    the CRDs of that engine (see crds.tsv)
#   OUTDIR/kubernetes-validate/        a Python with Kubernetes' own schemas
#
# What was built once is kept in OUTDIR/store under the hash of go.mod and
# go.sum, so that a second run costs nothing and a changed pin is never served
# an old binary. With NAMEs only those tools are built; `crds` and
# `kubernetes-validate` are names too, of what is fetched and not built. One
# line per tool tells its version and where it came from.
#
# Needs: go (the version named in the go.mod files or newer), the Go module
# proxy for what is not in the module cache yet, sha256sum. The tools are built
# one after the other; from nothing, two cores take about half an hour.
set -euo pipefail
export LC_ALL=C CGO_ENABLED=0 GOFLAGS=-buildvcs=false GOWORK=off

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# Quickest first, so that whatever waits for the outcome can begin early.
all=(kustomize crds kubernetes-validate gator-3.23 kyverno-1.19 gator-3.17 kyverno-1.12)

fail() {
    printf 'build.sh: %s\n' "$*" >&2
    exit 1
}

# The package and module version that a folder's `tool` directive names.
tool_package() { (cd "$1" && go list -e -f '{{.ImportPath}}' tool | head -n 1); }
tool_module() { (cd "$1" && go list -f '{{with .Module}}{{.Path}} {{.Version}}{{end}}' "$2"); }

build_tool() {
    local name=$1 dir=$here/$1 key package module binary began log
    [[ -f $dir/go.mod && -f $dir/go.sum ]] || fail "there is no tool '$name': $dir has no go.mod and go.sum"
    key=$(cat "$dir/go.mod" "$dir/go.sum" | sha256sum | cut -c1-16)
    binary=store/$name-$key
    package=$(tool_package "$dir") || fail "go could not read the tool directive of $dir/go.mod"
    module=$(tool_module "$dir" "$package") || fail "go could not resolve $package from $dir/go.mod"
    if [[ -x $out/$binary ]]; then
        ln -sfn "$binary" "$out/$name"
        printf '%-14s %s (kept)\n' "$name" "$module"
        return
    fi
    began=$SECONDS
    log=$out/store/$name-$key.log
    if ! (cd "$dir" && go build -mod=readonly -trimpath -ldflags '-s -w' -o "$out/$binary.$$.part" "$package") >"$log" 2>&1; then
        tail -n 40 "$log" >&2
        fail "$name ($module) did not build; the whole log is $log. Nothing was put in place of an older $out/$name."
    fi
    mv "$out/$binary.$$.part" "$out/$binary"
    rm -f "$log"
    ln -sfn "$binary" "$out/$name"
    printf '%-14s %s (built in %d s)\n' "$name" "$module" $((SECONDS - began))
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
