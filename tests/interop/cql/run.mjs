// Definitions of a translated library for many patients, with the JavaScript engine of the standard.
//
//   node run.mjs [--time] [--leave-out] [--define NAME]... ELM.json [PATIENTS.jsonl]
//
// Reads one patient a line, an object of parameters (from the standard input, if no file is named), and writes one line for each:
// an object with the named definitions (all, if none is named), each true, false, null, or a code. What is not given is null; with
// `--leave-out` it is not handed to the engine at all.
// `--time` writes to the standard error how long the execution took, without loading and writing.

import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";

import cql from "cql-execution";

const TYPES = {
  Boolean: (value) => typeof value === "boolean",
  Integer: (value) => Number.isInteger(value),
  Decimal: (value) => typeof value === "number",
  String: (value) => typeof value === "string",
  Date: (value) => typeof value === "string" && /^\d{4}-\d{2}-\d{2}$/.test(value),
};

function stop(message) {
  console.error(message);
  process.exit(2);
}

function options(words) {
  const chosen = { time: false, leaveOut: false, defines: [], files: [] };
  for (let at = 0; at < words.length; at += 1) {
    if (words[at] === "--time") chosen.time = true;
    else if (words[at] === "--leave-out") chosen.leaveOut = true;
    else if (words[at] === "--define") chosen.defines.push(words[(at += 1)]);
    else chosen.files.push(words[at]);
  }
  if (chosen.files.length < 1 || chosen.files.length > 2) stop("usage: node run.mjs [--time] [--leave-out] [--define NAME]... ELM.json [PATIENTS.jsonl]");
  return chosen;
}

// A parameter that is left out, and has no default, is neither null nor false for the engine.
function parameters(library, given, line, leaveOut) {
  const unknown = Object.keys(given).find((name) => !(name in library.parameters));
  if (unknown !== undefined) stop(`line ${line}: the library has no parameter ${JSON.stringify(unknown)}`);
  const wanted = Object.entries(library.parameters).filter(([name]) => !leaveOut || name in given);
  return Object.fromEntries(
    wanted.map(([name, definition]) => {
      const value = given[name] ?? null;
      const type = definition.parameterTypeSpecifier.name.split("}")[1];
      if (value !== null && !TYPES[type](value)) stop(`line ${line}: ${name}: ${JSON.stringify(value)} is no ${type}`);
      return [name, type === "Date" && value !== null ? cql.Date.parse(value) : value];
    }),
  );
}

// A context of its own for each patient, in which every definition is evaluated once.
async function results(library, names, given, now) {
  const context = new cql.PatientContext(library, null, null, given, now);
  const found = {};
  for (const name of names) {
    const known = context.get(name);
    found[name] = known instanceof cql.Expression ? await known.execute(context) : known;
  }
  return found;
}

const { time, leaveOut, defines, files } = options(process.argv.slice(2));
const library = new cql.Library(JSON.parse(readFileSync(files[0], "utf8")));
const missing = defines.find((name) => !(name in library.expressions));
if (missing !== undefined) stop(`the library has no definition ${JSON.stringify(missing)}`);
const names = defines.length > 0 ? defines : Object.keys(library.expressions);
const lines = readFileSync(files[1] ?? 0, "utf8").split("\n").filter((line) => line !== "");
const patients = lines.map((line, number) => parameters(library, JSON.parse(line), number + 1, leaveOut));

const now = cql.DateTime.fromJSDate(new Date(0));
const started = performance.now();
const all = [];
for (const given of patients) all.push(await results(library, names, given, now));
const milliseconds = performance.now() - started;

process.stdout.write(all.map((found) => `${JSON.stringify(found)}\n`).join(""));
if (time) console.error(JSON.stringify({ patients: patients.length, definitions: names.length, milliseconds: Math.round(milliseconds * 1000) / 1000 }));
