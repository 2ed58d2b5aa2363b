#!/usr/bin/env bash
# The review page in a browser: `tests/pages/run.sh [ORDINANCE]`, with the binary to ask for a page.
#
# Pictures are left in tests/pages/pictures; those in docs/pictures are compared, or written anew with ORDINANCE_BLESS=1.
# $CHROMIUM names another browser than Debian's.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.."

pages=$(mktemp -d)
trap 'rm -rf "$pages"' EXIT
ORDINANCE_PAGES=$pages cargo test --locked --quiet --lib -- report::page::tests::a_thousand_clusters

# And one of the program itself: a small repository, of which one line is changed.
ordinance=${1:-}
if [[ -z $ordinance ]]; then
    cargo build --locked --quiet
    ordinance=${CARGO_TARGET_DIR:-target}/debug/ordinance
fi
ordinance=$(realpath "$ordinance")
repository=$pages/repository
"$ordinance" init "$repository" >/dev/null
"$ordinance" render --repository "$repository" --now 2026-11-22 >/dev/null
export GIT_CONFIG_GLOBAL=/dev/null
git() { command git -C "$repository" -c user.name=test -c user.email=test@example.com "$@"; }
git init --quiet
git add --all
git commit --quiet --message "The policy as it is"
sed -i 's/action: deny}/action: warn}/' "$repository/intents/no-root.yaml"
sed -i 's/resources: \[cpu, memory\]/resources: [cpu, memory, ephemeral-storage]/' "$repository/intents/resource-limits.yaml"
"$ordinance" diff --repository "$repository" --now 2026-11-22 --format html >"$pages/real.html"

# The worked example with the change that docs/review.md makes in it.
repository=$pages/example
mkdir "$repository"
cp -r intents clusters rendered ordinance.yaml "$repository"
git init --quiet
git add --all
git commit --quiet --message "The policy as it is"
(cd "$repository" && bash -euo pipefail <(sed -n '/^```sh$/,/^```$/{/^```/!p}' "$OLDPWD/docs/review.md"))
"$ordinance" diff --repository "$repository" --now 2026-11-22 --format html >"$pages/example.html"

node "$here/test.mjs" "${CHROMIUM:-$(command -v chromium)}" "$pages" "$here/pictures" "$ordinance" docs/pictures
