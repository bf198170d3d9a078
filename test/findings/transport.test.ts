import { describe, expect, test } from "vitest";
import { diagnose } from "../../src/findings/diagnose.ts";
import {
  challenge,
  client,
  close,
  connect,
  conversation,
  ok,
  refused,
  req,
  type Step,
} from "../support/conversation.ts";
import { traceOf } from "../support/traces.ts";

function codesOf(...steps: readonly Step[]): readonly string[] {
  const trace = traceOf([conversation({ endedBy: "gateway" }, challenge(), ...steps)]);
  return diagnose([trace]).map(({ code }) => code);
}

describe("a connection that the Gateway ends without answering connect", () => {
  const NOT_FIRST = "invalid handshake: first request must be connect";

  test.each([
    [
      "a request before connect",
      [req("1", "health"), refused("1", "INVALID_REQUEST", NOT_FIRST), close("gateway", 1008, NOT_FIRST)],
      ["invalid-handshake", "rpc-before-hello"],
    ],
    [
      "a frame of another kind",
      [client({ type: "hello" }), close("gateway", 1008, "invalid request frame")],
      ["invalid-handshake", "unreadable-message"],
    ],
    ["no JSON", [client("hello"), close("gateway", 1000)], ["invalid-handshake", "unreadable-message"]],
    ["nothing at all", [close("gateway", 1000)], ["closed-before-hello"]],
    ["a first frame that is too large", [connect(), close("gateway", 1009)], ["closed-before-hello"]],
  ] as const)("%s", (_, steps, expected) => {
    expect(codesOf(...steps)).toEqual(expected);
  }); // prettier-ignore

  test("a client that leaves is not accused", () => {
    expect(codesOf(client("hello"), close("client", 1000))).not.toContain("invalid-handshake");
  });

  test("the close of an accepted connection is not the handshake's", () => {
    const steps = [connect(), ok("connect-1"), close("gateway", 1008, "invalid request frame")];
    expect(codesOf(...steps)).not.toContain("invalid-handshake");
  });
});
