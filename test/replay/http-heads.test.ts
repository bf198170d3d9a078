import { request } from "node:http";
import { expect, test } from "vitest";
import type { NewEntry } from "../../src/recording/entry.ts";
import { buildScript } from "../../src/replay/script/build-script.ts";
import { startReplayedGateway } from "../../src/replay/serve/gateway-server.ts";
import type { Headers } from "../../src/wire/message.ts";
import { numbered } from "../support/conversation.ts";

interface Head {
  readonly status: number;
  readonly reason?: string;
  readonly headers?: Headers;
}

/** One plain call, answered by those heads, one after the other. */
function answered(...heads: readonly Head[]): readonly NewEntry[] {
  const times = { atMs: 1, wallMs: 1, connection: 1 };
  const asked = { method: "GET", target: "/x", headers: [], redacted: false };
  return [
    { ...times, kind: "opened", clientAddress: null, peerAddress: null, gatewayAddress: null },
    { ...times, kind: "http-request", ...asked },
    ...heads.map(({ status, reason = "", headers = [] }) => {
      return { ...times, kind: "http-response", status, reason, headers, redacted: false } as const;
    }),
  ];
}

/** What a client is told, header by header. */
async function ask(entries: readonly NewEntry[]) {
  await using replay = await startReplayedGateway({
    scripts: [buildScript("http", numbered(entries))],
  });
  const { port } = replay.address;
  return await new Promise<{ status?: number; reason?: string; headers: [string, string][] }>(
    (resolve, reject) => {
      const asking = request({ host: "127.0.0.1", port, path: "/x", agent: false }, (response) => {
        const { statusCode, statusMessage, rawHeaders } = response;
        const headers: [string, string][] = [];
        for (let at = 0; at < rawHeaders.length; at += 2) {
          headers.push([rawHeaders[at] ?? "", rawHeaders[at + 1] ?? ""]);
        }
        response.resume();
        resolve({ status: statusCode ?? 0, reason: statusMessage ?? "", headers });
      });
      asking.once("error", reject);
      asking.end();
    },
  );
}

test.each(["Set-Cookie", "set-cookie", "Link", "WWW-Authenticate", "X-Anything"])(
  "a header that came more than once comes as often, in order: %s",
  async (name) => {
    const headers: Headers = [
      [name, "a=1"],
      ["X-Between", "yes"],
      [name, "b=2"],
      [name, "a=1"],
    ];
    const said = await ask(answered({ status: 200, reason: "Fine", headers }));
    expect(said).toMatchObject({ status: 200, reason: "Fine" });
    expect(said.headers.filter(([own]) => own === name || own === "X-Between")).toEqual(headers);
  },
);

test.each([[[100]], [[102, 103]], [[100, 100]]])(
  "interim answers %j are not taken for the answer",
  async (interim) => {
    const heads = interim.map((status): Head => ({ status, headers: [["X-Interim", "yes"]] }));
    const said = await ask(answered(...heads, { status: 202, headers: [["X-Final", "yes"]] }));
    expect(said.status).toBe(202);
    expect(said.headers).toContainEqual(["X-Final", "yes"]);
    expect(said.headers).not.toContainEqual(["X-Interim", "yes"]);
  },
);

test.each<[string, Head]>([
  ["a status that is none", { status: 42 }],
  ["a status beyond all", { status: 1000 }],
  ["a reason of two lines", { status: 200, reason: "OK\r\nX-Injected: yes" }],
])("%s is not said, and ends nothing", async (_, head) => {
  const said = await ask(answered(head));
  expect(said.status).toBe(404);
});

test("headers that cannot be written are left out", async () => {
  const headers: Headers = [
    ["X-Good", "yes"],
    ["X Bad", "name"],
    ["X-Bad", "a\r\nX-Injected: yes"],
    ["", "no name"],
    ["X-Wide", "\u{1F600}"],
  ];
  const said = await ask(answered({ status: 200, headers }));
  const own = said.headers.filter(([name]) => name.startsWith("X"));
  expect(own.filter(([name]) => name !== "X-Gw-Trace")).toEqual([["X-Good", "yes"]]);
});
