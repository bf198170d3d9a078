import { describe, expect, test } from "vitest";
import { FrameReading, readingOf, type Envelope } from "../../src/recording/frame-reading.ts";
import { SPELLINGS } from "../support/spellings.ts";
import { textEntry } from "./sample.ts";

const NASTY = 'a "quoted" \\ {"type":"event","event":"x"}';

const FRAMES: readonly (readonly [frame: object, envelope: Envelope])[] = [
  [
    { type: "req", id: "1", method: "agent", params: { message: NASTY } },
    { type: "req", id: "1", method: "agent" },
  ],
  [
    { type: "req", id: NASTY, method: "health" },
    { type: "req", id: NASTY, method: "health" },
  ],
  [
    { type: "res", id: "1", ok: true, payload: { ok: false, type: "hello-ok" } },
    { type: "res", id: "1", ok: true },
  ],
  [
    { type: "res", id: "é", ok: false, error: { code: "X", message: NASTY } },
    { type: "res", id: "é", ok: false },
  ],
  [
    { type: "event", event: "tick", seq: 7, payload: { id: "1", method: "agent", type: "req" } },
    { type: "event", event: "tick" },
  ],
  [
    { type: "event", event: "constructor", payload: null },
    { type: "event", event: "constructor" },
  ],
];

describe.each(SPELLINGS)("a frame %s", (_name, write) => {
  test.each(FRAMES)("%j says what it is about", (frame, envelope) => {
    expect(new FrameReading(write(frame)).envelope).toEqual(envelope);
    // Whether it was read whole before makes no difference.
    const read = new FrameReading(write(frame));
    expect(read.parsed).toMatchObject({ ok: true, frame: { type: envelope.type } });
    expect(read.envelope).toEqual(envelope);
  });
});

test.each([
  "",
  "{",
  "[]",
  "null",
  "pong",
  '{"type":"req","id":"1"}',
  '{"type":"req","id":1,"method":"agent"}',
  '{"type":"res","id":"1","ok":"yes"}',
  '{"type":"hello","id":"1","method":"agent","ok":true,"event":"e"}',
  '{"params":{"type":"req","id":"1","method":"agent"}}',
  '["type":"req","id":"1","method":"agent"]',
])("%s is no frame", (text) => {
  expect(new FrameReading(text).envelope).toBeNull();
});

test("a frame is read once, and a known reading serves for the same text only", () => {
  const entry = textEntry('{"type":"event","event":"tick"}');
  const reading = readingOf(entry);
  expect(reading?.parsed).toBe(reading?.parsed);
  expect(readingOf(entry, reading)).toBe(reading);
  expect(readingOf(textEntry('{"type":"event","event":"tock"}'), reading)?.envelope).toEqual({
    type: "event",
    event: "tock",
  });
  expect(readingOf({ ...entry, message: { type: "ping", bytes: new Uint8Array() } })).toBeNull();
});
