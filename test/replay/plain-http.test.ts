import { expect, test } from "vitest";
import type { NewEntry } from "../../src/recording/entry.ts";
import { buildScript } from "../../src/replay/script/build-script.ts";
import { startReplayedGateway } from "../../src/replay/serve/gateway-server.ts";
import type { Headers } from "../../src/wire/message.ts";
import { numbered } from "../support/conversation.ts";

const opened = { clientAddress: null, peerAddress: null, gatewayAddress: null };

function call(method: string, target: string, ...answers: [number, Headers][]): NewEntry[] {
  const at = { connection: 1, atMs: 1, wallMs: 1 };
  const headers: Headers = method === "POST" ? [["Expect", "100-continue"]] : [];
  return [
    { ...at, kind: "http-request", method, target, headers, redacted: false },
    ...answers.map(([status, fields]): NewEntry => {
      return { ...at, kind: "http-response", status, reason: "", headers: fields, redacted: false };
    }),
  ];
}

const COOKIES: Headers = [
  ["Set-Cookie", "a=1; Path=/"],
  ["X-Kind", "one"],
  ["set-cookie", "b=2"],
  ["X-Kind", "two"],
];

test("a recorded answer keeps its status behind interim ones, and every field of one name", async () => {
  const entries = numbered([
    { kind: "opened", connection: 1, atMs: 0, wallMs: 0, ...opened },
    ...call("POST", "/tools/invoke", [100, []], [103, [["Link", "x"]]], [201, COOKIES]),
    ...call("GET", "/plain", [204, []]),
  ]);
  await using gateway = await startReplayedGateway({ scripts: [buildScript("r", entries)] });
  const place = gateway.url.replace(/^ws/, "http");
  const created = await fetch(`${place}/tools/invoke`, { method: "POST", body: "{}" });
  expect(created.status).toBe(201);
  expect(created.headers.getSetCookie()).toEqual(["a=1; Path=/", "b=2"]);
  expect(created.headers.get("x-kind")).toBe("one, two");
  expect((await fetch(`${place}/plain`)).status).toBe(204);
});
