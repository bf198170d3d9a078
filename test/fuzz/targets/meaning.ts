import path from "node:path";
import { diagnose } from "../../../src/findings/diagnose.ts";
import { SubjectReader } from "../../../src/filter/subject.ts";
import type { Entry } from "../../../src/recording/entry.ts";
import { openRecording } from "../../../src/recording/reader.ts";
import { TraceBuilder } from "../../../src/trace/build.ts";
import { renderExplanation } from "../../../src/views/explain.ts";
import { renderFrameLine } from "../../../src/views/frame-line.ts";
import { renderMarkdownReport } from "../../../src/views/report-markdown.ts";
import { buildShowJson } from "../../../src/views/show-json.ts";
import { renderShow } from "../../../src/views/show.ts";
import { PLAIN_STYLE } from "../../../src/views/style.ts";
import { conversation, numbered, type Step } from "../../support/conversation.ts";
import { HEADER } from "../../support/traces.ts";
import type { FuzzTarget } from "../target.ts";

const RECORDINGS = path.resolve(import.meta.dirname, "../../../recordings");
const RECORDING = { name: "fuzzed", header: HEADER, complete: true, missing: [], entryCount: 0 };

/** Lines of text, `>` for the client's and `<` for the Gateway's, as the messages of one connection. */
export function entriesOf(input: Buffer): readonly Entry[] {
  const steps = input
    .toString("utf8")
    .split("\n")
    .map((line): Step => ({
      from: line.startsWith("<") ? "gateway" : "client",
      body: { text: line.slice(1) },
    }));
  return numbered(conversation({}, ...steps));
}

/** What was said in the shipped recordings, one input for each connection. */
export async function recordedConversations(): Promise<readonly Buffer[]> {
  const inputs: Buffer[] = [];
  for (const name of [
    "sessions-spawn-77807",
    "missing-scope-2026.9.6",
    "scope-upgrade",
    "token-rotation-denied",
  ]) {
    const file = path.join(RECORDINGS, `${name}.gwtrace`);
    await using reader = await openRecording(file);
    const lines = new Map<number, string[]>();
    for await (const entry of reader.entries()) {
      if (entry.kind !== "message" || entry.message.type !== "text") continue;
      const said = lines.get(entry.connection) ?? [];
      said.push(`${entry.from === "client" ? ">" : "<"}${entry.message.text.slice(0, 4000)}`);
      lines.set(entry.connection, said);
    }
    inputs.push(...[...lines.values()].map((said) => Buffer.from(said.join("\n"))));
  }
  return inputs;
}

/** Pieces of Gateway frames, and of what is hard on whoever shows or compares text. */
export const FRAME_WORDS = [
  '"type":"req"',
  '"type":"res","ok":false',
  '"type":"event","event":"tick","seq":',
  '"method":"connect"',
  '"scopes":["operator.write"]',
  '"scopes":{"length":3}',
  '"error":{"code":"INVALID_REQUEST","message":"missing scope: operator.admin"}',
  '"message":"missing scope: ',
  '"details":{"code":"PAIRING_REQUIRED"',
  '"payload":{"type":"hello-ok"',
  '"__proto__":{',
  '"constructor"',
  "\n<",
  "\n>",
  "null",
  "1e999",
  "-0",
  "9007199254740993",
  "[[[[[[[[[[[[[[[[[[[[",
  "\\ud800",
  "\\u0000",
  "\u001b]0;title\u0007",
  "\u202e",
  "\u200b",
  "\u009b31m",
];

// oxlint-disable-next-line no-control-regex -- what no view may let through
const FORBIDDEN =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/u;

/** Frames, trace, findings and reports: the read side cannot fail, and prints nothing that a terminal would obey. */
export const meaning: FuzzTarget = {
  name: "frames, trace, findings and reports",
  oneIn: 60,
  words: FRAME_WORDS,
  inputs: recordedConversations,
  run(input) {
    const entries = entriesOf(input);
    const builder = new TraceBuilder(HEADER);
    for (const entry of entries) builder.add(entry);
    const trace = builder.trace({ ...RECORDING, entryCount: entries.length });
    const findings = diagnose([trace]);
    const subjects = new SubjectReader(trace, findings);
    const views = [
      renderShow([trace], findings, PLAIN_STYLE),
      renderMarkdownReport([trace], findings, new Map()),
      ...trace.connections.map((connection) =>
        renderExplanation(trace, connection, findings, PLAIN_STYLE),
      ),
      ...entries.map((entry) => renderFrameLine(entry, subjects.read(entry), PLAIN_STYLE)),
    ];
    for (const view of views) {
      const found = FORBIDDEN.exec(view);
      if (found !== null) throw new Error(`a view holds ${JSON.stringify(found[0])}: ${view}`);
    }
    JSON.stringify(buildShowJson([trace], findings));
    return findings.map(({ code }) => code).join();
  },
};
