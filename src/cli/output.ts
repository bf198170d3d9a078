import type { WriteStream } from "node:tty";
import { GwTraceError, type GwTraceErrorCode } from "../errors.ts";
import { escapeJson, toPrintable } from "../views/printable.ts";
import type { Style } from "../views/style.ts";

/** Nearly all that is written is so, and a document of 100 MB is not taken apart for nothing. */
const PLAIN = /^[\n\t\x20-\x7e]*$/;

/** Line ends, tabs, and the colours of `colorsOf`: all that a text may hold besides what can be printed. */
const KEPT = /(\n|\t|\u001b\[(?:[0-2]|22|3[0-79]|9[0-7])m)/;

/**
 * The last thing that is done to a text before it is written: whatever it holds, nothing in it moves the cursor, switches a terminal's
 * mode or hides text. What views have made printable comes through as it is.
 */
export function gate(text: string, stream: Partial<WriteStream>): string {
  if (PLAIN.test(text)) return text;
  const { color } = styleFor(stream, process.env);
  return text
    .split(KEPT)
    .map((piece, index) => {
      const isKept = index % 2 === 1 && (color || !piece.startsWith("\u001b"));
      return isKept ? piece : toPrintable(piece);
    })
    .join("");
}

/** Writes text to standard output. */
export function print(text: string): void {
  process.stdout.write(gate(text, process.stdout));
}

/** Writes text to standard error. */
export function tell(text: string): void {
  process.stderr.write(gate(text, process.stderr));
}

/** Prints what a command found: as one JSON document where that is wanted, else as text. */
export function printResult(
  wantsJson: boolean | undefined,
  value: unknown,
  render: (style: Style) => string,
): void {
  print(wantsJson === true ? renderJson(value) : render(styleFor(process.stdout, process.env)));
}

/** A value as an indented JSON document that ends with a line break and is safe to print. */
export function renderJson(value: unknown): string {
  return `${escapeJson(JSON.stringify(value, null, 2))}\n`;
}

/** How to lay out a report for that stream: its width where it is a terminal, and colours where they are wanted. */
export function styleFor(stream: Partial<WriteStream>, env: NodeJS.ProcessEnv): Style {
  const isTerminal = stream.isTTY === true;
  return {
    columns: isTerminal ? Math.max(stream.columns ?? 80, 40) : 80,
    color: wantsColor(isTerminal, env),
  };
}

// NO_COLOR (no-color.org) counts when it is not empty; FORCE_COLOR beats a pipe, but not NO_COLOR.
function wantsColor(isTerminal: boolean, env: NodeJS.ProcessEnv): boolean {
  if ((env["NO_COLOR"] ?? "") !== "") return false;
  const forced = env["FORCE_COLOR"] ?? "";
  if (forced !== "") return forced !== "0" && forced !== "false";
  return isTerminal && env["TERM"] !== "dumb";
}

/** Whether the terminal is to be taken to show more than ASCII. */
export function speaksUtf8(env: NodeJS.ProcessEnv): boolean {
  // The first of these that is set decides (POSIX); in a bare container none is, and terminals of today speak UTF-8.
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"];
  return !locale || /utf-?8/i.test(locale);
}

const PEER_FAILED: readonly GwTraceErrorCode[] = [
  "GATEWAY_UNREACHABLE",
  "GATEWAY_REFUSED",
  "RECEIVER_FAILED",
];

/** The exit code that an error leads to: 3 when the Gateway or a receiver could not be reached or refused, 2 for everything else. */
export function exitCodeOf(code: GwTraceErrorCode): number {
  return PEER_FAILED.includes(code) ? 3 : 2;
}

/** An error as one line for people, or as one JSON line where the command was asked for JSON. */
export function renderError(error: unknown, json: boolean): string {
  const { code, message, hint } =
    error instanceof GwTraceError
      ? error
      : {
          code: "INTERNAL",
          message: describeUnknown(error),
          hint: "This is a bug in gw-trace: please report it.",
        };
  if (json) return escapeJson(JSON.stringify({ error: { code, message, hint } }));
  // Only a stack has lines of its own; what an error quotes has none.
  const said = code === "INTERNAL" ? message : toPrintable(message);
  return `gw-trace: ${/[.?]$/.test(said) ? said : `${said}.`} ${toPrintable(hint)}`;
}

function describeUnknown(error: unknown): string {
  return error instanceof Error
    ? `internal error: ${error.stack ?? error.message}`
    : `internal error: ${String(error)}`;
}
