import { gatewayVersion } from "../findings/diagnose.ts";
import { nameGap } from "../findings/wording.ts";
import { tellRulesOf } from "../trace/build.ts";
import type { Trace } from "../trace/model.ts";
import { renderTakenOut } from "./info.ts";
import { renderCount, renderInstant } from "./quantity.ts";

/** The finding tells of more. */
const MAX_GAPS = 5;

/** What a recording is, as pairs of a word and what is to be said about it; not made printable yet. */
export function describeRecording(trace: Trace): readonly (readonly [string, string])[] {
  const { recording, connections, gaps } = trace;
  const { header } = recording;
  const version = gatewayVersion(trace);
  const protocol = connections.find(({ handshake }) => handshake.hello !== null)?.handshake.hello
    ?.protocol;
  const calls = connections.reduce((sum, { rpcs }) => sum + rpcs.length, 0);
  const holds = [
    renderCount(connections.length, "connection"),
    renderCount(calls, "call"),
    `${recording.entryCount.toLocaleString("en-US")} entries`,
    recording.complete ? "complete" : "NOT COMPLETE",
    renderTakenOut(header),
  ];
  return [
    ["recorded", `${renderInstant(header.startedAt)}, ${renderSource(trace)}`],
    [
      "gateway",
      version === null
        ? "version unknown (no hello-ok)"
        : `OpenClaw ${version}, protocol ${protocol ?? "unknown"}`,
    ],
    ...tellRulesOf(trace).map((note) => ["rules", note] as const),
    ["holds", holds.join(", ")],
    ...recording.missing.map((what) => ["missing", what] as const),
    ...gaps.slice(0, MAX_GAPS).map((gap) => ["gap", nameGap(gap)] as const),
  ];
}

function renderSource({ recording: { header } }: Trace): string {
  switch (header.source) {
    case "tap":
      return `tap ${header.listen ?? "?"} -> ${header.upstream ?? "?"}`;
    case "replayed-gateway":
      return `Gateway replayed from ${header.replayOf.join(", ")}`;
    case "replayed-client":
      return `client replayed from ${header.replayOf.join(", ")}`;
    case "import":
      return "imported";
  }
}
