import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { diagnose } from "../../src/findings/diagnose.ts";
import type { Entry } from "../../src/recording/entry.ts";
import type { Trace } from "../../src/trace/model.ts";
import { renderExplanation } from "../../src/views/explain.ts";
import { renderMarkdownReport } from "../../src/views/report-markdown.ts";
import { buildShowJson } from "../../src/views/show-json.ts";
import { renderShow } from "../../src/views/show.ts";
import { PLAIN_STYLE } from "../../src/views/style.ts";
import {
  challenge,
  close,
  connect,
  conversation,
  event,
  helloOk,
  numbered,
  ok,
  refused,
  req,
} from "../support/conversation.ts";
import { traceOf } from "../support/traces.ts";

const HOSTILE =
  "\u001b]0;title\u0007\u009b2J\u202e{red-fg}\u200b<script>alert(1)</script>|`\n# heading";

function hostileConversation(text: string) {
  return conversation(
    { origin: text },
    challenge(),
    connect({ client: `${text}/cli`, scopes: [text], device: text, version: text }),
    helloOk({ scopes: [text], version: text }),
    req(text, text),
    refused(text, text, text),
    req("2", text),
    ok("2"),
    event(text),
    close("gateway", 1008, text),
  );
}

function everyReport(text: string): readonly string[] {
  const script = hostileConversation(text);
  const trace = traceOf([script], { name: text, missing: [text] });
  const findings = diagnose([trace]);
  const entries = new Map<number, Entry>(numbered(script).map((entry) => [entry.entry, entry]));
  return [
    renderShow([trace], findings, PLAIN_STYLE),
    ...trace.connections.map((connection) =>
      renderExplanation(trace, connection, findings, PLAIN_STYLE),
    ),
    renderMarkdownReport([trace], findings, new Map([[text, entries]])),
  ];
}

// Anything that could steer a terminal; line breaks are ours.
function isSafe(report: string): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return !/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u200b]/.test(report);
}

test("hostile text reaches no terminal through any report", () => {
  for (const report of everyReport(HOSTILE)) {
    expect(report).toContain(String.raw`\x9b`);
    expect(report).toSatisfy(isSafe);
  }
});

test("no text whatever does", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(everyReport(text)).toSatisfy((reports: readonly string[]) => reports.every(isSafe));
    }),
    { numRuns: 60 },
  );
});

/** The lines outside of code fences, as CommonMark ends them: by at least as many backticks, alone on a line. */
function outsideFences(markdown: string): readonly string[] {
  const outside: string[] = [];
  let fence: string | null = null;
  for (const line of markdown.split("\n")) {
    const run = /^ {0,3}(`{3,})/.exec(line)?.[1];
    if (fence === null) {
      if (run === undefined) outside.push(line);
      else fence = run;
    } else if (run !== undefined && run.length >= fence.length && line.trim() === run) fence = null;
  }
  expect(fence).toBeNull();
  return outside;
}

test("Markdown from the wire stays text: what is not escaped stands in a fence that it cannot close", () => {
  for (const hostile of [HOSTILE, `\`\`\`\n${HOSTILE}\n\`\`\`\`\`\`\n${HOSTILE}`]) {
    const [, , markdown = ""] = everyReport(hostile);
    const outside = outsideFences(markdown).join("\n");
    expect(outside).toContain("## Recording");
    expect(outside).not.toContain("<script>");
    expect(outside).not.toMatch(/^# heading/m);
  }
});

test("Markdown fits into an issue, whatever was recorded, and counts what it leaves out", () => {
  const scripts = Array.from({ length: 200 }, (_, index) =>
    conversation(
      { connection: index + 1, startMs: index * 100 },
      challenge(),
      connect({ device: "d1", scopes: ["operator.read"] }),
      helloOk({ scopes: ["operator.read"] }),
      ...Array.from({ length: 5 }, (__, call) => [
        req(`${call}`, `config.set${index}`, { text: "x".repeat(1200) }),
        refused(`${call}`, "INVALID_REQUEST", `missing scope: operator.admin ${"y".repeat(900)}`),
      ]).flat(),
    ),
  );
  const trace = traceOf(scripts);
  const entries = new Map<number, Entry>(numbered(...scripts).map((entry) => [entry.entry, entry]));
  const markdown = renderMarkdownReport(
    [trace],
    diagnose([trace]),
    new Map([[trace.recording.name, entries]]),
  );
  expect(markdown.length).toBeLessThan(65_536);
  expect(markdown).toContain("… and 170 more connections");
  expect(markdown).toContain("… and 970 more refused calls");
  expect(markdown).toMatch(/^- … and \d+ more findings$/m);
  expect(markdown).toContain("The frames are left out here");
});

describe("the text report", () => {
  const trace = traceOf([
    conversation(
      {},
      challenge(),
      connect({ device: "d1", scopes: ["operator.read"] }),
      helloOk({ scopes: ["operator.read"] }),
      ...Array.from({ length: 45 }, (_, index) => [
        req(`${index}`, "status", index),
        ok(`${index}`, index),
      ]).flat(),
    ),
  ]);

  test("lists forty calls and counts the others", () => {
    const report = renderShow([trace], [], PLAIN_STYLE);
    expect(report.match(/status +1\.0 ms +ok/g)).toHaveLength(40);
    expect(report).toContain("… and 5 more calls; --json lists them all.");
  });

  test("colours only when asked to", () => {
    expect(renderShow([trace], [], PLAIN_STYLE)).not.toContain("\u001b");
    expect(renderShow([trace], [], { columns: 80, color: true })).toContain("\u001b[32mok");
  });

  test("says so when nothing was recorded, and when nothing is wrong", () => {
    const empty: Trace = traceOf([]);
    expect(renderShow([empty], [], PLAIN_STYLE)).toContain("No connection was recorded.");
    expect(renderShow([trace], [], PLAIN_STYLE)).toMatch(/Findings\n {2}none\n$/);
  });
});

test("the JSON document keeps the promise of its shape", () => {
  const trace = traceOf([
    conversation(
      { peerAddress: "100.64.0.5:4000" },
      challenge(),
      connect({ client: "gateway-client/backend", scopes: ["operator.write"] }),
      helloOk({ scopes: [] }),
      req("7", "agent"),
      refused("7", "INVALID_REQUEST", "missing scope: operator.write"),
      close("client", null),
    ),
  ]);
  const document = JSON.parse(JSON.stringify(buildShowJson([trace], diagnose([trace]))));
  expect(document).toMatchObject({
    recording: {
      formatVersion: 1,
      startedAt: "2026-11-23T12:00:00.000Z",
      complete: true,
      missing: [],
    },
    connections: [
      {
        id: 1,
        client: { id: "gateway-client", mode: "backend", version: "2026.5.4" },
        role: "operator",
        protocol: 3,
        device: null,
        auth: ["token"],
        outcome: "accepted",
        scopes: {
          requested: ["operator.write"],
          granted: [],
          effective: [],
          effectiveFrom: "calls",
        },
        close: { code: 1005, reason: "", by: "client" },
        rpcs: [
          {
            id: "7",
            method: "agent",
            ok: false,
            error: { code: "INVALID_REQUEST" },
            startMs: 7,
            durationMs: 1,
          },
        ],
        events: [{ event: "connect.challenge", count: 1 }],
      },
    ],
    findings: [
      {
        code: "missing-scope-dropped",
        severity: "error",
        title: "agent was refused: missing scope operator.write",
        connection: 1,
        rpc: "7",
        evidence: [5, 6, 7, 8],
      },
    ],
  });
});
