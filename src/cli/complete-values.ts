import { measuredProfiles, measuredVersions } from "../gateway/measured-profiles.ts";
import { namesIn } from "../gateway/measured.ts";
import { OPERATOR_SCOPES } from "../gateway/scopes.ts";
import { recordingsFolder, SHIPPED_RECORDINGS } from "../recording/locate.ts";
import { recordingNamesIn } from "../recording/names.ts";
import type { ValuesOf } from "./complete-words.ts";
import { FINDING_NAMES } from "./finding-names.ts";
import { ownField } from "../gateway/json-object.ts";

type Kind = "anything" | "files" | "findings" | "methods" | "recordings" | "scopes" | "versions";

/** What goes where a `<name>` stands in the usage of any command. A test names those that are missing here. */
export const VALUE_KINDS: Readonly<Record<string, Kind>> = {
  a: "recordings",
  address: "anything",
  amount: "anything",
  assumption: "anything",
  b: "recordings",
  count: "anything",
  duration: "anything",
  expression: "anything",
  file: "files",
  "file.jsonl": "files",
  finding: "findings",
  folder: "files",
  from: "versions",
  "host:port": "anything",
  how: "anything",
  in: "recordings",
  method: "methods",
  ms: "anything",
  name: "anything",
  number: "anything",
  out: "files",
  path: "anything",
  profile: "versions",
  recording: "recordings",
  scope: "scopes",
  sha256: "anything",
  size: "anything",
  text: "anything",
  time: "anything",
  to: "versions",
  url: "anything",
  what: "anything",
  when: "anything",
};

/** Looks up what can stand for a `<name>` here and now. */
export const valuesHere: ValuesOf = async (name) => {
  const kind = ownField(VALUE_KINDS, name) ?? "anything";
  const files = kind === "files" || kind === "recordings" || kind === "versions";
  return { values: await valuesOfKind(kind), files };
};

async function valuesOfKind(kind: Kind): Promise<readonly string[]> {
  switch (kind) {
    case "anything":
    case "files":
      return [];
    case "findings":
      return FINDING_NAMES;
    case "methods":
      return measuredProfiles()
        .slice(-1)
        .flatMap(({ methods }) => namesIn(methods));
    case "recordings":
      return recordingNames();
    case "scopes":
      return OPERATOR_SCOPES;
    case "versions":
      return measuredVersions();
  }
}

async function recordingNames(): Promise<readonly string[]> {
  const folder = recordingsFolder(process.env, process.cwd());
  const own = await recordingNamesIn(folder);
  const shipped = await recordingNamesIn(SHIPPED_RECORDINGS);
  return [...new Set([...(own.length === 0 ? [] : ["last"]), ...own, ...shipped])];
}
