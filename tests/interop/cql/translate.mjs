// CQL to ELM with the translator of the standard, as strict as it can be.
//
//   node translate.mjs [--bare] LIBRARY.cql [ELM.json]
//
// Writes ELM as JSON to a file, or to the standard output. `--bare` leaves out annotations, places and types, for execution alone.
// Any message of any severity ends it with status 1, and nothing is written: the translator returns definitions even where it
// reports errors.

import { readFileSync, writeFileSync } from "node:fs";

import { SystemModelInfoProvider } from "@cqframework/cql/cql";
import { CqlCompilerException, CqlCompilerOptions, CqlTranslator, LibraryManager, ModelManager } from "@cqframework/cql/cql-to-elm";

const { Options } = CqlCompilerOptions;
const STRICT = [
  Options.EnableDetailedErrors,
  Options.DisableListTraversal,
  Options.DisableListDemotion,
  Options.DisableListPromotion,
  Options.DisableMethodInvocation,
  Options.RequireFromKeyword,
];
const ANNOTATED = [Options.EnableAnnotations, Options.EnableLocators, Options.EnableResultTypes];

function translator(text, bare) {
  const options = new CqlCompilerOptions()
    .withOptions(bare ? STRICT : [...STRICT, ...ANNOTATED])
    .withErrorLevel(CqlCompilerException.ErrorSeverity.Info);
  const models = new ModelManager();
  models.modelInfoLoader.registerModelInfoProvider(new SystemModelInfoProvider());
  return CqlTranslator.fromText(text, new LibraryManager(models, options));
}

// The places stand in the ELM only; the messages themselves are those of the translator, so that none is missed.
function messages(translated, elm) {
  const places = (elm.library.annotation ?? []).filter((note) => note.type === "CqlToElmError");
  return translated.exceptions.asJsReadonlyArrayView().map((found) => {
    const place = places.find((note) => note.message === found.message);
    return `${place ? `line ${place.startLine}, column ${place.startChar}: ` : ""}${found.severity.name}: ${found.message}`;
  });
}

const words = process.argv.slice(2);
const bare = words[0] === "--bare";
const [source, target] = bare ? words.slice(1) : words;
if (!source) {
  console.error("usage: node translate.mjs [--bare] LIBRARY.cql [ELM.json]");
  process.exit(2);
}
const translated = translator(readFileSync(source, "utf8"), bare);
const json = translated.toJson();
const found = messages(translated, JSON.parse(json));
if (found.length > 0) {
  console.error(found.map((message) => `${source}: ${message}`).join("\n"));
  process.exit(1);
}
if (target) writeFileSync(target, json);
else process.stdout.write(json);
