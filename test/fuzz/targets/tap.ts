import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { connect as dial, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { openRecording } from "../../../src/recording/reader.ts";
import { createRecording, type RecordingWriter } from "../../../src/recorder/writer.ts";
import { createClock } from "../../../src/tap/clock.ts";
import { Recorder } from "../../../src/tap/recorder.ts";
import { startTap, type Tap } from "../../../src/tap/tap.ts";
import { sampleHeader } from "../../recording/sample.ts";
import { collect, portOf } from "../../tap/harness.ts";
import { cut } from "../../wire/events.ts";
import { frame, UPGRADE_REQUEST, upgradeResponse } from "../../wire/frames.ts";
import type { FuzzTarget } from "../target.ts";
import { FRAME_WORDS, recordedConversations } from "./meaning.ts";
import { pack, unpack, wire } from "./wire.ts";

/** A tap is stopped, and its recording read, after so many connections. */
const CONNECTIONS_PER_TAP = 250;

interface Running {
  readonly tap: Tap;
  readonly server: Server;
  readonly writer: RecordingWriter;
  connections: number;
}

const folder = mkdtempSync(path.join(tmpdir(), "gw-trace-fuzz-tap-"));
let running: Running | null = null;

async function start(): Promise<Running> {
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  server.on("connection", (socket) => socket.on("error", () => undefined));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const writer = await createRecording(path.join(folder, "live.gwtrace"), {
    ...sampleHeader,
    redaction: "credentials",
  });
  const tap = await startTap({
    listen: { host: "127.0.0.1", port: 0 },
    upstream: { host: "127.0.0.1", port: portOf(server.address()) },
    observer: new Recorder({ append: (entry) => writer.append(entry), httpBodies: true }),
    clock: createClock(),
  });
  return { tap, server, writer, connections: 0 };
}

/** Stops the tap; every connection has to be in its recording, from its beginning to its end. */
export async function stopTap(): Promise<void> {
  if (running === null) return;
  const { tap, server, writer, connections } = running;
  running = null;
  await tap.close();
  server.close();
  const { complete, path: file } = await writer.close();
  const ends = { opened: 0, closed: 0 };
  await using reader = await openRecording(file);
  for await (const { kind } of reader.entries())
    if (kind === "opened" || kind === "closed") ends[kind] += 1;
  if (!complete || reader.missing.length > 0) throw new Error(reader.missing.join());
  if (ends.opened !== connections || ends.closed !== connections)
    throw new Error(`of ${connections} connections ${JSON.stringify(ends)} are recorded`);
  await rm(file);
}

function whenClosed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once("close", () => resolve()));
}

async function sendInPieces(socket: Socket, bytes: Buffer): Promise<void> {
  for (const [, piece] of cut([["client", bytes]], [700, 3, 1, 90])) {
    socket.write(piece);
    await new Promise(setImmediate);
  }
  socket.end();
}

/** The live tap between a client and a Gateway that say whatever they like: each gets what the other sent, byte for byte. */
export const tapping: FuzzTarget = {
  name: "tap between hostile peers",
  oneIn: 60,
  words: [...wire.words, ...FRAME_WORDS],
  inputs: async () => [
    ...(await wire.inputs()),
    ...(await recordedConversations()).map((said) => {
      const lines = said.toString().split("\n");
      const of = (mark: string, masked: boolean) =>
        lines
          .filter((line) => line.startsWith(mark))
          .map((line) => frame(line.slice(1, 2000), { masked }));
      return pack([UPGRADE_REQUEST, ...of(">", true)], [upgradeResponse(), ...of("<", false)]);
    }),
  ],
  async run(input) {
    const one = (running ??= await start());
    const { client: asked, gateway: said } = unpack(input);
    const accepted = once(one.server, "connection");
    const client = dial({ ...one.tap.hostPort, allowHalfOpen: true, noDelay: true });
    client.on("error", () => undefined);
    const [gateway]: Socket[] = await accepted;
    if (gateway === undefined) throw new Error("no connection");
    const [heard, received] = [collect(gateway), collect(client)];
    const closed = Promise.all([whenClosed(client), whenClosed(gateway)]);
    await Promise.all([sendInPieces(client, asked), sendInPieces(gateway, said)]);
    await closed;
    if (!heard.bytes().equals(asked)) throw new Error("the Gateway got other bytes than were sent");
    if (!received.bytes().equals(said))
      throw new Error("the client got other bytes than were sent");
    one.connections += 1;
    if (one.connections >= CONNECTIONS_PER_TAP) await stopTap();
    return wire.run(input);
  },
};
