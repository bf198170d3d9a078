import { createReadStream } from "node:fs";
import { GwTraceError } from "../errors.ts";
import { parseHar } from "../exchange/har/import.ts";
import { tooLargeToImport } from "../exchange/import-bounds.ts";
import type { Imported } from "../exchange/import-remarks.ts";
import { readJsonLines } from "../exchange/json-lines/recording.ts";
import { splitLines } from "../exchange/json-lines/split-lines.ts";
import { sniffFormat, SNIFFED_BYTES, type ForeignFormat } from "../exchange/sniff.ts";
import { renderSize } from "../views/quantity.ts";
import { collect } from "./read-traces.ts";

/** What a file in another format holds. */
export interface ForeignRecording extends Imported {
  /** What people call the file. */
  readonly name: string;
  readonly format: "json-lines" | "har" | "packets";
}

/** What is no format to import, and what to do instead. */
const REFUSED: Readonly<
  Record<Exclude<ForeignFormat, ForeignRecording["format"]>, readonly [what: string, hint: string]>
> = {
  recording: ["a recording already", "Use it as it is, or copy it into the recordings folder."],
  zip: ["a zip archive", "Unpack it and give the .har file in it."],
  gzip: ["compressed", "Unpack it first, as in gunzip -c <file> | gw-trace import -"],
  unknown: [
    "nothing that gw-trace can import",
    "Give a HAR, a packet capture, or JSON lines that gw-trace export wrote.",
  ],
};

/** Of larger files, the commands that read them would take more than 500 MB of memory. */
const MAX_HAR_BYTES = 100_000_000;
const MAX_CAPTURE_BYTES = 80_000_000;

const SMALLER_HAR = "Write a HAR of the WebSocket alone, or of less time.";
const SMALLER_CAPTURE =
  "Keep the Gateway's port alone, as in tcpdump -r <file> -w smaller.pcap tcp port 18789.";

/**
 * Reads what another program wrote, whichever of the formats it is, from a path or from standard input for `-`.
 * @throws {GwTraceError} RECORDING_NOT_FOUND, NOT_A_RECORDING, RECORDING_FROM_THE_FUTURE
 */
export async function readForeign(path: string): Promise<ForeignRecording> {
  const name = path === "-" ? "standard input" : path;
  const rest = readChunks(path, name);
  const head = await readHead(rest);
  const chunks = joinChunks(head, rest);
  const format = sniffFormat(head);
  switch (format) {
    case "json-lines":
      return { name, format, ...(await readJsonLines(splitLines(chunks), name)) };
    case "har": {
      const decoder = new TextDecoder();
      let text = "";
      // What is no UTF-8 becomes the character that stands for such.
      for await (const chunk of bounded(chunks, name, MAX_HAR_BYTES, SMALLER_HAR))
        text += decoder.decode(chunk, { stream: true });
      return { name, format, ...parseHar(text + decoder.decode(), name) };
    }
    case "packets": {
      // It decodes WebSocket traffic, which no other format needs.
      const { parsePackets } = await import("../exchange/packets/import.ts");
      const parts = await collect(bounded(chunks, name, MAX_CAPTURE_BYTES, SMALLER_CAPTURE));
      return { name, format, ...(await parsePackets(Buffer.concat(parts), name)) };
    }
    default: {
      const [what, hint] = REFUSED[format];
      throw new GwTraceError("NOT_A_RECORDING", `${name} is ${what}`, hint);
    }
  }
}

type Chunks = AsyncGenerator<Buffer, void, undefined>;

async function* readChunks(path: string, name: string): Chunks {
  const source: AsyncIterable<Buffer> = path === "-" ? process.stdin : createReadStream(path);
  try {
    yield* source;
  } catch (error) {
    throw cannotRead(name, error);
  }
}

async function readHead(chunks: Chunks): Promise<Buffer> {
  let head = Buffer.alloc(0);
  while (head.length < SNIFFED_BYTES) {
    const next = await chunks.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  return head;
}

async function* joinChunks(head: Buffer, rest: Chunks): Chunks {
  yield head;
  yield* rest;
}

async function* bounded(chunks: Chunks, name: string, maxBytes: number, hint: string): Chunks {
  let sizeBytes = 0;
  for await (const chunk of chunks) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes)
      throw tooLargeToImport(name, `it has more than ${renderSize(maxBytes)}`, hint);
    yield chunk;
  }
}

function cannotRead(name: string, error: unknown): GwTraceError {
  const isAbsent = error instanceof Error && "code" in error && error.code === "ENOENT";
  const why = error instanceof Error ? error.message : String(error);
  return new GwTraceError(
    isAbsent ? "RECORDING_NOT_FOUND" : "NOT_A_RECORDING",
    isAbsent ? `there is no file ${name}` : `${name} cannot be read: ${why}`,
    "Give the path of a HAR, of JSON lines or of a packet capture, or - for standard input.",
    { cause: error },
  );
}
