import { describe, expect, test } from "vitest";
import {
  challenge,
  connect,
  conversation,
  helloOk,
  ok,
  refused,
  req,
} from "../support/conversation.ts";
import { connectionOf } from "../support/traces.ts";

const ALL = [
  "operator.admin",
  "operator.read",
  "operator.write",
  "operator.approvals",
  "operator.pairing",
  "operator.talk.secrets",
];
const REMOTE = { peerAddress: "100.64.0.5:40000", gatewayAddress: "100.64.0.5:18789" };

function scopesOf(
  options: Parameters<typeof conversation>[0],
  asked: Parameters<typeof connect>[0],
  hello: Parameters<typeof helloOk>[0],
  ...calls: Parameters<typeof conversation>[1][]
) {
  return connectionOf(conversation(options, challenge(), connect(asked), helloOk(hello), ...calls))
    .scopes;
}

describe("effective scopes by the rule of the version", () => {
  test.each([
    // Rows 12-14 of the measured decision table: no device identity.
    ["2026.3.13", "gateway-client/backend", {}, []],
    ["2026.5.4", "gateway-client/backend", {}, ALL],
    ["2026.5.4", "gateway-client/backend", REMOTE, []],
    ["2026.5.4", "gateway-client/backend", { origin: "http://127.0.0.1:18789" }, []],
    ["2026.5.4", "gateway-client/backend", { headers: [["X-Forwarded-For", "10.0.0.9"]] }, []],
    ["2026.5.4", "cli/cli", {}, []],
  ] as const)("%s, %s without device, %j", (version, client, options, effective) => {
    // 2026.3 reports nothing; 2026.5 reports what is true here, so leave it out to see the rule alone.
    const scopes = scopesOf(options, { client, scopes: ALL, version }, { version, scopes: null });
    expect(scopes).toMatchObject({ granted: null, effective, effectiveFrom: "rule" });
  });

  test("with a device, what was asked for; what hello-ok reports is the token's", () => {
    const scopes = scopesOf(
      {},
      { scopes: ["operator.read"], device: "d1" },
      { version: "2026.5.4", scopes: ALL, deviceToken: "t" },
    );
    expect(scopes).toMatchObject({
      requested: ["operator.read"],
      granted: ALL,
      effective: ["operator.read"],
      effectiveFrom: "rule",
    });
  });

  test("with a device and no scopes field, nothing, even when hello-ok reports everything", () => {
    const scopes = scopesOf(
      {},
      { device: "d1" },
      { version: "2026.5.4", scopes: ALL, deviceToken: "t" },
    );
    expect(scopes).toMatchObject({
      requested: null,
      granted: ALL,
      effective: [],
      effectiveFrom: "rule",
    });
  });

  test("2026.9 reports what is effective, device token or not", () => {
    const scopes = scopesOf(
      {},
      { scopes: ALL, device: "d1" },
      { version: "2026.9.6", scopes: ["operator.read"], deviceToken: "t" },
    );
    expect(scopes).toMatchObject({ effective: ["operator.read"], effectiveFrom: "hello" });
  });
});

describe("effective scopes by what calls did", () => {
  test("a refused call takes the scope away, and whatever would have covered it", () => {
    const scopes = scopesOf(
      {},
      { scopes: ALL, device: "d1" },
      { version: "2026.5.4", scopes: ALL },
      req("1", "agent"),
      refused("1", "INVALID_REQUEST", "missing scope: operator.write"),
    );
    expect(scopes.effective).toEqual([
      "operator.read",
      "operator.approvals",
      "operator.pairing",
      "operator.talk.secrets",
    ]);
    expect(scopes).toMatchObject({ effectiveFrom: "calls", refuted: ["operator.write"] });
  });

  test("an allowed call proves the scope that its method needs", () => {
    const scopes = scopesOf(
      {},
      { client: "cli/cli", scopes: ["operator.write"] },
      { version: "2026.3.13", scopes: null },
      req("1", "agent"),
      ok("1"),
    );
    expect(scopes).toMatchObject({
      granted: null,
      effective: ["operator.write"],
      effectiveFrom: "calls",
      proven: ["operator.write"],
    });
  });

  test("an allowed call adds nothing that is covered already", () => {
    const scopes = scopesOf(
      {},
      { scopes: ["operator.admin"], device: "d1" },
      { version: "2026.9.6", scopes: ["operator.admin"] },
      req("1", "agent"),
      ok("1"),
    );
    expect(scopes).toMatchObject({
      effective: ["operator.admin"],
      proven: ["operator.write"],
      refuted: [],
    });
  });

  test("a method that everyone may call proves nothing", () => {
    const scopes = scopesOf(
      {},
      { scopes: [] },
      { version: "2026.5.4", scopes: [] },
      req("1", "health"),
      ok("1"),
    );
    expect(scopes).toMatchObject({ effective: [], effectiveFrom: "hello", proven: [] });
  });
});

test("a refused connection holds nothing", () => {
  const connection = connectionOf(
    conversation(
      {},
      challenge(),
      connect({ scopes: ALL }),
      refused("connect-1", "NOT_PAIRED", "device identity required"),
    ),
  );
  expect(connection.scopes).toMatchObject({ requested: ALL, granted: null, effective: [] });
});
