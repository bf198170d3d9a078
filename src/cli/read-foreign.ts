import { GwTraceError } from "../errors.ts";
import { parseHar } from "../exchange/har/import.ts";
import type { ImportRemarks } from "../exchange/import-remarks.ts";
import { readJsonLines } from "../exchange/json-lines/recording.ts";
import { sniffFormat, type ForeignFormat } from "../exchange/sniff.ts";
import { splitLines } from "../exchange/json-lines/split-lines.ts";
import type { NewEntry, NewRecordingHeader, RedactionPolicy } from "../recording/entry.ts";
import type { ImportInput } from "./import-input.ts";

/** What a file in another format holds, as a recording that is not written yet. */
export interface ForeignRecording {
  readonly format: "json-lines" | "har" | "packets";
  readonly header: NewRecordingHeader;
  /** What was taken out of the entries before they came here, as they say themselves. */
  readonly redaction: RedactionPolicy;
  /** To be read once. */
  readonly entries: Iterable<NewEntry> | AsyncIterable<NewEntry>;
  /** Whole when the entries have been read. */
  readonly remarks: ImportRemarks;
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
 * Reads what another program wrote, whichever of the formats it is.
 * @throws {GwTraceError} NOT_A_RECORDING, RECORDING_FROM_THE_FUTURE
 */
export async function readForeign(input: ImportInput): Promise<ForeignRecording> {
  const format = sniffFormat(input.head);
  switch (format) {
    case "json-lines": {
      const lines = await readJsonLines(splitLines(input.chunks()), input.name);
      return { format, ...lines, redaction: lines.header.redaction };
    }
    case "har": {
      const har = parseHar(await input.text(MAX_HAR_BYTES, SMALLER_HAR), input.name);
      return { format, ...har, redaction: har.header.redaction };
    }
    case "packets": {
      // It decodes WebSocket traffic, which no other format needs.
      const { parsePackets } = await import("../exchange/packets/import.ts");
      const bytes = await input.bytes(MAX_CAPTURE_BYTES, SMALLER_CAPTURE);
      return { format, ...(await parsePackets(bytes, input.name)), redaction: "off" };
    }
    default: {
      const [what, hint] = REFUSED[format];
      throw new GwTraceError("NOT_A_RECORDING", `${input.name} is ${what}`, hint);
    }
  }
}
