import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { GwTraceError } from "../errors.ts";
import { gate } from "./output.ts";

/** Small pieces are put together to this many characters before they are written. */
const PIECE_LENGTH = 64 * 1024;

/** Whether `--output` means standard output, as it does when it is not given. */
export function isStdout(output: string | undefined): output is undefined | "-" {
  return output === undefined || output === "-";
}

/**
 * Writes a report or an export to where `--output` says: standard output, or a file that must not be there yet, for its owner's eyes
 * alone. Pieces go no faster than they are taken.
 * @throws {GwTraceError} RECORDING_EXISTS, WRITE_FAILED
 */
export async function writeOutput(
  output: string | undefined,
  text: string | AsyncIterable<string>,
): Promise<void> {
  const source = Readable.from(typeof text === "string" ? [text] : joinPieces(text));
  if (isStdout(output)) return pipeline(source, gatePieces, process.stdout, { end: false });
  try {
    await pipeline(source, createWriteStream(output, { flags: "wx", mode: 0o600 }));
  } catch (error) {
    throw isOfSystem(error) ? cannotWrite(output, error) : error;
  }
}

async function* gatePieces(pieces: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  for await (const piece of pieces) yield gate(piece, process.stdout);
}

async function* joinPieces(pieces: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  let held = "";
  for await (const piece of pieces) {
    held += piece;
    if (held.length < PIECE_LENGTH) continue;
    yield held;
    held = "";
  }
  if (held !== "") yield held;
}

/** What goes wrong while the text is made is no fault of the file. */
function isOfSystem(error: unknown): error is Error & { readonly code: unknown } {
  return error instanceof Error && "syscall" in error && "code" in error;
}

function cannotWrite(path: string, error: Error & { readonly code: unknown }): GwTraceError {
  const exists = error.code === "EEXIST";
  return new GwTraceError(
    exists ? "RECORDING_EXISTS" : "WRITE_FAILED",
    exists ? `${path} is there already` : `${path} cannot be written: ${error.message}`,
    "Give another name with --output.",
    { cause: error },
  );
}
