import { readFile } from "node:fs/promises";
import path from "node:path";
import { GwTraceError } from "../../../src/errors.ts";
import { parseHar } from "../../../src/exchange/har/import.ts";
import type { ImportRemarks } from "../../../src/exchange/import-remarks.ts";
import { readJsonLines, renderJsonLines } from "../../../src/exchange/json-lines/recording.ts";
import { parsePackets } from "../../../src/exchange/packets/import.ts";
import { sniffFormat } from "../../../src/exchange/sniff.ts";
import { splitLines } from "../../../src/exchange/json-lines/split-lines.ts";
import { tuplesOf } from "../../../src/recording/entry-codec.ts";
import { encodeValue } from "../../../src/recording/msgpack.ts";
import type { NewEntry } from "../../../src/recording/entry.ts";
import { openRecording } from "../../../src/recording/reader.ts";
import type { FuzzTarget } from "../target.ts";

const FIXTURES = path.resolve(import.meta.dirname, "../../exchange/fixtures");

async function jsonLines(): Promise<Buffer> {
  await using reader = await openRecording(path.join(FIXTURES, "sessions-spawn.gwtrace"));
  const readEnd = () => ({ complete: reader.complete, missing: reader.missing });
  let text = "";
  for await (const piece of renderJsonLines(reader.header, reader.entries(), readEnd))
    text += piece;
  return Buffer.from(text);
}

interface Imported {
  readonly entries: Iterable<NewEntry> | AsyncIterable<NewEntry>;
  readonly remarks: ImportRemarks;
}

async function* whole(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function importAs(format: string, bytes: Buffer): Promise<Imported> | Imported | null {
  if (format === "json-lines") return readJsonLines(splitLines(whole(bytes)), "fuzzed");
  if (format === "packets") return parsePackets(bytes, "fuzzed");
  if (format !== "har") return null;
  return parseHar(bytes.toString(), "fuzzed");
}

/** Files of other programs: whatever stands in them, what comes of them can be written. */
export const imports: FuzzTarget = {
  name: "import",
  oneIn: 60,
  words: ['"time":1e300', '"opcode":8', "1e999", "\u0000", "[[[[[[[[", '"_gwTrace":{', '"kind":"gap"', "-1"],
  inputs: () =>
    Promise.all([
      jsonLines(),
      ...["control-ui.playwright.har", "control-ui.devtools.har", "sessions-spawn.pcapng"].map(
        (name) => readFile(path.join(FIXTURES, name)),
      ),
    ]),
  async run(bytes) {
    const format = sniffFormat(bytes);
    try {
      const imported = await importAs(format, bytes);
      if (imported === null) return format;
      const entries: NewEntry[] = [];
      for await (const entry of imported.entries) entries.push(entry);
      encodeValue(tuplesOf(entries));
      const wrong = entries.find(
        ({ atMs, wallMs }) => !Number.isSafeInteger(Math.round(atMs * 1000)) || !Number.isSafeInteger(Math.round(wallMs * 1000)),
      );
      if (wrong !== undefined) throw new Error(`an entry at ${wrong.atMs}, ${wrong.wallMs}`);
      const { skipped, problems, notes } = imported.remarks;
      return `${format} ${Math.min(skipped, 3)} ${problems.join().replaceAll(/\d+/g, "#").slice(0, 80)} ${notes.join().replaceAll(/\d+/g, "#").slice(0, 80)}`;
    } catch (error) {
      if (error instanceof GwTraceError) return `${format} ${error.code}`;
      throw error;
    }
  },
}; // prettier-ignore
