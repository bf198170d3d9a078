import { expect, test } from "vitest";
import { compareRecordings } from "../../src/diff/compare-recordings.ts";
import { endOf } from "../../src/exchange/otlp/connection.ts";
import { renderJunit } from "../../src/exchange/checks/junit.ts";
import { checkTraces } from "../../src/findings/check.ts";
import { diagnose } from "../../src/findings/diagnose.ts";
import type { NewEntry } from "../../src/recording/entry.ts";
import { renderCheck } from "../../src/views/check.ts";
import { renderDiff } from "../../src/views/diff.ts";
import { renderExplanation } from "../../src/views/explain.ts";
import { buildShowJson } from "../../src/views/show-json.ts";
import { renderShow } from "../../src/views/show.ts";
import { PLAIN_STYLE } from "../../src/views/style.ts";
import { challenge, connect, conversation, helloOk } from "../support/conversation.ts";
import { traceOf } from "../support/traces.ts";

/** More than JavaScript takes as arguments of a call. */
const CALLS = 200_000;

const REFUSED = `{"code":"INVALID_REQUEST","message":"missing scope: operator.write"}`;

/** Calls on one connection of which every one is refused, or every one has no answer, or all but the first half take very long. */
function manyCalls(kind: "refused" | "unanswered" | "slow"): readonly NewEntry[] {
  const begin = conversation({ ends: false }, challenge(), connect(), helloOk());
  const entries: NewEntry[] = [...begin];
  const message = (from: "client" | "gateway", atMs: number, text: string): NewEntry => ({
    kind: "message",
    connection: 1,
    from,
    message: { type: "text", text },
    sizeBytes: text.length,
    redacted: false,
    atMs,
    wallMs: atMs,
  });
  const count = kind === "slow" ? CALLS * 1.4 : CALLS;
  for (let call = 0; call < count; call += 1) {
    const atMs = 100 + call;
    entries.push(
      message("client", atMs, `{"type":"req","id":"${call}","method":"agent","params":{}}`),
    );
    if (kind === "unanswered") continue;
    const took = kind === "slow" && call > count / 2 ? 5000 : 0.1;
    const result = kind === "refused" ? `false,"error":${REFUSED}` : `true,"payload":{}`;
    entries.push(message("gateway", atMs + took, `{"type":"res","id":"${call}","ok":${result}}`));
  }
  const last = { atMs: 1e9, wallMs: 1e9, connection: 1 };
  entries.push({ ...last, kind: "closed", by: "client", how: "fin", error: null });
  return entries;
}

test.each(["refused", "unanswered", "slow"] as const)(
  `nothing that reads a recording throws at ${CALLS} calls that are %s`,
  async (kind) => {
    const trace = traceOf([manyCalls(kind)]);
    const [connection] = trace.connections;
    if (connection === undefined) throw new Error("no connection");
    const findings = diagnose([trace]);
    const expected = {
      refused: "missing-scope-not-requested",
      unanswered: "rpc-unanswered",
      slow: "slow-call",
    }[kind];
    expect(findings.map(({ code }) => code)).toContain(expected);
    const checked = checkTraces([trace], findings, {
      failOn: ["info"],
      expectMethods: ["agent"],
      forbidMethods: ["agent"],
      expectScopes: ["operator.write"],
      maxLatencyMs: 4000,
    });
    const source = { read: () => Promise.resolve([]) };
    const diff = await compareRecordings({ trace, source }, { trace, source }, { payloads: false });
    const texts = [
      renderShow([trace], findings, PLAIN_STYLE),
      renderExplanation(trace, connection, findings, PLAIN_STYLE),
      JSON.stringify(buildShowJson([trace], findings)),
      renderCheck(checked, PLAIN_STYLE),
      renderJunit(checked),
      renderDiff(diff, PLAIN_STYLE),
      String(endOf({ ...connection, close: null })),
    ];
    expect(texts.every((text) => text.length > 0)).toBe(true);
  },
  60_000,
);
