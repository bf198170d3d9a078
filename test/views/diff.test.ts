import stringWidth from "string-width";
import { expect, test } from "vitest";
import { renderDiff } from "../../src/views/diff.ts";
import { PLAIN_STYLE } from "../../src/views/style.ts";
import {
  challenge,
  close,
  connect,
  conversation,
  helloOk,
  ok,
  refused,
  req,
} from "../support/conversation.ts";
import { diffOf } from "../support/diffs.ts";

const BACKEND = { client: "gateway-client/backend", scopes: ["operator.write"] };

function recording(
  peerAddress: string,
  scopes: readonly string[],
  answers: readonly Parameters<typeof conversation>[1][],
) {
  return [
    conversation(
      { peerAddress },
      challenge(),
      connect(BACKEND),
      helloOk({ scopes }),
      ...answers,
      close("client"),
    ),
  ];
}

const WORKED = recording(
  "127.0.0.1:4000",
  ["operator.write"],
  [req("1", "agent"), ok("1"), req("2", "status"), ok("2", { count: 1 })],
);
const FAILS = recording("100.64.0.5:4000", [], [
  req("1", "agent"), refused("1", "INVALID_REQUEST", "missing scope: operator.write"),
  req("2", "status"), ok("2", { count: 2, hostile: "\u001b[2J" }), req("3", "health"), ok("3"), req("4", "health"), ok("4"),
]); // prettier-ignore

test("what differs, handshake and scopes first", async () => {
  expect(renderDiff(await diffOf(WORKED, FAILS), PLAIN_STYLE)).toBe(
    [
      "first -> second",
      "first -> second; + found only in the second, - only in the first",
      "",
      "connection 1  gateway-client/backend operator",
      "  granted scopes  operator.write -> none",
      "  effective scopes  operator.write -> operator.read",
      "  peer the Gateway saw  loopback -> not loopback",
      "  + missing-scope-dropped  agent was refused: missing scope operator.write",
      "  agent  ok -> INVALID_REQUEST missing scope: operator.write (entry 7 -> 7)",
      "  status  ok (entry 9 -> 9)",
      "    answer: 2 places differ",
      "      payload.count  1 -> 2",
      String.raw`      payload.hostile  (absent) -> "\u001b[2J"`,
      "  calls only in the second (1): health ok (2 times)",
      "",
      "1 connection differs; compared: 1 connection, 2 calls, 2 payloads",
      "",
    ].join("\n"),
  );
});

test("no difference, and what was compared", async () => {
  expect(renderDiff(await diffOf(WORKED, WORKED), PLAIN_STYLE)).toMatch(
    /\nno difference; compared: 1 connection, 2 calls, 2 payloads\n$/,
  );
});

test("stays within 80 columns, and escapes what could move the cursor", async () => {
  const talk = (word: string) =>
    recording(
      "127.0.0.1:4000",
      ["operator.write"],
      [
        req("1", "status", { [word]: word }),
        ok("1", { long: word.repeat(3), text: `${word} `.repeat(9) }),
      ],
    );
  const text = renderDiff(
    await diffOf(talk("a".repeat(40)), talk("x\u009b".repeat(20))),
    PLAIN_STYLE,
  );
  expect(text).not.toContain("\u009b");
  expect(text).toContain('payload.long\n        first   "aaa');
  expect(text.split("\n").filter((line) => stringWidth(line) > 80)).toEqual([]);
});
