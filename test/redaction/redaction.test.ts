import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { NewEntry } from "../../src/recording/entry.ts";
import type { BodyContent } from "../../src/wire/message.ts";
import { createRedactor } from "../../src/redaction/redaction.ts";
import { createRecording } from "../../src/recorder/writer.ts";
import type { Message } from "../../src/wire/message.ts";
import { CAPTURES, readCapture } from "../captures/captures.ts";
import { temporaryFolder, textEntry } from "../recording/sample.ts";
import { HEADER } from "../support/traces.ts";

const times = { atMs: 1, wallMs: 1, connection: 1 } as const;
const PLACEHOLDER = /<redacted:[a-z]+:[0-9a-f]{8}>/g;

/** What becomes of texts on one connection, one after the other. */
function redactTexts(...texts: readonly string[]): string[] {
  const redactor = createRedactor("credentials");
  return texts.map((text) => {
    const entry = redactor.redact(textEntry(text));
    return entry.kind === "message" && entry.message.type === "text" ? entry.message.text : "";
  });
}

/** The same for one text, with every placeholder written as `#`. */
function redactOne(text: string): string {
  return redactTexts(text)[0]?.replaceAll(PLACEHOLDER, "#") ?? "";
}

function connectFrame(auth: unknown): string {
  return JSON.stringify({ type: "req", id: "1", method: "connect", params: { auth } });
}

describe("frames", () => {
  test.each([
    [
      "connect",
      '{"type":"req","id":"1","method":"connect","params":{"role":"operator","auth":{"token":"t","password":"p","x":["q"]},"device":{"id":"d","publicKey":"k","signature":"s","nonce":"n"}}}',
      '{"type":"req","id":"1","method":"connect","params":{"role":"operator","auth":{"token":"#","password":"#","x":["#"]},"device":{"id":"d","publicKey":"k","signature":"#","nonce":"n"}}}',
    ],
    [
      "hello-ok",
      '{"payload":{"type":"hello-ok","auth":{"role":"operator","scopes":["operator.read"],"method":"token","deviceToken":"a","deviceTokens":[{"deviceToken":"b","role":"node","scopes":[]}]}}}',
      '{"payload":{"type":"hello-ok","auth":{"role":"operator","scopes":["operator.read"],"method":"token","deviceToken":"#","deviceTokens":[{"deviceToken":"#","role":"node","scopes":[]}]}}}',
    ],
    [
      "a rotated token",
      '{"ok":true,"payload":{"token":"a","role":"node"}}',
      '{"ok":true,"payload":{"token":"#","role":"node"}}',
    ],
    [
      "spaces and order",
      ' { "b" : 1.50, "token" : "x" , "b":2 }\n',
      ' { "b" : 1.50, "token" : "#" , "b":2 }\n',
    ],
    ["escapes elsewhere", '{"token":"x","t":"\\u00e9\\/"}', '{"token":"#","t":"\\u00e9\\/"}'],
    ["an escaped key", '{"tok\\u0065n":"x","token":"y"}', '{"tok\\u0065n":"#","token":"#"}'],
    [
      "JSON in a string",
      '{"raw":"{ \\"token\\": \\"x\\" }"}',
      '{"raw":"{ \\"token\\": \\"#\\" }"}',
    ],
    [
      "JSON in JSON in a string",
      JSON.stringify({ a: JSON.stringify({ b: JSON.stringify({ token: "x" }) }) }),
      JSON.stringify({ a: JSON.stringify({ b: JSON.stringify({ token: "#" }) }) }),
    ],
    ["JSON5 in a string", `{"raw":"{ token: 'x', port: 1 }"}`, `{"raw":"{ token: '#', port: 1 }"}`],
    [
      "configuration",
      '{"id":"1","method":"config.set","params":{"value":"x"}}',
      '{"id":"1","method":"config.set","params":{"value":"#"}}',
    ],
    [
      "a capability URL",
      '{"canvas":"http://h/__openclaw__/cap/w7pJd3_l22Nh"}',
      '{"canvas":"http://h/__openclaw__/cap/#"}',
    ],
    [
      "a URL with a token",
      '{"url":"http://h/?a=1&token=abc&b=2#password=x"}',
      '{"url":"http://h/?a=1&token=#&b=2#password=#"}',
    ],
    [
      "a URL with a password",
      '{"url":"postgres://me:pass@h/db"}',
      '{"url":"postgres://me:#@h/db"}',
    ],
    [
      "a bearer in prose",
      '{"text":"curl -H \\"Authorization: Bearer abc123\\" h"}',
      '{"text":"curl -H \\"Authorization: Bearer #\\" h"}',
    ],
    ["a model provider's key", '{"text":"use sk-ant-api03-0123456789"}', '{"text":"use #"}'],
    [
      "a private key",
      '{"k":"-----BEGIN PRIVATE KEY-----\\nAA\\n-----END PRIVATE KEY-----\\nx"}',
      '{"k":"#\\nx"}',
    ],
    [
      "an environment",
      '{"env":{"GITHUB_TOKEN":"x","HOME":"/h"}}',
      '{"env":{"GITHUB_TOKEN":"#","HOME":"/h"}}',
    ],
    ["no JSON", "token=abc password: hunter2 and more", "token=# password: # and more"],
    ["half a frame", '{"auth":{"token":"abc","x', '{"auth":{"token":"#","x'],
  ])("%s", (_, text, expected) => {
    expect(redactOne(text)).toBe(expected);
  });

  test.each([
    '{"payload":{"usage":{"totalTokens":12,"maxTokens":4096},"tokenCount":3,"tokens":123}}',
    '{"payload":{"authMode":"token","sessionKey":"agent:main:main","token":"__OPENCLAW_REDACTED__"}}',
    '{"error":{"message":"unauthorized: gateway token mismatch (set gateway.remote.token to match gateway.auth.token)"}}',
    '{"error":{"message":"invalid token: expired"}}',
    '{"schema":{"token":{"type":"string","title":"Token"}}}',
    '{"payload":{"token":"<redacted:token:0123abcd>"}}',
    '{"token":""}',
    '{"text":"the bearer of this"}',
    "not json, nothing secret",
    "",
  ])("leaves %s", (text) => {
    expect(redactTexts(text)).toEqual([text]);
  });

  test("answers to secrets.* hold secrets under any name", () => {
    const [, event, answer, other] = redactTexts(
      '{"type":"req","id":"s1","method":"secrets.resolve","params":{"targetIds":["a"]}}',
      '{"type":"event","event":"x","payload":{"plain":"abc"}}',
      '{"type":"res","id":"s1","ok":true,"payload":{"list":[{"path":"a.b","plain":"abcdef"}]}}',
      '{"type":"res","id":"s2","ok":true,"payload":{"plain":"ghi","echo":"abcdef"}}',
    );
    expect(event).toContain('"abc"');
    expect(answer).toMatch(/"path":"a\.b","plain":"<redacted:secret:/);
    expect(other).toMatch(/"plain":"ghi","echo":"<redacted:secret:/);
  });

  test("a secret in a key is found once it is known", () => {
    const [, later] = redactTexts(connectFrame({ token: "abcdefg" }), '{"abcdefg":1}');
    expect(later?.replaceAll(PLACEHOLDER, "#")).toBe('{"#":1}');
  });

  test("short secrets are taken out only where they stand", () => {
    const [first, later] = redactTexts(connectFrame({ password: "conn" }), '{"method":"connect"}');
    expect(first).not.toContain('"conn"');
    expect(later).toBe('{"method":"connect"}');
  });

  test("equal secrets stay equal, different ones different, and another recording tells nothing", () => {
    const frames = ["abcdefg", "abcdefg", "gfedcba"].map((token) => connectFrame({ token }));
    const [a, b, c] = redactTexts(...frames);
    expect(a).toBe(b);
    expect(a).not.toBe(c);
    expect(redactTexts(...frames)[0]).not.toBe(a);
  });

  test("policy off changes nothing", () => {
    const entry = textEntry(connectFrame({ token: "abcdefg" }));
    expect(createRedactor("off").redact(entry)).toBe(entry);
  });
});

describe("a secret once seen", () => {
  const secret = fc.oneof(
    fc.string({ minLength: 6, maxLength: 40 }),
    fc.string({ minLength: 6, maxLength: 40, unit: "binary" }),
    fc.base64String({ minLength: 8, maxLength: 60 }),
    fc.constantFrom(
      'a"b\\c/d',
      "pässwörd",
      "line\nbreak",
      "<&'=+>",
      "🦞🦞🦞",
      "$&$1$$x",
      "a.*b+c?",
    ),
  );
  const elsewhere = fc.constantFrom<(secret: string) => string>(
    (s) => s,
    (s) => `before ${s} after`,
    (s) => JSON.stringify({ text: `x ${s} y` }),
    (s) => JSON.stringify({ [s]: [s] }),
    (s) => JSON.stringify({ a: JSON.stringify({ b: s }) }),
    (s) => JSON.stringify({ a: JSON.stringify({ b: JSON.stringify([s]) }) }),
    (s) => JSON.stringify(s).replaceAll("/", "\\/"),
    (s) => `{"a":"${numbered(s, false)}"}`,
    (s) => `{"a":"${numbered(s, true)}"}`,
  );

  function numbered(text: string, upper: boolean): string {
    return text
      .split("")
      .map((unit) => {
        const code = unit.charCodeAt(0).toString(16).padStart(4, "0");
        return `\\u${upper ? code.toUpperCase() : code}`;
      })
      .join("");
  }

  /** A text without any backslash and number that could spell something. */
  function spelledOut(text: string): string {
    let plain = text;
    for (let i = 0; i < 4; i += 1) {
      plain = plain
        .replaceAll(/\\u([0-9a-fA-F]{4})/g, (_, code: string) =>
          String.fromCharCode(Number.parseInt(code, 16)),
        )
        .replaceAll("\\n", "\n")
        .replaceAll(/\\(["\\/])/g, "$1");
    }
    return plain;
  }

  test("survives nowhere, in neither direction, in whatever way it is written", () => {
    fc.assert(
      fc.property(secret, fc.array(elsewhere, { minLength: 1, maxLength: 4 }), (value, places) => {
        // What is part of a placeholder or of the frame around cannot be told from it.
        fc.pre(!"<redacted:token:0123456789abcdef>".includes(value));
        // Nobody has a secret of blanks, quotes and digits alone.
        fc.pre(/\p{L}/u.test(value) || (/\p{N}/u.test(value) && !value.includes('"')));
        const texts = places.map((place) => place(value));
        const [first = "", ...later] = redactTexts(connectFrame({ token: value }), ...texts);
        expect(JSON.parse(first).params.auth.token).toMatch(/^<redacted:token:/);
        for (const text of later) {
          expect(text).toMatch(PLACEHOLDER);
          expect(spelledOut(text)).not.toContain(value);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("survives in no message, close reason, header or target", () => {
    const redactor = createRedactor("credentials");
    const token = "secret-token-1";
    redactor.redact(textEntry(connectFrame({ token })));
    const bytes = new Uint8Array(Buffer.from(`\u0000 ${token} é`));
    const invalid = new Uint8Array([0xff, ...Buffer.from(token), 0xfe]);
    const messages: readonly Message[] = [
      { type: "binary", bytes },
      { type: "ping", bytes },
      { type: "pong", bytes: invalid },
      { type: "close", code: 1008, reason: `bad ${token}` },
    ];
    const common = { atMs: 1, wallMs: 1, connection: 1, redacted: false };
    const entries: readonly NewEntry[] = [
      ...messages.map((message): NewEntry => ({
        ...common,
        kind: "message",
        from: "gateway",
        message,
        sizeBytes: 9,
      })),
      { ...common, kind: "http-request", method: "GET", target: `/${token}`, headers: [] },
      { ...common, kind: "http-response", status: 200, reason: "", headers: [["X-Any", token]] },
    ];
    for (const entry of entries) {
      const redacted = redactor.redact(entry);
      expect(redacted).toMatchObject({ redacted: true });
      expect(plainText(redacted)).not.toContain(token);
      expect(plainText(redacted)).toMatch(PLACEHOLDER);
    }
    const undecodable: NewEntry = {
      ...common,
      kind: "undecodable",
      from: "client",
      reason: token,
      sizeBytes: 3,
      bytes,
    };
    expect(redactor.redact(undecodable)).toMatchObject({
      reason: expect.stringMatching(PLACEHOLDER),
      bytes: new Uint8Array(),
      sizeBytes: 3,
    });
  });

  test("is known on all connections, also when its own has ended", () => {
    const redactor = createRedactor("credentials");
    redactor.redact(textEntry(connectFrame({ token: "abcdefg" })));
    redactor.redact({
      kind: "closed",
      atMs: 1,
      wallMs: 1,
      connection: 1,
      by: "client",
      how: "fin",
      error: null,
    });
    const later = { ...textEntry("echo: abcdefg"), connection: 2 };
    expect(plainText(redactor.redact(later))).toMatch(PLACEHOLDER);
  });
});

describe("HTTP", () => {
  test.each([
    ["Authorization", "Bearer abc", "Bearer #"],
    ["authorization", "abc def", "#"],
    ["Proxy-Authorization", "Basic dXNlcjpodW50ZXIyMg==", "Basic #"],
    ["Cookie", "a=1; session=xyz", "a=#; session=#"],
    ["Set-Cookie", "sid=abc; Path=/; HttpOnly", "sid=#; Path=/; HttpOnly"],
    ["X-OpenClaw-Token", "abc", "#"],
    ["Sec-WebSocket-Protocol", "openclaw, openclaw.auth.9nCV1ddqHwHmsEqe", "openclaw, #"],
    ["Sec-WebSocket-Key", "9nCV1ddqHwHmsEqe15k3Ig==", "9nCV1ddqHwHmsEqe15k3Ig=="],
    ["Location", "/x?token=abc&y=1", "/x?token=#&y=1"],
    ["Host", "127.0.0.1:18789", "127.0.0.1:18789"],
  ])("%s: %s", (name, value, expected) => {
    const entry = createRedactor("credentials").redact({
      kind: "http-response",
      ...times,
      status: 200,
      reason: "",
      headers: [[name, value]],
      redacted: false,
    });
    expect(entry).toMatchObject({ redacted: value !== expected });
    expect(plainText(entry).replaceAll(PLACEHOLDER, "#")).toContain(`${name}: ${expected}\n`);
  });

  test.each([
    ["/?token=abc&x=1", "/?token=#&x=1"],
    ["/ws?x=1;auth=abc", "/ws?x=1;auth=#"],
    ["/__openclaw__/cap/abc/x", "/__openclaw__/cap/#/x"],
    ["/?x=1", "/?x=1"],
    ["/tokens/5", "/tokens/5"],
  ])("target %s", (target, expected) => {
    const entry = createRedactor("credentials").redact({
      kind: "http-request",
      ...times,
      method: "GET",
      target,
      headers: [],
      redacted: false,
    });
    expect(entry).toMatchObject({ redacted: target !== expected });
    expect(plainText(entry).replaceAll(PLACEHOLDER, "#")).toContain(` ${expected}\n`);
  });

  test("a password sent as Basic is known afterwards", () => {
    const redactor = createRedactor("credentials");
    const authorization = `Basic ${Buffer.from("me:hunter22:x").toString("base64")}`;
    redactor.redact({
      kind: "http-request",
      ...times,
      method: "GET",
      target: "/",
      headers: [["Authorization", authorization]],
      redacted: false,
    });
    expect(plainText(redactor.redact(textEntry("hunter22:x")))).toMatch(PLACEHOLDER);
  });
});

test("a body is looked into as a message is, and a secret of the head is known in it", () => {
  const redactor = createRedactor("credentials");
  const head = {
    kind: "http-request",
    ...times,
    method: "POST",
    target: "/tools/invoke",
    headers: [["Authorization", "Bearer hunter22x"]],
    redacted: false,
  } as const;
  redactor.redact(head);
  const body = (content: BodyContent): NewEntry =>
    redactor.redact({
      kind: "http-body",
      ...times,
      from: "client",
      content,
      omitted: null,
      sizeBytes: 9,
      redacted: false,
    });
  const text = '{"tool":"x","args":{"apiKey":"k1","note":"hunter22x","task":"say hi"}}';
  const redacted = body({ type: "text", text });
  expect(redacted).toMatchObject({ redacted: true });
  expect(plainText(redacted).replaceAll(PLACEHOLDER, "#")).toBe(
    '{"tool":"x","args":{"apiKey":"#","note":"#","task":"say hi"}}',
  );
  const bytes = Buffer.concat([Uint8Array.of(255), Buffer.from("hunter22x")]);
  expect(plainText(body({ type: "binary", bytes })).replaceAll(PLACEHOLDER, "#")).toBe("ÿ#");
});

/** Every text in an entry, bytes read as text. */
function plainText(entry: NewEntry): string {
  switch (entry.kind) {
    case "message":
      if (entry.message.type === "text") return entry.message.text;
      if (entry.message.type === "close") return entry.message.reason;
      return Buffer.from(entry.message.bytes).toString("latin1");
    case "http-request":
    case "http-response": {
      const headers = entry.headers.map(([name, value]) => `${name}: ${value}\n`).join("");
      return entry.kind === "http-request"
        ? `${entry.method} ${entry.target}\n${headers}`
        : headers;
    }
    case "http-body":
      if (entry.content === null) return "";
      return entry.content.type === "text"
        ? entry.content.text
        : Buffer.from(entry.content.bytes).toString("latin1");
    case "undecodable":
      return entry.reason + Buffer.from(entry.bytes).toString("latin1");
    default:
      return "";
  }
}

describe("a long message", () => {
  test.each([
    ["of one letter", "a"],
    ["of backslashes", "\\"],
    ["of quotes", '"'],
    ["of names", "token"],
    ["of names and colons", "token: "],
    ["of beginnings of URLs", "://"],
    ["of beginnings of keys", "sk-"],
    ["of beginnings of web tokens", "eyJa-"],
    ["of private keys without end", "-----BEGIN PRIVATE KEY-----"],
    ["of open brackets", '["token",'],
    ["of numbers", "\\u0041"],
    ["of spaces", "token "],
    ["of names and open quotes", "token:'"],
    ["of names and escaped quotes", String.raw`token:\"`],
    ["of assignments", "token=$"],
    ["of flags", "--token "],
    ["of users", "-u a"],
    ["of users in URLs", "://a:"],
    ["of parts of keys", "SG.a."],
    ["of beginnings of armour", "-----BEGIN "],
    ["of ids of keys", "AKIAAAAAAAAAAAAAAAAA/"],
    ["of schemes", "bearer "],
    ["of percent codes", "%25"],
    ["of names in URLs", "token%3D"],
    ["of queries", "?a="],
    ["of brackets", "tokens["],
    ["of digits", "111111:"],
    ["of dots", "aaaaaaa."],
    ["of cookies", "cookie: a=b;"],
    ["of lists", 'passwords: ["'],
    ["of placeholders", "<redacted:token:"],
    ["of fields", "&"],
    ["of what nearly is a secret", `${"a1".repeat(127)}c`],
    ["of what is one", "a1"],
  ])("%s takes no more than its length", (_, piece) => {
    const text = `token=abcdefg ${piece.repeat(300_000 / piece.length)}`;
    const quoted = JSON.stringify({ token: "gfedcba", text });
    const nested = JSON.stringify({ a: quoted });
    // Secrets that a hostile client would choose.
    const hard = connectFrame({ a: "a1".repeat(1000), b: String.raw`/+"\x%b1`, c: "a b/c d" });
    const [, first, second, third] = redactTexts(hard, text, quoted, nested);
    expect(third).not.toContain("gfedcba");
    expect(first).not.toContain("abcdefg");
    expect(second).not.toContain("gfedcba");
  });
});

const SECRET_PLACE =
  /(?:"(?:token|password|deviceToken|bootstrapToken|signature|recoveryScope)":"|\/__openclaw__\/cap\/)<redacted:[a-z]+:[0-9a-f]{8}>/g;

describe("real captures", () => {
  test("no credential of any of them reaches the disk, and nothing else is lost", async () => {
    const folder = await temporaryFolder();
    let found = 0;
    for (const name of CAPTURES) {
      const entries = readCapture(name);
      const path = join(folder, `${name.replaceAll("/", "-")}.gwtrace`);
      const writer = await createRecording(path, HEADER);
      const stored = entries.map((entry) => writer.append(entry));
      await writer.close();
      const text = stored.map(plainText).join("\n");
      const placeholders = text.match(PLACEHOLDER)?.length ?? 0;
      found += placeholders;
      // No word, id, hash or path that the protocol needs is taken for a secret.
      expect({ name, atPlaces: text.match(SECRET_PLACE)?.length ?? 0 }).toEqual({
        name,
        atPlaces: placeholders,
      });
      const canaries = new Set(entries.flatMap(credentialsIn)).add("secret-token-1");
      expect({ name, kept: [...canaries].filter((canary) => text.includes(canary)) }).toEqual({
        name,
        kept: [],
      });
      expect(stored.map(shapeOf)).toEqual(entries.map(shapeOf));
    }
    expect(found).toBeGreaterThan(1000);
  });
});

/** The credentials that a capture is known to hold, found without the code under test. */
function credentialsIn(entry: NewEntry): string[] {
  const pattern =
    /"(?:token|password|deviceToken|bootstrapToken|signature)":"([^"]{6,})"|\/cap\/([\w-]+)/g;
  return [...plainText(entry).matchAll(pattern)]
    .map(([, named, capability]) => named ?? capability ?? "")
    .filter((value) => value !== "__OPENCLAW_REDACTED__");
}

/** The shape of a frame: every key in order, and every value that is no text. */
function shapeOf(entry: NewEntry): string {
  return plainText(entry).replaceAll(/:"(?:[^"\\]|\\.)*"/g, ':""');
}
