import { describe, expect, test } from "vitest";
import { isProblem, renderVerdict } from "../../src/views/verdict.ts";
import { counted } from "../support/counted.ts";
import { connection, type ConnectionScript } from "./connections.ts";

const [read, write, admin] = ["operator.read", "operator.write", "operator.admin"];

function scopes(
  requested: string[] | null,
  granted: string[] | null,
  effective: string[],
  refuted: string[] = [],
): ConnectionScript {
  return { scopes: { requested, granted, effective, refuted } };
}

const upgrade = connection().upgrade;
const call = {
  method: "GET",
  target: "/health",
  requestEntry: 2,
  responseEntry: 3,
  startMs: 0,
  durationMs: 1,
  status: 200,
  answerLost: false,
  awaitsFinal: false,
  requestBody: null,
  responseBody: null,
};
const plainCall = { upgrade: null, http: [call] };
const forbidden = { upgrade: upgrade === null ? null : { ...upgrade, status: 403 } };
const noAnswer = { ...connection().handshake, refusal: null, hello: null };
const close = {
  code: 1008,
  reason: "invalid \x9brequest frame",
  by: "gateway",
  entry: 9,
  atMs: 5,
} as const;

describe("renderVerdict", () => {
  test.each<[string, ConnectionScript, boolean]>([
    ["ok", scopes([read], [read], [read]), false],
    ["ok", scopes(null, null, []), false],
    ["ok", scopes([write], [read], [write]), false],
    ["SHORT -write", scopes([write], [], []), true],
    ["SHORT -admin", scopes([write, admin], [write], [write]), true],
    ["SHORT -write -admin", scopes([read, write, admin], [read], [read]), true],
    ["SHORT -all 3", scopes([read, write, admin], [], []), true],
    [
      "SHORT -write and 2 more",
      scopes([read, write, admin, "operator.pairing"], [read], [read]),
      true,
    ],
    [String.raw`SHORT -root\x9b`, scopes(["operator.root\x9b"], [], []), true],
    ["DENIED -write", scopes([read], [read], [read], [write]), true],
    ["WIDER +admin", scopes([read], [read, admin], [read]), false],
    [
      "PAIRING scope-upgrade",
      { refusal: { detailCode: "PAIRING_REQUIRED", reason: "scope-upgrade" } },
      true,
    ],
    ["PAIRING required", { refusal: {} }, true],
    [
      "REFUSED device identity required",
      { refusal: { message: "device identity required" } },
      true,
    ],
    [
      "REFUSED AUTH_TOKEN_MISMATCH",
      { refusal: { code: "INVALID_REQUEST", detailCode: "AUTH_TOKEN_MISMATCH" } },
      true,
    ],
    ["REFUSED HTTP 403", { rest: { outcome: "refused", ...forbidden, handshake: noAnswer } }, true],
    [
      String.raw`REFUSED 1008 invalid \x9brequest frame`,
      { rest: { outcome: "refused", handshake: noAnswer, close } },
      true,
    ],
    ["HTTP 200", { rest: { outcome: "incomplete", ...plainCall, handshake: noAnswer } }, false],
    ["UNKNOWN", { rest: { outcome: "incomplete", handshake: noAnswer } }, false],
  ])("%s", (expected, script, problem) => {
    expect(renderVerdict(connection(script))).toBe(expected);
    expect(isProblem(connection(script))).toBe(problem);
  });
});

test("a client that asks for very many scopes makes work that grows with their number only", () => {
  const reads = (length: number): number => {
    const names = Array.from({ length }, (_, index) => `o.${index}`);
    const lists = [counted(names), counted(names), counted(names), counted(names)] as const;
    const [requested, granted, effective, refuted] = lists;
    const plain = connection(scopes([read], [read], [read]));
    renderVerdict({
      ...plain,
      scopes: {
        ...plain.scopes,
        requested: requested.list,
        granted: granted.list,
        effective: effective.list,
        refuted: refuted.list,
      },
    });
    return lists.reduce((sum, list) => sum + list.reads(), 0);
  };
  expect(reads(4000)).toBeLessThan(reads(1000) * 5);
});
