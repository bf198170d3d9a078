import { describe, expect, test } from "vitest";
import { CarriedEntries } from "../../src/recorder/carried-entries.ts";
import type { NewEntry } from "../../src/recording/entry.ts";
import { client, conversation, gateway, numbered, type Step } from "../support/conversation.ts";
import { SPELLINGS } from "../support/spellings.ts";

/** What is carried of one connection that is open, but for the gap in the end; frames as values. */
function carriedOf(steps: readonly Step[], maxKeptBytes?: number): readonly unknown[] {
  const carried = new CarriedEntries(maxKeptBytes);
  for (const entry of numbered(conversation({ ends: false }, ...steps))) carried.add(entry);
  const entries = carried.entries(1_000_000);
  expect(entries.at(-1)).toMatchObject({ kind: "gap", untilMs: 1_000_000 });
  return entries.slice(0, -1).map(shown);
}

function shown(entry: NewEntry): unknown {
  if (entry.kind !== "message" || entry.message.type !== "text") return entry.kind;
  const { text } = entry.message;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const CHALLENGE = { type: "event", event: "connect.challenge", payload: { nonce: "n" } };
const CONNECT = { type: "req", id: "c", method: "connect", params: { scopes: ["operator.read"] } };
const HELLO = { type: "res", id: "c", ok: true, payload: { type: "hello-ok" } };
const TICK = { type: "event", event: "tick", seq: 1, payload: {} };
const call = (id: string) => ({ type: "req", id, method: "agent", params: { id: "c" } });
const answer = (id: string) => ({ type: "res", id, ok: true, payload: { status: "ok" } });
const accepted = (id: string) => ({
  type: "res",
  id,
  ok: true,
  payload: { runId: "r", status: "accepted" },
});

const UPGRADE = ["opened", "http-request", "http-response"];

describe.each(SPELLINGS)("of frames written %s", (_name, write) => {
  const say = (frame: object): Step => client(write(frame));
  const hear = (frame: object): Step => gateway(write(frame));

  test("the handshake is carried, and the calls that wait, with their first answer", () => {
    const steps = [
      hear(CHALLENGE),
      say(CONNECT),
      hear(HELLO),
      say(call("done")),
      hear(TICK),
      say(call("waits")),
      say(call("runs")),
      hear(accepted("runs")),
      say(call("ran")),
      hear(accepted("ran")),
      hear(answer("ran")),
      hear(answer("done")),
    ];
    expect(carriedOf(steps)).toMatchObject([
      ...UPGRADE,
      CHALLENGE,
      CONNECT,
      HELLO,
      call("waits"),
      call("runs"),
      accepted("runs"),
    ]);
  });

  test("nothing is carried of a flood before the handshake", () => {
    const steps = Array.from({ length: 300 }, () => hear(TICK));
    expect(carriedOf([hear(CHALLENGE), ...steps, say(CONNECT)])).toMatchObject([
      ...UPGRADE,
      CHALLENGE,
      CONNECT,
    ]);
  });
});

test.each([
  ["what is no frame", Array.from({ length: 300 }, (_, i) => gateway(`hello ${i}`))],
  ["challenges", Array.from({ length: 300 }, () => gateway(CHALLENGE))],
  ["connects", Array.from({ length: 300 }, () => client(CONNECT))],
  ["answers nobody waits for", Array.from({ length: 300 }, (_, i) => gateway(answer(`${i}`)))],
])("of a connection full of %s, little is carried", (_what, steps) => {
  expect(carriedOf(steps).length).toBeLessThan(UPGRADE.length + 258);
});

test("what is carried stays within its size", () => {
  const steps = Array.from({ length: 200 }, (_, i) =>
    client({ ...call(`${i}`), padding: "x".repeat(1000) }),
  );
  const sizeBytes = JSON.stringify(carriedOf([client(CONNECT), gateway(HELLO), ...steps], 50_000));
  expect(sizeBytes.length).toBeLessThan(60_000);
  expect(sizeBytes.length).toBeGreaterThan(30_000);
});
