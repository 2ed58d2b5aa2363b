#!/usr/bin/env bash
# Lays out the CRDs that crds.tsv lists: OUTDIR/FOLDER/NAME.yaml.
#
#   crds.sh OUTDIR
#
# They are taken from the engines' own module archives, which are too large and
# too foreign to be committed. A checksum that differs from the one in crds.tsv
# stops the run. build.sh calls this for the name `crds`.
set -euo pipefail
export LC_ALL=C GOWORK=off

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
fail() {
    printf 'crds.sh: %s\n' "$*" >&2
    exit 1
}
field() { sed -n "s/^[[:space:]]*\"$1\": \"\(.*\)\",*$/\1/p" <<<"$2"; }

[[ $# -eq 1 ]] || fail 'usage: crds.sh OUTDIR'
mkdir -p "$1"
out=$(cd "$1" && pwd)
# Away from the modules beside this file: none of them has a say in what is fetched.
cd "$out"

count=0
while IFS=$'\t' read -r folder module version sum file; do
    [[ -z $folder || $folder == \#* ]] && continue
    target=$out/$folder/$(basename "$file")
    count=$((count + 1))
    # The stamp names the archive a file came from; a new pin replaces it.
    if [[ -f $target && -f $target.from && $(<"$target.from") == "$module@$version $sum" ]]; then
        continue
    fi
    answer=$(go mod download -json "$module@$version") ||
        fail "the module $module@$version could not be fetched; go said: $(field Error "$answer"). $folder is left as it was."
    got=$(field Sum "$answer")
    [[ $got == "$sum" ]] || fail "$module@$version has the checksum $got, but crds.tsv pins $sum. $folder is left as it was."
    dir=$(field Dir "$answer")
    [[ -f $dir/$file ]] || fail "$module@$version has no file $file. $folder is left as it was."
    mkdir -p "$out/$folder"
    install -m 644 "$dir/$file" "$target"
    printf '%s %s' "$module@$version" "$sum" >"$target.from"
done <"$here/crds.tsv"
printf '%-18s %d files in %s\n' crds "$count" "$out"
