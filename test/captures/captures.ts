import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { decodeEntryLine } from "../../src/exchange/json-lines/entry.ts";
import type { Entry } from "../../src/recording/entry.ts";

const SUFFIX = ".jsonl.gz";

/** The captures in this folder, each named as `<version>/<scenario>`. */
export const CAPTURES: readonly string[] = readdirSync(import.meta.dirname, {
  recursive: true,
  encoding: "utf8",
})
  .filter((file) => file.endsWith(SUFFIX))
  .map((file) => file.slice(0, -SUFFIX.length).replaceAll(path.sep, "/"))
  .toSorted();

/** Reads a capture whole, with its credentials in clear. Throws where a line makes no sense. */
export function readCapture(name: string): readonly Entry[] {
  const packed = readFileSync(path.join(import.meta.dirname, `${name}${SUFFIX}`));
  const lines = gunzipSync(packed).toString("utf8").trimEnd().split("\n");
  // The first line is the header and the last one the end.
  return lines.slice(1, -1).map((line, index) => {
    const decoded = decodeEntryLine(JSON.parse(line));
    if (!decoded.ok) throw new Error(`${name}, line ${index + 2}: ${decoded.why}`);
    return { ...decoded.entry, entry: index + 1 };
  });
}
