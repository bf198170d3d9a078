import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createRedactor, type Redactor } from "../../src/redaction/redaction.ts";
import { textEntry } from "../recording/sample.ts";

const PLACEHOLDER = /<redacted:[a-z]+:[0-9a-f]{8}>/g;
const TOKEN = "gW-4711-token-of-the-gateway";

function redact(redactor: Redactor, text: string, connection = 1): string {
  const entry = redactor.redact({ ...textEntry(text), connection });
  return entry.kind === "message" && entry.message.type === "text" ? entry.message.text : "";
}

function connectWith(token: string): string {
  return JSON.stringify({ type: "req", id: "1", method: "connect", params: { auth: { token } } });
}

describe("one registry for the whole recording", () => {
  test("what a client identifies itself by is never forgotten, whatever comes after it", () => {
    const redactor = createRedactor("credentials");
    redact(redactor, connectWith(TOKEN));
    for (let round = 0; round < 30; round += 1) {
      const secrets = Array.from({ length: 500 }, () => randomBytes(12).toString("hex"));
      redact(redactor, JSON.stringify({ type: "event", payload: { tokens: secrets } }), 3);
    }
    expect(redact(redactor, `echo ${TOKEN}`, 2)).toMatch(/^echo <redacted:token:[0-9a-f]{8}>$/);
  });

  test("what was seen in passing is remembered while it is among the last thousands", () => {
    const redactor = createRedactor("credentials");
    const secrets = Array.from({ length: 9000 }, () => randomBytes(12).toString("hex"));
    for (let from = 0; from < secrets.length; from += 500) {
      redact(redactor, JSON.stringify({ payload: { tokens: secrets.slice(from, from + 500) } }));
    }
    const last = secrets.slice(-4000);
    expect(redact(redactor, last.join(" "), 2).match(PLACEHOLDER)).toHaveLength(4000);
  });

  test("what is known before the recording begins is found in its first message", () => {
    const redactor = createRedactor(
      "credentials",
      new Map([TOKEN, "short", "operator"].map((secret) => [secret, "token"])),
    );
    const text = JSON.stringify({ payload: { text: `the token is ${TOKEN}`, role: "operator" } });
    expect(redact(redactor, text).replaceAll(PLACEHOLDER, "#")).toBe(
      '{"payload":{"text":"the token is #","role":"operator"}}',
    );
  });

  test("a client cannot make the frames of others unreadable by what it calls its secret", () => {
    const redactor = createRedactor("credentials");
    const frame = JSON.stringify({
      type: "event",
      event: "agent",
      seq: 12,
      payload: { runId: "r1", stream: "assistant", data: { delta: "it is so" }, ts: 1795401397071 },
    });
    for (const secret of [
      '"type":"event"',
      '"seq":12',
      'e":"agent","s',
      "payload",
      "assistant",
      "assista",
      "179540",
      "gent",
    ]) {
      redact(redactor, connectWith(secret));
    }
    expect(redact(redactor, frame, 2)).toBe(frame);
  });

  test("a number that is a secret leaves JSON that is JSON", () => {
    const redactor = createRedactor("credentials");
    redact(redactor, '{"params":{"auth":{"password":482913}}}');
    const later = redact(redactor, '{"a":482913,"b":[482913, 1482913],"c":"482913"}', 2);
    expect(JSON.parse(later)).toEqual({
      a: expect.stringMatching(PLACEHOLDER),
      b: [expect.stringMatching(PLACEHOLDER), 1482913],
      c: expect.stringMatching(PLACEHOLDER),
    });
  });
});

describe("a secret that is known is found", () => {
  const inBytes = Buffer.from(`user:${TOKEN} and more`);
  test.each([
    ["in base64", inBytes.toString("base64")],
    ["in base64 for URLs", inBytes.toString("base64url")],
    ["in hexadecimal", inBytes.toString("hex")],
    ["in large hexadecimal", inBytes.toString("hex").toUpperCase()],
    ["percent-encoded", encodeURIComponent(`a=${TOKEN}&b`)],
    [
      "every letter of it percent-encoded",
      [...inBytes].map((byte) => `%${byte.toString(16)}`).join(""),
    ],
    ["percent-encoded twice", encodeURIComponent(encodeURIComponent(`"${TOKEN}"`))],
    ["in JSON in JSON in a URL", encodeURIComponent(JSON.stringify(JSON.stringify({ a: TOKEN })))],
    [
      "by the numbers of its letters",
      TOKEN.replaceAll(/./g, (one) => `\\u00${one.charCodeAt(0).toString(16)}`),
    ],
  ])("%s", (_, hidden) => {
    const redactor = createRedactor("credentials");
    redact(redactor, connectWith(TOKEN));
    for (const text of [hidden, JSON.stringify({ text: `it is ${hidden}` })]) {
      const left = redact(redactor, text, 2);
      expect(left).toMatch(PLACEHOLDER);
      expect(left).not.toContain(hidden.slice(10, -10));
    }
  });
});
