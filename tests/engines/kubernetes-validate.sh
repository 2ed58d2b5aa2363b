#!/usr/bin/env bash
# Puts a Python with kubernetes-validate, which carries Kubernetes' own schemas,
# into OUTDIR/kubernetes-validate.
#
#   kubernetes-validate.sh OUTDIR
#
# The version is pinned; a second run with the same pin costs nothing. build.sh
# calls this for the name `kubernetes-validate`. Needs python3 with venv, and
# the package index.
set -euo pipefail
export LC_ALL=C

version=1.37.0
fail() {
    printf 'kubernetes-validate.sh: %s\n' "$*" >&2
    exit 1
}

[[ $# -eq 1 ]] || fail 'usage: kubernetes-validate.sh OUTDIR'
command -v python3 >/dev/null || fail 'python3 is not on the PATH; it is needed to check native objects against Kubernetes schemas.'
mkdir -p "$1"
folder=$(cd "$1" && pwd)/kubernetes-validate
if [[ ! -f $folder/version || $(<"$folder/version") != "$version" ]]; then
    rm -rf "$folder"
    log=$(python3 -m venv "$folder" 2>&1) || fail "no virtual environment could be made in $folder: $log"
    log=$("$folder/bin/pip" install --quiet --disable-pip-version-check "kubernetes-validate==$version" 2>&1) ||
        fail "kubernetes-validate $version could not be installed; pip said: $log"
    printf '%s' "$version" >"$folder/version"
fi
printf '%-18s %s\n' kubernetes-validate "$version"
