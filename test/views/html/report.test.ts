import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { diagnose } from "../../../src/findings/diagnose.ts";
import type { Entry, NewEntry, RecordingHeader } from "../../../src/recording/entry.ts";
import { openRecording } from "../../../src/recording/reader.ts";
import { TraceBuilder } from "../../../src/trace/build.ts";
import type { Trace } from "../../../src/trace/model.ts";
import { HtmlReport } from "../../../src/views/html/report.ts";
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
} from "../../support/conversation.ts";
import {
  attribute,
  descend,
  elementsOf,
  named,
  textOf,
  type Element,
} from "../../support/parsed-page.ts";
import { HEADER, traceOf } from "../../support/traces.ts";

const RECORDINGS = path.resolve(import.meta.dirname, "../../../recordings");
const SOURCES = path.resolve(import.meta.dirname, "../../../src/views/html");
const SCRIPT = "void 0;";

interface Recorded {
  readonly trace: Trace;
  readonly entries: readonly Entry[];
}

function scripted(
  conversations: readonly (readonly NewEntry[])[],
  name = "scripted",
  header: Partial<RecordingHeader> = {},
): Recorded {
  const trace = traceOf(conversations, { name, header: { ...HEADER, ...header } });
  return { trace, entries: numbered(...conversations) };
}

async function shipped(name: string): Promise<Recorded> {
  await using reader = await openRecording(path.join(RECORDINGS, `${name}.gwtrace`));
  const builder = new TraceBuilder(reader.header);
  const entries: Entry[] = [];
  for await (const entry of reader.entries()) {
    entries.push(entry);
    builder.add(entry);
  }
  const { header, complete, missing, entryCount } = reader;
  return { trace: builder.trace({ name, header, complete, missing, entryCount }), entries };
}

function pageOf(...recorded: readonly Recorded[]): string {
  const traces = recorded.map(({ trace }) => trace);
  const report = new HtmlReport(traces, diagnose(traces));
  for (const [index, { entries }] of recorded.entries())
    for (const entry of entries) report.add(index, entry);
  return report.render(SCRIPT);
}

/** Headings, captions, table rows, findings and steps of a page, one a line. */
function outlineOf(page: string): string {
  const lineOf = (element: Element): readonly string[] => {
    const text = textOf(element);
    switch (element.tagName) {
      case "h1":
      case "h2":
      case "h3":
        return ["", `${"#".repeat(Number(element.tagName.at(1)))} ${text}`];
      case "caption":
        return [`= ${text}`];
      case "tr":
        return [`| ${descend(element).filter(isCell).map(textOf).join(" | ")}`];
      case "dd":
        return [`: ${text}`];
      case "summary":
        return /^#\d/.test(text) ? [text] : [];
      default:
        return [];
    }
  };
  return elementsOf(page).flatMap(lineOf).join("\n");
}

function isCell({ tagName }: Element): boolean {
  return tagName === "td" || tagName === "th";
}

const READABLE = readdirSync(RECORDINGS)
  .filter((file) => file.endsWith(".gwtrace") && file !== "from-the-future.gwtrace")
  .map((file) => path.basename(file, ".gwtrace"));

test.each(READABLE)("the page of %s says what it should", async (name) => {
  expect(outlineOf(pageOf(await shipped(name)))).toMatchSnapshot();
});

test("evidence and contrast link to the frames, over two recordings", async () => {
  const page = pageOf(await shipped("sessions-spawn-77807"), await shipped("direct-agent-control"));
  const elements = elementsOf(page);
  const [finding] = named(elements, "article");
  expect(finding).toBeDefined();
  const links = named(finding === undefined ? [] : descend(finding), "a");
  const targets = links.map((link) => attribute(link, "href"));
  expect(targets).toEqual(
    expect.arrayContaining(["#r1-c1", "#r1-e8", "#r1-e9", "#r2-c2", "#r2-e15"]),
  );
  const step = elements.find((element) => attribute(element, "id") === "r1-e9");
  expect(step === undefined ? "" : textOf(step)).toContain(
    "agent REFUSED missing scope: operator.write",
  );
});

const ALLOWED_ELEMENTS = new Set(
  "html head meta title style body header p h1 h2 h3 ul li b a dl dt dd form label input button output details summary code main section article div table caption thead tbody tr th td small figure figcaption svg g line text rect ol span i script".split(
    " ",
  ),
);
const ALLOWED_ATTRIBUTES = new Set(
  "lang charset http-equiv content name class href id role for type autocomplete autocapitalize spellcheck placeholder aria-describedby aria-label aria-labelledby aria-hidden tabindex scope data-of data-facts hidden width height x y x1 x2 y1 y2 rx text-anchor".split(
    " ",
  ),
);

/** What of a page is not our own: elements, attributes, scripts, links that lead nowhere, characters that steer. */
function intrudersOf(page: string): readonly string[] {
  const elements = elementsOf(page);
  const ids = elements.map((element) => attribute(element, "id")).filter((id) => id !== null);
  const links = named(elements, "a").map((link) => attribute(link, "href") ?? "");
  const steering =
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u200b]/u;
  return [
    ...elements.map(({ tagName }) => tagName).filter((name) => !ALLOWED_ELEMENTS.has(name)),
    ...elements
      .flatMap(({ attrs }) => attrs.map(({ name }) => name))
      .filter((name) => !ALLOWED_ATTRIBUTES.has(name)),
    ...named(elements, "script")
      .map(textOf)
      .filter((text) => text !== SCRIPT),
    ...named(elements, "style").slice(1).map(textOf),
    ...ids.filter((id, index) => ids.indexOf(id) !== index),
    ...links.filter((href) => !href.startsWith("#") || !ids.includes(href.slice(1))),
    ...(steering.exec(page) ?? []),
    ...(page.isWellFormed() ? [] : ["a lone surrogate"]),
  ];
}

function hostile(text: string): Recorded {
  const odd: readonly NewEntry[] = [
    {
      kind: "undecodable",
      from: "client",
      reason: text,
      sizeBytes: 3,
      bytes: new TextEncoder().encode(text),
      atMs: 90,
      wallMs: 90,
      connection: 1,
    },
    {
      kind: "gap",
      reason: text,
      missingEntries: 2,
      missingBytes: 3,
      untilMs: 99,
      atMs: 91,
      wallMs: 91,
      connection: 0,
    },
  ];
  const talk = conversation(
    { origin: text, clientAddress: text, headers: [[text, text]], ends: false },
    challenge(),
    connect({ client: `${text}/cli`, scopes: [text], device: text, version: text, role: text }),
    helloOk({ scopes: [text], version: text }),
    req(text, text, { [text]: [text, { [text]: text }] }),
    refused(text, text, text, { code: text }),
    req("2", text),
    ok("2"),
    event(text, text),
    client(text),
    gateway(text),
    close("gateway", 1008, text),
  );
  return scripted([talk, odd], text, { upstream: text, listen: text, replayOf: [text] });
}

test.each([
  "<script>alert(1)</script>",
  "</script><script>alert(1)</script>",
  "</style></title><img src=x onerror=alert(1)>",
  `"><svg onload=alert(1)>`,
  `' onmouseover='alert(1)' x="`,
  "javascript:alert(1)",
  "<!--", // opens a comment that would swallow the page
  "]]><base href=//evil.example>",
  `{"type":"</script>"}`,
  "\u0000\u202e\u2066\u200b\ufeff\ud800\udfff\u009b2J\u2028",
  "url(https://evil.example/) }*{display:none}",
  "__proto__",
])("hostile text %j stays text wherever it stands", (text) => {
  const page = pageOf(hostile(text));
  expect(intrudersOf(page)).toEqual([]);
  expect(page).not.toContain("<img");
});

test("no text whatever becomes markup", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(intrudersOf(pageOf(hostile(text)))).toEqual([]);
    }),
    { numRuns: 40 },
  );
});

test("values stand in quoted attributes only, and never in a tag name", () => {
  // markup.ts has no templates of a page, and names the style and the script element by a value.
  const templates = readdirSync(SOURCES)
    .filter((file) => file !== "markup.ts")
    .map((file) => readFileSync(path.join(SOURCES, file), "utf8"));
  const guilty = templates.flatMap((source) =>
    Array.from(
      source.matchAll(/(?:<\/?\$\{|=\s*\$\{[^}]*\}\s*[/>]|<\w+\s+\$\{)/g),
      ([found]) => found,
    ),
  );
  expect(guilty).toEqual([]);
});

describe("the policy", () => {
  const elements = elementsOf(pageOf(scripted([])));
  const policy = named(elements, "meta")
    .filter((meta) => attribute(meta, "http-equiv") === "Content-Security-Policy")
    .map((meta) => attribute(meta, "content") ?? "");

  test("lets in nothing but one style and one script, by their hashes", () => {
    expect(policy).toHaveLength(1);
    expect(policy[0]).toMatch(
      /^default-src 'none'; style-src 'sha256-[^' ]+'; script-src 'sha256-[^' ]+'; base-uri 'none'; form-action 'none'$/,
    );
  });

  test("the page names no address to load from", () => {
    const loading = elements.flatMap(({ attrs }) =>
      attrs.filter(({ name }) => ["src", "srcset", "data", "action", "style"].includes(name)),
    );
    expect(loading).toEqual([]);
  });
});

describe("what a reader should know before passing it on", () => {
  const noteOf = (header: Partial<RecordingHeader>) =>
    elementsOf(pageOf(scripted([], "one", header)))
      .filter((element) => attribute(element, "role") === "note")
      .map(textOf)
      .join();

  test("credentials in clear are said first of all", () => {
    expect(noteOf({ redaction: "off" })).toMatch(/^CREDENTIALS IN CLEAR\./);
    const page = pageOf(scripted([], "one", { redaction: "off" }));
    expect(page.indexOf("CREDENTIALS IN CLEAR")).toBeLessThan(page.indexOf("recorded"));
  });

  test("what redaction and each level of scrubbing leave is said", () => {
    expect(noteOf({})).toMatch(/^Credentials are redacted\. Texts, ids and addresses/);
    expect(noteOf({ redaction: "off", scrubbed: "credentials" })).toMatch(
      /^Credentials are redacted/,
    );
    expect(noteOf({ scrubbed: "identifiers" })).toMatch(
      /^Credentials and identifiers were scrubbed/,
    );
    expect(noteOf({ scrubbed: "content" })).toMatch(/^Credentials, identifiers and content/);
  });
});

test("the top of the page tells what happened on many connections once", () => {
  const fail = (connection: number) =>
    conversation(
      { connection, startMs: connection * 100 },
      challenge(),
      connect({ device: "d1", scopes: ["operator.read"] }),
      helloOk({ scopes: ["operator.read"] }),
      req("1", "config.set"),
      refused("1", "INVALID_REQUEST", "missing scope: operator.admin"),
    );
  const topOf = (count: number) =>
    elementsOf(pageOf(scripted(Array.from({ length: count }, (_, index) => fail(index + 1)))))
      .filter((element) => attribute(element, "class") === "summary")
      .map(textOf);
  expect(topOf(2)).toEqual([
    "error config.set was refused: missing scope operator.admin (connections 1, 2)",
  ]);
  expect(topOf(120)).toEqual([
    "error config.set was refused: missing scope operator.admin (120 connections)",
  ]);
});

test("what is missing is said at the top", () => {
  const trace = traceOf([], { complete: false, missing: ["block at byte 9 is damaged"] });
  const page = pageOf({ trace, entries: [] });
  expect(outlineOf(page)).toContain(": block at byte 9 is damaged");
  expect(outlineOf(page)).toContain("NOT COMPLETE");
});

describe("a recording larger than a page", () => {
  const calls = 5000;
  const big = scripted([
    conversation(
      {},
      challenge(),
      connect({ device: "d1", scopes: ["operator.read"] }),
      helloOk({ scopes: ["operator.read"] }),
      ...Array.from({ length: calls }, (_, index) => [
        req(`${index}`, "status", { text: "x".repeat(2000) }),
        index === 4000
          ? refused(`${index}`, "INVALID_REQUEST", "missing scope: operator.admin")
          : ok(`${index}`, { text: "y".repeat(2000) }),
      ]).flat(),
    ),
    ...Array.from({ length: 300 }, (_, index) =>
      conversation({ connection: index + 2, startMs: 20 }, challenge()),
    ),
  ]);
  const page = pageOf(big);
  const elements = elementsOf(page);

  test("stays small, and says how much of it is not shown", () => {
    expect(page.length).toBeLessThan(4_000_000);
    const leftOut = elements
      .filter((element) => attribute(element, "class") === "left-out")
      .map(textOf);
    expect(leftOut).toContain("4,899 more calls not shown in this table, none of them failed.");
    expect(leftOut).toContain("201 more connections not shown on this page.");
    expect(outlineOf(page)).toContain("301 connections, 5,000 calls, 11,507 entries");
  });

  test("shows or counts every entry of each connection that it tells", () => {
    const first = elements.find((element) => attribute(element, "id") === "r1-c1");
    const within = first === undefined ? [] : descend(first);
    const shown = within.filter((element) => attribute(element, "data-facts") !== null).length;
    const counted = within
      .filter((element) => attribute(element, "class") === "left-out")
      .map((element) =>
        Number(
          textOf(element)
            .replace(/ more .*/, "")
            .replaceAll(",", ""),
        ),
      );
    const entries = big.entries.filter(({ connection }) => connection === 1).length;
    expect(shown + counted.reduce((sum, count) => sum + count, 0)).toBe(entries);
  });

  test("keeps what proves a finding, however late it came", () => {
    const refusal = named(elements, "article")
      .flatMap(descend)
      .filter(({ tagName }) => tagName === "a")
      .map((link) => attribute(link, "href"));
    expect(refusal.length).toBeGreaterThan(3);
    expect(outlineOf(page)).toMatch(/res status REFUSED missing scope: operator\.admin/);
  });
});

test("very long names and lists do not make a very long page", () => {
  const name = "n".repeat(100_000);
  const scopes = Array.from({ length: 300 }, (_, index) => `scope.${index}`);
  const calls = Array.from({ length: 50 }, (_, index) => [
    req(`${index}`, name),
    refused(`${index}`, name, name),
  ]).flat();
  const page = pageOf(
    scripted([
      conversation(
        {},
        challenge(),
        connect({ client: `${name}/cli`, scopes, device: name }),
        helloOk({ scopes }),
        ...calls,
      ),
    ]),
  );
  expect(page.length).toBeLessThan(4_000_000);
  expect(page).toContain("250 more scopes not shown.");
  const facts = elementsOf(page)
    .map((element) => attribute(element, "data-facts"))
    .filter((text) => text !== null);
  expect(facts.map((text) => JSON.parse(text))).toContainEqual(
    expect.objectContaining({ type: "req", method: "n".repeat(120) }),
  );
});

test("JSON nested deeper than calls may go does not end the page", () => {
  const deep = `{"type":"event","event":"x","payload":${"[".repeat(20_000)}${"]".repeat(20_000)}}`;
  const page = pageOf(scripted([conversation({}, challenge(), gateway(deep))]));
  expect(page).toContain("nested deeper than 40");
});
