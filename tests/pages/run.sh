#!/usr/bin/env bash
# The review page in a browser: `tests/pages/run.sh [ORDINANCE]`, with the binary to ask for a page.
#
# Pictures are left in tests/pages/pictures. $CHROMIUM names another browser than Debian's.
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

node "$here/test.mjs" "${CHROMIUM:-$(command -v chromium)}" "$pages" "$here/pictures"
