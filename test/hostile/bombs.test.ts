import { once } from "node:events";
import { readFile, stat } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { constants, deflateRawSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { runRecord, tapPort } from "../cli/record-run.ts";
import { temporaryFolder } from "../recording/sample.ts";
import { MAX_COMMAND_BYTES, peakMemoryEnvironment } from "../support/run-cli.ts";
import { readBack } from "../tap/recorder-process.ts";
import { collect, portOf, until } from "../tap/harness.ts";
import { frame, UPGRADE_REQUEST, upgradeResponse } from "../wire/frames.ts";

const CANARY = "canary-5f1e0c9b7a3d";
const DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover";

const request = (params: string): string =>
  `{"type":"req","id":"1","method":"connect","params":{"auth":{"token":"${CANARY}"},"x":${params}}}`;
const text = (said: string): Buffer => frame(said, { masked: true });
const nested = (depth: number): string => `${"[".repeat(depth)}${"]".repeat(depth)}`;

/** A frame that inflates to so many zeros. */
function deflated(sizeBytes: number): Buffer {
  const bytes = deflateRawSync(Buffer.alloc(sizeBytes, "0"), {
    finishFlush: constants.Z_SYNC_FLUSH,
  });
  return frame(bytes.subarray(0, -4), { masked: true, reserved: 4 });
}

interface Case {
  readonly name: string;
  readonly make: () => readonly Buffer[];
  /** Why some of it was not recorded. */
  readonly lost: RegExp;
}

/** What stands for a reason where all of it was recorded. */
const ALL = /^nothing was lost$/;

/** What a client sends after the upgrade, before it said who it is. */
const CASES: readonly Case[] = [
  { name: "500 small frames that inflate to 1.5 MB each", make: () => Array.from({ length: 500 }, () => deflated(1_500_000)), lost: /^inflates to more than 100 times its size/ },
  { name: "a frame that inflates to 60 MB", make: () => [deflated(60_000_000)], lost: /^message larger than 8388608 bytes/ },
  { name: "1000 frames that inflate to 60 KB each", make: () => Array.from({ length: 1000 }, () => deflated(60_000)), lost: /^inflates to more than 100 times its size/ },
  { name: "3,900,000 nested lists", make: () => [text(request(nested(3_900_000)))], lost: ALL },
  { name: "lists nested 10,000 deep", make: () => [text(request(nested(10_000)))], lost: ALL },
  { name: "2,600,000 empty lists", make: () => [text(request(`[${"[],".repeat(2_600_000)}0]`))], lost: ALL },
  { name: "600,000 fields", make: () => [text(request(`{${Array.from({ length: 600_000 }, (_, index) => `"${index}k":0`).join()}}`))], lost: ALL },
  { name: "an id of 1 MB, and an answer to it", make: () => [text(`{"type":"req","id":"${"i".repeat(1e6)}","method":"health","token":"${CANARY}"}`)], lost: ALL },
  { name: "400,000 backslashes", make: () => [text(request('"x"')), text(`{"a":"\\u0041${"\\".repeat(400_000)}"}`)], lost: ALL },
  { name: "8,000 scopes", make: () => [text(request(`0,"scopes":[${Array.from({ length: 8000 }, (_, index) => `"s${index}"`).join()}]`))], lost: ALL },
  { name: "a base64 text of 6 MB", make: () => [text(request(`"${Buffer.alloc(4_500_000, "abc").toString("base64")}"`))], lost: ALL },
  { name: "100,000 control frames", make: () => [Buffer.concat(Array.from({ length: 100_000 }, () => frame("", { masked: true, opcode: 9 })))], lost: ALL },
]; // prettier-ignore

/** A Gateway that takes everybody's WebSocket, compressed where they like, and says nothing. */
async function startSilentGateway(): Promise<{ port: number; received: () => number }> {
  let received = 0;
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => {
      socket.write(upgradeResponse(DEFLATE));
      socket.on("data", ({ length }) => (received += length));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return { port: portOf(server.address()), received: () => received };
}

async function join101(port: number): Promise<Socket> {
  const client = connect(port, "127.0.0.1");
  client.on("error", () => undefined);
  const { size } = collect(client);
  client.write(UPGRADE_REQUEST);
  await until(() => size() === upgradeResponse(DEFLATE).length);
  return client;
}

test.each(CASES)(
  "record stays within bounds, and passes on: $name",
  async ({ make, lost }) => {
    const folder = await temporaryFolder();
    const file = join(folder, "live.gwtrace");
    const peak = join(folder, "peak");
    const gateway = await startSilentGateway();
    const url = `ws://127.0.0.1:${gateway.port}`;
    const words = ["--url", url, "--listen", "127.0.0.1:0", "-o", file];
    const tap = runRecord(folder, words, peakMemoryEnvironment(peak));
    const client = await join101(Number(await tapPort(tap)));
    const sent = Buffer.concat(make());
    client.write(sent);
    await until(() => gateway.received() === sent.length);
    const closed = once(client, "close");
    client.end();
    await closed;
    tap.kill("SIGINT");
    expect(await tap.exit).toBe(130);
    expect(Number(await readFile(peak, "utf8")) * 1024).toBeLessThan(MAX_COMMAND_BYTES);
    expect((await stat(file)).size).toBeLessThan(sent.length + 1_000_000);
    expect((await readFile(file)).includes(CANARY)).toBe(false);
    const { entries, missing } = await readBack(file);
    expect(missing).toEqual([]);
    const reasons = entries.flatMap((entry) =>
      entry.kind === "undecodable" ? [entry.reason] : [],
    );
    expect(reasons[0] ?? "nothing was lost").toMatch(lost);
    // What was lost is told, or else something was heard.
    expect(entries.some(({ kind }) => kind === "message" || kind === "undecodable")).toBe(true);
  },
  120_000,
);
