import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Entry, NewEntry } from "../../src/recording/entry.ts";
import {
  challenge,
  client,
  close,
  connect,
  conversation,
  event,
  gateway,
  helloOk,
  numbered,
  ok,
  refused,
  req,
} from "../support/conversation.ts";
import { everything, frames, scrub, scrubbed } from "./scrubbed.ts";

const LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789".split("");

/** A text that nobody says by chance, and no word of the protocol: always with a capital and digits. */
const canary = fc
  .array(fc.constantFrom(...LETTERS), { minLength: 14, maxLength: 24 })
  .map((letters) => `Zq7${letters.join("")}`);

/** How a text may be hidden in another. */
const hidings: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => `here it is: ${text}, as you asked`,
  (text) => JSON.stringify({ note: { inner: [text] } }),
  (text) => JSON.stringify({ outer: JSON.stringify({ note: text }) }),
  (text) => Buffer.from(`the value is ${text}`).toString("base64"),
  (text) => `https://example.com/a/${encodeURIComponent(text)}?x=${text}#y`,
];

/** Everywhere that a Gateway or its clients put a string which is not a word of the protocol itself. */
function everywhere(at: (place: string) => string): readonly NewEntry[] {
  const spoken = conversation(
    {
      origin: `http://${at("origin")}.example.com`,
      headers: [
        ["X-Note", at("header")],
        ["User-Agent", at("agent")],
        ["Tailscale-User-Login", at("login")],
      ],
    },
    challenge(at("nonce")),
    client({
      type: "req",
      id: at("frame"),
      method: "connect",
      traceparent: at("trace"),
      params: {
        minProtocol: 3,
        maxProtocol: 4,
        client: {
          id: "cli",
          mode: "cli",
          version: "2026.9.6",
          platform: "linux",
          displayName: at("name"),
          instanceId: at("instance"),
        },
        role: "operator",
        scopes: ["operator.read"],
        auth: { token: at("token"), password: at("password") },
        device: {
          id: at("device"),
          publicKey: at("key"),
          signature: at("signature"),
          nonce: at("nonce"),
        },
        locale: at("locale"),
        userAgent: at("agent"),
        pathEnv: at("env"),
      },
    }),
    gateway({
      type: "res",
      id: at("frame"),
      ok: true,
      payload: {
        type: "hello-ok",
        protocol: 4,
        server: { version: "2026.9.6", connId: at("conn"), host: at("host") },
        snapshot: {
          presence: [{ host: at("host"), text: at("presence"), instanceId: at("instance") }],
          stateDir: `/home/${at("user")}/state`,
        },
        auth: { role: "operator", scopes: ["operator.read"], deviceToken: at("devicetoken") },
      },
    }),
    req("c1", "chat.send", {
      sessionKey: `agent:main:${at("session")}`,
      message: at("message"),
      idempotencyKey: at("run"),
      attachments: [{ name: at("file"), content: at("attachment") }],
    }),
    ok("c1", { runId: at("run"), status: "accepted", [at("jsonkey")]: 1 }),
    event(
      "agent",
      {
        runId: at("run"),
        stream: "tool",
        data: {
          phase: "start",
          name: at("tool"),
          args: { command: at("command"), deep: [[{ x: at("deep") }]] },
          result: at("result"),
        },
      },
      1,
    ),
    event(
      "chat",
      {
        runId: at("run"),
        state: "final",
        message: { role: "assistant", content: [{ type: "text", text: at("answer") }] },
      },
      2,
    ),
    req("c2", "sessions.list", { search: at("search") }),
    refused("c2", "INVALID_REQUEST", `no such session: ${at("error")}`, {
      code: "X",
      hint: at("hint"),
    }),
    client(`not JSON at all, ${at("garbage")}`),
    close("gateway", 1008, `no more of ${at("reason")}`),
  );
  const body = { kind: "http-body", atMs: 900, wallMs: 0, connection: 2, redacted: false } as const;
  const text = JSON.stringify({ tool: "sessions_spawn", args: { task: at("task") } });
  return [
    ...spoken,
    { ...body, from: "client", content: { type: "text", text }, omitted: null, sizeBytes: 9 },
    {
      ...body,
      from: "gateway",
      content: { type: "binary", bytes: Buffer.from(at("bytes")) },
      omitted: null,
      sizeBytes: 9,
    },
  ];
}

describe("content", () => {
  test("a text planted anywhere is gone, however it is hidden", () => {
    fc.assert(
      fc.property(canary, fc.nat({ max: hidings.length - 1 }), (text, which) => {
        const hide = hidings[which] ?? String;
        const entries = scrubbed(
          [
            everywhere((place) =>
              /^(?:origin|agent|login|frame)$/.test(place) ? text : hide(text),
            ),
          ],
          "content",
        );
        const left = everything(entries);
        expect(left).not.toContain(text);
        expect(left).not.toContain(Buffer.from(text).toString("base64").slice(4, 16));
      }),
      { numRuns: 60 },
    );
  });

  test("texts keep their length, equal ones stay equal, and others do not become so", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 8, maxLength: 60 }), { minLength: 2, maxLength: 8 }),
        (texts) => {
          const steps = texts.map((text, index) => req(`${index}`, "chat.send", { message: text }));
          const after = frames(scrubbed([conversation({}, ...steps)], "content")).map(
            ({ params }) => String(params.message),
          );
          expect(after.map(({ length }) => length)).toEqual(texts.map(({ length }) => length));
          for (const [left, text] of texts.entries())
            for (const [right, other] of texts.entries())
              expect(after[left] === after[right]).toBe(text === other);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe("what a tool is given and gives back", () => {
  const FIELDS = "status kind type mode role method reason event state scope phase code id stream name".split(" ");
  const words = Object.fromEntries(FIELDS.map((field) => [field, `Patient Peter is ill of ${field}`]));
  const single = Object.fromEntries(FIELDS.map((field) => [field, "Peter"]));
  const carried = { ...words, more: [single], Peter: { Smith: 71 }, "Anna Smith": 1 };
  const steps = [
    req("c1", "chat.send", { message: "hi", args: carried }),
    event("agent", { runId: "r1", stream: "tool", data: { phase: "start", name: "notes", args: carried } }, 1),
    event("agent", { runId: "r1", stream: "tool", data: { phase: "result", name: "notes", result: carried } }, 2),
    event("chat", { runId: "r1", state: "final", message: { role: "assistant", content: [{ type: "toolCall", name: "notes", arguments: carried }, { type: "text", text: "Peter" }] } }, 3),
    ok("c1", { output: carried, results: [carried] }),
  ];

  test("at content holds no word of theirs under any name, nor as a name", () => {
    const after = scrubbed([conversation({}, ...steps)], "content");
    expect(everything(after)).not.toMatch(/Peter|Patient|Anna|Smith|\b71\b/);
    // What the protocol itself says stays.
    const [, start, , chat] = frames(after);
    expect(start).toMatchObject({ event: "agent", payload: { stream: "tool", data: { phase: "start" } } });
    expect(chat.payload).toMatchObject({ state: "final", message: { role: "assistant", content: [{ type: "toolCall" }, { type: "text" }] } });
  });

  test("a number that is a password is gone, in JSON of any depth", () => {
    let nested = JSON.stringify({ password: 482913, pin: "7741", token: "abc123def" });
    for (let depth = 0; depth < 11; depth += 1) nested = JSON.stringify({ nested });
    const after = everything(scrubbed([conversation({}, req("c1", "x", { nested, args: { password: 482914 } }))], "credentials"));
    expect(after).not.toMatch(/482913|482914|7741|abc123def/);
  });

  test("what is encoded too often to be looked into is gone as a whole", () => {
    let text = "the token=abc123def is here";
    for (let times = 0; times < 12; times += 1) text = Buffer.from(text).toString("base64");
    const once = scrubbed([conversation({}, req("c1", "x", { text }))], "credentials");
    let left = String(frames(once)[0]?.params.text);
    for (let times = 0; times < 12 && !left.includes("<redacted:"); times += 1) left = Buffer.from(left, "base64").toString();
    expect(left).toMatch(/^<redacted:encoded:/);
    expect(scrub(once, "credentials").flatMap(({ places }) => places)).toEqual([]);
  });
}); // prettier-ignore

describe("credentials", () => {
  const secret = canary.map((text) => `sk-ant-${text}`);

  test("one that is known from its place is gone wherever else it is hidden", () => {
    fc.assert(
      fc.property(
        canary,
        fc.nat({ max: hidings.length - 1 }),
        fc.boolean(),
        (token, which, first) => {
          const said = req("c1", "chat.send", {
            message: hidings[which]?.(token),
            args: { x: token },
          });
          const talk = connect({ auth: { token } });
          // Another connection, and before the place that tells.
          const entries = scrubbed(
            [
              conversation({}, ...(first ? [said, talk] : [talk, said])),
              conversation({ connection: 2, headers: [["Cookie", `s=${token}`]] }, said),
            ],
            "credentials",
          );
          const left = everything(entries);
          expect(left).not.toContain(token);
          expect(left).not.toContain(Buffer.from(`the value is ${token}`).toString("base64"));
        },
      ),
      { numRuns: 60 },
    );
  });

  test("one that comes in pieces is gone from the pieces and from the text that grows", () => {
    fc.assert(
      fc.property(
        secret,
        fc.array(fc.nat({ max: 60 }), { minLength: 1, maxLength: 6 }),
        (token, cuts) => {
          const text = `your key is ${token} and no other`;
          const ends = [
            ...new Set([...cuts.map((cut) => Math.min(cut, text.length)), text.length]),
          ].toSorted((a, b) => a - b);
          const steps = ends.map((end, index) =>
            event(
              "agent",
              {
                runId: "r1",
                stream: "assistant",
                data: { delta: text.slice(ends[index - 1] ?? 0, end), text: text.slice(0, end) },
              },
              index + 1,
            ),
          );
          const after = frames(scrubbed([conversation({}, ...steps)], "credentials")).map(
            ({ payload }) => payload.data,
          );
          expect(after.map(({ delta }) => delta).join("")).toMatch(
            /^your key is <redacted:token:[0-9a-f]{8}> and no other$/,
          );
          // Fewer than six characters of it are no secret.
          const begun = after.map(({ text: grown }) => /your key is (\S*)/.exec(grown)?.[1] ?? "");
          expect(
            begun.filter((part) => part.length >= 6 && !part.startsWith("<redacted:")),
          ).toEqual([]);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe("identifiers", () => {
  /** What the reporter of #77807 took out by hand, and the like. */
  const TRACES: readonly (readonly [what: string, value: string])[] = [
    ["device id", "2b84e07a92a9c1d74b0d0a6a8c3f5e7d9b1a3c5e7f90a1b2c3d4e5f60718293a"],
    ["session key", "agent:main:telegram:direct:491701234567"],
    ["session key of a run", "agent:main:subagent:c01f9f4b-0450-43c8-9d2e-5b7f1a2c3d4e"],
    ["run id", "7f0884de-8983-4530-9e96-a7fe0d71c104"],
    ["tailnet address", "100.101.102.103"],
    ["IPv6 address", "fd7a:115c:a1e0::53"],
    ["host", "gateway-box.tail1234.ts.net"],
    ["local host name", "peters-macbook.local"],
    ["e-mail address", "peter.example+bot@mail.example.com"],
    ["phone number", "+49 170 1234567"],
    ["WhatsApp id", "491701234567@s.whatsapp.net"],
    ["path", "/Users/peter/.openclaw/workspace/notes.md"],
    ["Windows path", String.raw`C:\Users\peter\openclaw\notes.md`],
    ["hash", "sha256:4f3c2b1a09d8e7f6a5b4c3d2e1f00918273645546372819a0b1c2d3e4f506172"],
    ["channel id", "1203630123456789"],
    ["path that is not ASCII", "/Users/josé/Büro/notes.md"],
    ["URL of a file", "file:///home/josé/notes.md"],
    ["phone number of a country", "0170 1234567"],
    ["phone number in groups", "06 12 34 56 78"],
    ["phone number with an area code", "(415) 555-0132"],
    ["phone number with dots", "415.555.0132"],
    ["host under .me", "peters.box.me"],
    ["host under .co", "example.co"],
    ["host under .info", "peter-home.info"],
    ["host under .tech", "gw.peter.tech"],
  ];

  test.each(TRACES)("a %s is gone from prose, URLs, keys and tool arguments: %s", (_, value) => {
    const entries = scrubbed(
      [
        conversation(
          {},
          connect(),
          helloOk(),
          req("c1", "agent", {
            message: `look at ${value} please`,
            args: { x: [value] },
            [value]: { y: 1 },
          }),
          refused("c1", "INVALID_REQUEST", `cannot find ${value}`),
          req("c2", "chat.send", {
            json: JSON.stringify({ a: value }),
            encoded: `u=${encodeURIComponent(value)}`,
          }),
        ),
      ],
      "identifiers",
    );
    const left = everything(entries);
    expect(left).not.toContain(value);
    expect(left).not.toContain(encodeURIComponent(value));
    expect(left).not.toContain(JSON.stringify(JSON.stringify(value)).slice(3, -3));
    expect(left).toContain("look at ");
  });

  test.each(TRACES)("a %s that comes in pieces is gone from the text they make: %s", (_, value) => {
    const text = `look at ${value} please`;
    for (let cut = 1; cut < text.length; cut += 3) {
      const steps = [text.slice(0, cut), text.slice(cut)].map((delta, index) =>
        event("agent", { runId: "r1", stream: "assistant", data: { delta } }, index + 1),
      );
      const pieces = frames(scrubbed([conversation({}, ...steps)], "identifiers"));
      const joined = pieces.map(({ payload }) => payload.data.delta).join("");
      expect(joined).not.toContain(value);
      expect(joined).toMatch(/^look at .* please$/);
    }
  });

  test.each(["2026-11-23 02:29", "01.02.2026 10:30", "v2026.9.6", "1 000 000", "device.pair.approve", "12:30:45", "0.123456789", "10 of 20", "missing scope: operator.read"])(
    "%s is none",
    (value) => {
      const message = `look at ${value} please`;
      const [frame] = frames(scrubbed([conversation({}, req("c1", "agent", { message }))], "identifiers"));
      expect(frame?.params.message).toBe(message);
    },
  ); // prettier-ignore

  const NAMED: readonly (readonly [field: string, value: string | number])[] = [
    ["deviceId", "kitchen-tablet"],
    ["userId", "U02ABCDEF"],
    ["senderName", "Peter Example"],
    ["accountId", "acme-bot"],
    ["channelId", "C02ABCDEF"],
    ["chatId", 491701234567],
    ["threadId", "t-peter"],
    ["runId", "k17k4jm9"],
    ["idempotencyKey", "nightly-build"],
    ["displayName", "Peters Telefon"],
    ["hostname", "kueche"],
    ["taskId", "water-plants"],
  ];

  test.each(NAMED)("what %s names, is gone there and in prose: %s", (field, value) => {
    const entries = scrubbed(
      [
        conversation(
          {},
          req("c1", "agent", { message: `ask ${value} again`, nested: [{ [field]: value }] }),
        ),
      ],
      "identifiers",
    );
    expect(everything(entries)).not.toContain(String(value));
  });

  test("equal values stay equal over connections, so that what belongs together is still seen", () => {
    const run = "7f0884de-8983-4530-9e96-a7fe0d71c104";
    const [first, second] = frames(
      scrubbed(
        [
          conversation(
            {},
            req("c1", "agent", { idempotencyKey: run, sessionKey: "agent:main:main" }),
          ),
          conversation(
            { connection: 2, startMs: 100 },
            event("agent", { runId: run, sessionKey: "agent:main:main" }),
          ),
        ],
        "identifiers",
      ),
    );
    expect(first?.["params"].idempotencyKey).toBe(second?.["payload"].runId);
    expect(first?.["params"].sessionKey).toBe(second?.["payload"].sessionKey);
  });

  test("addresses stay addresses, and loopback stays loopback", () => {
    const [opened] = scrubbed(
      [conversation({ clientAddress: "192.168.1.5:50001", peerAddress: "127.0.0.1:50002" })],
      "identifiers",
    );
    expect(opened).toMatchObject({
      clientAddress: expect.stringMatching(/^198\.1[89]\.\d+\.\d+:50001$/),
      peerAddress: "127.0.0.1:50002",
    });
  });
});

test("a check names the entry and the JSON path; keys, paths and values of the user's own count", () => {
  const entries: readonly Entry[] = numbered(
    conversation(
      {},
      req("c1", "agent", {
        customer: { tier: "gold" },
        rows: [{ note: "blue" }],
        message: "the red door",
      }),
    ),
  );
  const more = { keys: ["Customer"], paths: ["params.rows[].note"], values: ["red door"] };
  const places = scrub(entries, "credentials", more).filter(
    ({ places: found }) => found.length > 0,
  );
  expect(places.map(({ entry, places: found }) => [entry.entry, found])).toEqual([
    [4, ["params.customer.tier", "params.rows[0].note", "params.message"]],
  ]);
  expect(scrub(entries, "credentials").flatMap(({ places: found }) => found)).toEqual([]);
});
