// Prints the specification's conformance tests, one JSON value a line.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { tests } = require("@bufbuild/cel-spec/testdata/conformance.js");

function* all(suite, path) {
  for (const one of suite.tests ?? []) {
    yield { path, type: one.type, error: one.error, ...one.original };
  }
  for (const inner of suite.suites ?? []) {
    yield* all(inner, [...path, inner.name]);
  }
}

// Readers of JSON may round numbers in ways of their own.
const exact = (key, value) => (key === "doubleValue" ? String(value) : value);
const lines = [...all(tests, [])].map((one) => JSON.stringify(one, exact));
process.stdout.write(`${lines.join("\n")}\n`);
