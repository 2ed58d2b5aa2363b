#!/bin/sh
# Kapitan's share of the bench: 100 targets × 60 files of the size of our rules.
#
#   kapitan.sh prepare FOLDER    install Kapitan from PyPI into FOLDER and write an inventory there
#   kapitan.sh compile FOLDER    compile all targets into a fresh folder
#   kapitan.sh describe FOLDER   say in a few words what was compiled
#
# Each file is a Jinja template of the text of a rule that this repository has rendered, with the
# name, the action and the target's environment filled in from the inventory.
set -eu

VERSION=0.36.3
TARGETS=100
RULES=60

folder=$2
home=$(cd "$(dirname "$0")/.." && pwd)

prepare() {
    python3 -m venv "$folder/venv"
    "$folder/venv/bin/pip" install --quiet --disable-pip-version-check "kapitan==$VERSION"
    mkdir -p "$folder/templates/policies" "$folder/inventory/classes" "$folder/inventory/targets"
    rule=0
    while [ "$rule" -lt "$RULES" ]; do
        for file in "$home"/rendered/prod-us-1/policies/[a-jl-z]*.yaml; do
            [ "$rule" -lt "$RULES" ] || break
            name="rule-$rule"
            {
                echo "# Rule {{ inventory.parameters.rules['$name'].name }}, for {{ inventory.parameters.environment }}."
                echo "# Its action is {{ inventory.parameters.rules['$name'].action }}."
                echo '{% raw %}'
                cat "$file"
                echo '{% endraw %}'
            } >"$folder/templates/policies/$name.yaml"
            rule=$((rule + 1))
        done
    done
    {
        echo 'parameters:'
        echo '  rules:'
        rule=0
        while [ "$rule" -lt "$RULES" ]; do
            echo "    rule-$rule: {name: rule-$rule, action: deny}"
            rule=$((rule + 1))
        done
        echo '  kapitan:'
        echo '    compile:'
        echo '      - {output_path: policies, input_type: jinja2, input_paths: [templates/policies]}'
    } >"$folder/inventory/classes/policies.yml"
    target=0
    while [ "$target" -lt "$TARGETS" ]; do
        {
            echo 'classes: [policies]'
            echo 'parameters:'
            echo "  environment: $([ $((target % 3)) -eq 0 ] && echo production || echo staging)"
            echo '  kapitan: {vars: {target: cluster-'"$target"'}}'
        } >"$folder/inventory/targets/cluster-$target.yml"
        target=$((target + 1))
    done
}

compile() {
    rm -rf "$folder/compiled"
    cd "$folder"
    venv/bin/kapitan compile --output-path "$folder" --parallelism 2 >kapitan.log 2>&1 || {
        cat kapitan.log
        exit 1
    }
}

describe() {
    files=$(find "$folder/compiled" -type f | wc -l)
    bytes=$(find "$folder/compiled" -type f -exec cat {} + | wc -c)
    echo "Kapitan $VERSION: compile $TARGETS targets × $RULES files ($((files)) files with $((bytes / 1000000)) MB)"
}

"$1"
