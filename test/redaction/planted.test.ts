import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, request, type Server } from "node:http";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { encodeEntryLine } from "../../src/exchange/json-lines/entry.ts";
import { openRecording } from "../../src/recording/reader.ts";
import { runRecord, tapPort } from "../cli/record-run.ts";
import { readAll, temporaryFolder } from "../recording/sample.ts";
import { runCli } from "../support/run-cli.ts";
import { portOf } from "../tap/harness.ts";
import { knowable, merged, UNKNOWABLE, type Planted } from "./planted.ts";

/** A Gateway that says to each client what the test says through it, and answers HTTP with what it was sent. */
async function startGateway(): Promise<{ readonly server: Server; readonly sockets: WebSocketServer }> {
  const server = createServer((asked, answer) => {
    const chunks: Buffer[] = [];
    asked.on("data", (chunk: Buffer) => chunks.push(chunk));
    asked.on("end", () => {
      answer.writeHead(200, { "Content-Type": asked.headers["content-type"] ?? "text/plain" });
      answer.end(Buffer.concat(chunks));
    });
  });
  const sockets = new WebSocketServer({ server });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.close();
    server.closeAllConnections();
  });
  return { server, sockets };
} // prettier-ignore

/** Says on one connection through the tap what both sides say, and waits until it is heard. */
async function speak(port: string, sockets: WebSocketServer, { client = [], gateway = [] }: Pick<Planted, "client" | "gateway">): Promise<void> {
  const accepted = once(sockets, "connection");
  const socket = new WebSocket(`ws://127.0.0.1:${port}`);
  const opened = once(socket, "open");
  const [peer]: WebSocket[] = await accepted;
  await opened;
  if (peer === undefined) throw new Error("nobody came");
  for (const [from, to, frames] of [[socket, peer, client], [peer, socket, gateway]] as const) {
    for (const frame of frames) from.send(JSON.stringify(frame));
    if (frames.length === 0) continue;
    let heard = 0;
    await new Promise<void>((resolve) => {
      to.on("message", () => { heard += 1; if (heard === frames.length) resolve(); });
    });
  }
  socket.close(1000);
  await once(socket, "close");
} // prettier-ignore

async function ask(port: string, { target = "/x", headers = {}, body = "", type }: NonNullable<Planted["http"]>): Promise<void> {
  const method = body === "" ? "GET" : "POST";
  const asked = request({ host: "127.0.0.1", port, path: target, method, headers: { ...headers, ...(type === undefined ? {} : { "Content-Type": type }), Connection: "close" } });
  asked.end(body);
  const [answer] = await once(asked, "response");
  answer.resume();
  await once(answer, "close");
} // prettier-ignore

/** What the commands print and write of a recording, each with its name. */
const VIEWS: readonly (readonly string[])[] = [
  ["export", "it", "--format", "jsonl"],
  ["export", "it", "--format", "har"],
  ["export", "it", "--format", "otlp"],
  ["report", "it"],
  ["report", "it", "--html"],
  ["show", "it", "--frames"],
  ["explain", "it"],
  ["check", "it", "--format", "sarif"],
  ["info", "it", "--json"],
];

interface Recorded {
  readonly folder: string;
  /** Everything that is written or printed, by what it is. */
  readonly said: Map<string, string>;
}

function talkOf({ kind }: Planted): string {
  return kind.split(":")[0] ?? "";
}

/** Records what is planted, through the real tap, and gathers all that comes of it. */
async function record(planted: readonly Planted[], views: readonly (readonly string[])[]): Promise<Recorded> {
  const folder = await temporaryFolder();
  const { server, sockets } = await startGateway();
  const config = join(folder, "openclaw.json");
  await writeFile(config, JSON.stringify(merged(planted.flatMap((one) => one.config ?? []))));
  const env = Object.assign({ OPENCLAW_CONFIG_PATH: config }, ...planted.map((one) => one.env ?? {}));
  const url = `ws://127.0.0.1:${portOf(server.address())}`;
  const run = runRecord(folder, ["it", "--url", url, "--listen", "127.0.0.1:0", "--http-bodies"], env);
  const port = await tapPort(run);
  // What both sides say of one kind comes on one connection, so that what is known from there is looked for on others.
  const talks = new Set(planted.map(talkOf));
  for (const name of talks) {
    const talk = planted.filter((one) => talkOf(one) === name);
    await speak(port, sockets, { client: talk.flatMap((one) => one.client ?? []), gateway: talk.flatMap((one) => one.gateway ?? []) });
    for (const { http } of talk) if (http !== undefined) await ask(port, http);
  }
  run.kill("SIGINT");
  await run.exit;
  const file = join(folder, "it.gwtrace");
  await using reader = await openRecording(file);
  expect(reader.complete).toBe(true);
  const entries = await readAll(reader);
  const said = new Map([
    ["the bytes of the file", await readFile(file, "latin1")],
    ["its entries", entries.map((entry) => encodeEntryLine(entry)).join("\n")],
    ["what record prints", run.stdout() + run.stderr()],
  ]);
  for (const args of views) {
    const { stdout, stderr } = await runCli(args, { cwd: folder, env: { GW_TRACE_DIR: folder } });
    said.set(args.join(" "), stdout + stderr);
  }
  return { folder, said };
} // prettier-ignore

test("of more than 600 secrets none that can be known is in the recording, in an export, a report or an error", async () => {
  const planted = knowable();
  const all = planted.flatMap(({ secrets }) => secrets);
  expect(new Set(all).size).toBe(all.length);
  expect(all.length).toBeGreaterThanOrEqual(600);
  const { folder, said } = await record(planted, VIEWS);
  // What cannot be read is told in words of our own, without what stands in it.
  const [{ secrets: [first = ""] } = { secrets: [] }] = planted;
  for (const [name, text] of [["broken.har", `{"log": ${first}}`], ["broken.jsonl", `{"kind":"header"}\n${first}`]] as const) {
    await writeFile(join(folder, name), text);
    const { code, stdout, stderr } = await runCli(["import", name], { cwd: folder, env: { GW_TRACE_DIR: folder } });
    expect(code).not.toBe(0);
    said.set(`import ${name}`, stdout + stderr);
  }
  expect(said.get("its entries")?.match(/<redacted:/g)?.length).toBeGreaterThan(all.length);
  for (const [what, text] of said) {
    const kept = planted.filter(({ secrets, needles = secrets }) => needles.some((needle) => text.includes(needle)));
    expect({ what, kept: kept.map(({ kind }) => kind) }).toEqual({ what, kept: [] });
  }
}, 120_000); // prettier-ignore

test("what cannot be known stays, and is listed here by kind", async () => {
  const planted = Object.entries(UNKNOWABLE).map(([kind, [, say]], index): Planted => {
    const one = `Zq7unknowable${index}x${index}`;
    return { kind, secrets: [one], gateway: [{ type: "event", event: "chat", payload: say(one) }] };
  });
  const { said } = await record(planted, []);
  const entries = (said.get("its entries") ?? "").replaceAll("\\", "");
  for (const { kind, gateway = [] } of planted) {
    expect({ kind, stays: gateway.every((frame) => entries.includes(JSON.stringify(frame).slice(45, -3))) }).toEqual({ kind, stays: true });
  }
}, 60_000); // prettier-ignore
