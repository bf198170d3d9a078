import { readFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { decodeEntryLine } from "../../src/exchange/json-lines/entry.ts";
import { checkTraces } from "../../src/findings/check.ts";
import { look, NOT_MEASURED } from "../../src/gateway/measured.ts";
import type { RuleName } from "../../src/gateway/profile.ts";
import { TraceBuilder } from "../../src/trace/build.ts";
import type { Trace } from "../../src/trace/model.ts";
import { challenge, connect, conversation, helloOk, ok, refused, req } from "../support/conversation.ts"; // prettier-ignore
import { HEADER, traceOf } from "../support/traces.ts";

const READ = ["operator.read"];
const BETWEEN = "2026.8.2";
const MEASURED = "2026.9.6";

type Part = Parameters<typeof conversation>[1];

function traceWith(
  asked: Parameters<typeof connect>[0],
  hello: Parameters<typeof helloOk>[0],
  ...calls: readonly Part[]
): Trace {
  return traceOf([conversation({}, challenge(), connect(asked), helloOk(hello), ...calls)]);
}

function ruleOf({ rules }: Trace, rule: RuleName, key: string): unknown {
  const table = rules[0]?.profile[rule];
  return typeof table === "object" && table !== null ? look<unknown>(table, key) : table;
}

function contradictedIn({ rules }: Trace): readonly string[] {
  return rules.flatMap(({ contradicted }) => contradicted);
}

describe("a call that passes", () => {
  test("proves what it needs only where the connection asked for that", () => {
    const trace = traceWith(
      { client: "gateway-client/backend", scopes: READ },
      { version: MEASURED, protocol: 4, scopes: READ },
      req("1", "config.set"),
      ok("1"),
      req("2", "sessions.list"),
      ok("2"),
    );
    expect(trace.connections[0]?.scopes).toMatchObject({ proven: READ, effective: READ });
    expect(ruleOf(trace, "methods", "config.set")).toBe(NOT_MEASURED);
    expect(contradictedIn(trace)).toEqual([
      "config.set was answered on connection 1, which did not ask for operator.admin; that contradicts what was measured on OpenClaw 2026.9.6 (what methods need: config.set: operator.admin), which is not applied",
    ]);
    const expectations = { failOn: [], expectMethods: [], forbidMethods: [], expectScopes: ["operator.admin"], maxLatencyMs: null }; // prettier-ignore
    expect(checkTraces([trace], [], expectations).passed).toBe(false);
  });

  test("proves what its params need", () => {
    const trace = traceWith(
      { client: "gateway-client/backend", scopes: ["operator.write"] },
      { version: MEASURED, protocol: 4, scopes: ["operator.write"] },
      req("1", "sessions.delete", { key: "k", archivedOnly: true }),
      ok("1"),
    );
    expect(trace.connections[0]?.scopes.proven).toEqual(["operator.write"]);
    expect(contradictedIn(trace)).toEqual([]);
  });

  test("proves nothing where the versions around it need different scopes", () => {
    const trace = traceWith(
      { client: "gateway-client/backend", scopes: READ },
      { version: BETWEEN, protocol: 4, scopes: READ },
      req("1", "config.schema"),
      ok("1"),
    );
    expect(trace.connections[0]?.scopes).toMatchObject({ proven: [], effective: READ });
    expect(contradictedIn(trace)).toEqual([]);
  });
});

describe("a refusal", () => {
  test.each([
    ["operator.write", "operator.write"],
    ["operator.admin", "operator.admin"],
  ])("shows that the method needs %s where that was not measured", (missing, need) => {
    const trace = traceWith(
      { client: "gateway-client/backend", scopes: READ },
      { version: BETWEEN, protocol: 4, scopes: READ },
      req("1", "sessions.patch", { key: "k" }),
      refused("1", "INVALID_REQUEST", `missing scope: ${missing}`),
    );
    expect(ruleOf(trace, "methods", "sessions.patch")).toBe(need);
    expect(ruleOf(trace, "refusals", "missing-scope")).toEqual({
      code: "INVALID_REQUEST",
      message: "missing scope: <scope>",
    });
    expect(contradictedIn(trace)).toEqual([]);
  });

  test("says nothing of a method that may not exist", () => {
    const trace = traceWith(
      { client: "gateway-client/backend", scopes: READ },
      { version: BETWEEN, protocol: 4, scopes: READ },
      req("1", "terminal.open"),
      refused("1", "INVALID_REQUEST", "missing scope: operator.admin"),
    );
    expect(ruleOf(trace, "methods", "terminal.open")).toBe(NOT_MEASURED);
  });
});

describe("a client without a device", () => {
  test.each([
    ["keeps", READ, true],
    ["loses", [], false],
  ])("%s its scopes, as hello-ok shows", (_what, scopes, keeps) => {
    const trace = traceWith({ scopes: READ }, { version: BETWEEN, protocol: 4, scopes });
    expect(ruleOf(trace, "keepsScopesWithoutDevice", "cli/cli")).toBe(keeps);
    expect(contradictedIn(trace)).toEqual([]);
  });

  test("that is seen to lose them on a version where it was measured to keep them has that said", () => {
    const trace = traceWith({ scopes: READ }, { version: MEASURED, protocol: 4, scopes: [] });
    expect(contradictedIn(trace)).toEqual([
      expect.stringMatching(/^cli\/cli on connection 1 lost/),
    ]);
  });
});

test("where two connections show the contrary, nothing is known", () => {
  const one = (connection: number, scopes: readonly string[]) => {
    const hello = helloOk({ version: BETWEEN, protocol: 4, scopes });
    return conversation({ connection }, challenge(), connect({ scopes: READ }), hello);
  };
  const trace = traceOf([one(1, READ), one(2, [])]);
  expect(ruleOf(trace, "keepsScopesWithoutDevice", "cli/cli")).toBe(NOT_MEASURED);
});

test("a hello-ok that reports more than was asked for is of the token", () => {
  const trace = traceWith(
    { scopes: READ, device: "d1" },
    { version: BETWEEN, protocol: 4, scopes: ["operator.admin"], deviceToken: "t" },
  );
  expect(trace.rules[0]?.profile.helloScopesWithToken).toBe("token");
  expect(trace.connections[0]?.scopes.effective).toEqual(READ);
});

test.each([
  ["token", ["operator.read", "operator.write"]],
  ["effective", ["operator.write", "operator.read"]],
] as const)("the order of what was asked for tells a hello-ok of the %s", (means, scopes) => {
  const trace = traceWith(
    { scopes: ["operator.write", "operator.read"], device: "d1" },
    { version: BETWEEN, protocol: 4, scopes, deviceToken: "t" },
  );
  expect(trace.rules[0]?.profile.helloScopesWithToken).toBe(means);
});

test("beyond the newest version only the recording counts", () => {
  const trace = traceWith(
    { client: "gateway-client/backend", scopes: READ },
    { version: "2031.1.1", protocol: 9, scopes: READ },
    req("1", "sessions.list"),
    ok("1"),
    req("2", "agent"),
    refused("2", "INVALID_REQUEST", "missing scope: operator.write"),
  );
  expect(trace.rules[0]?.profile.protocol).toBe(9);
  expect(ruleOf(trace, "methods", "agent")).toBe("operator.write");
  expect(ruleOf(trace, "methods", "sessions.list")).toBe(NOT_MEASURED);
  expect(trace.connections[0]?.scopes).toMatchObject({ effective: READ, proven: [] });
});

test("config.schema of a reader on 2026.8.2 makes no admin of it", () => {
  const file = path.join(import.meta.dirname, "versions/8.2-read-shown-as-admin.jsonl.gz");
  const lines = gunzipSync(readFileSync(file)).toString("utf8").trimEnd().split("\n").slice(1, -1);
  const builder = new TraceBuilder();
  for (const [index, line] of lines.entries()) {
    const decoded = decodeEntryLine(JSON.parse(line));
    if (decoded.ok) builder.add({ ...decoded.entry, entry: index + 1 });
  }
  const recording = { name: "x", header: HEADER, complete: true, missing: [], entryCount: 0 };
  const { connections, rules } = builder.trace(recording);
  expect(connections.map(({ scopes }) => scopes.effective)).toEqual([READ, []]);
  expect(rules[0] && look(rules[0].profile.methods, "config.schema")).toBe("operator.read");
});
