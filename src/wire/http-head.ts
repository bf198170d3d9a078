import type { Headers, Side } from "./message.ts";

/** The head of an HTTP/1.x request (RFC 9112, section 3). */
export interface RequestHead {
  readonly method: string;
  readonly target: string;
  readonly headers: Headers;
}

/** The head of an HTTP/1.x response (RFC 9112, section 4). */
export interface ResponseHead {
  readonly status: number;
  readonly reason: string;
  readonly headers: Headers;
}

const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]";
const REQUEST_LINE = new RegExp(`^(${TOKEN}{1,32}) (\\S+) HTTP/1\\.[0-9]$`);
const STATUS_LINE = /^HTTP\/1\.[0-9] ([1-9][0-9]{2})(?: (.*))?$/;
const REQUEST_START = new RegExp(`^${TOKEN}{1,32}(?: |$)`);
const FIELD = new RegExp(`^(${TOKEN}+):(.*)$`);

/** Reads a request head, empty line left out or not; null when it is none. */
export function parseRequestHead(head: string): RequestHead | null {
  const [first = "", ...rest] = lines(head);
  const match = REQUEST_LINE.exec(first);
  const headers = parseFields(rest);
  if (match === null || headers === null) return null;
  const [, method = "", target = ""] = match;
  return { method, target, headers };
}

/** Reads a response head, empty line left out or not; null when it is none. */
export function parseResponseHead(head: string): ResponseHead | null {
  const [first = "", ...rest] = lines(head);
  const match = STATUS_LINE.exec(first);
  const headers = parseFields(rest);
  if (match === null || headers === null) return null;
  const [, status = "", reason = ""] = match;
  return { status: Number(status), reason, headers };
}

/** False as soon as the first bytes of a side rule out HTTP, so that nobody waits for a head that cannot come. */
export function mayBeginHead(from: Side, start: string): boolean {
  if (start === "") return true;
  if (from === "client") return REQUEST_START.test(start.slice(0, 33));
  return "HTTP/1.".startsWith(start.slice(0, 7));
}

function lines(head: string): string[] {
  // A recipient may take a lone LF for the line's end (RFC 9112, section 2.2).
  return head.split(/\r?\n/).filter((line) => line !== "");
}

function parseFields(fieldLines: readonly string[]): Headers | null {
  const headers: [string, string][] = [];
  for (const line of fieldLines) {
    const last = headers.at(-1);
    if (/^[ \t]/.test(line)) {
      // Line folding is obsolete, but defined: it reads as one space (RFC 9112, section 5.2).
      if (last === undefined) return null;
      last[1] = `${last[1]} ${line.trim()}`;
      continue;
    }
    const match = FIELD.exec(line);
    if (match === null) return null;
    headers.push([match[1] ?? "", withoutBlanks(match[2] ?? "")]);
  }
  return headers;
}

/** Without spaces and tabs around it: no other blank is optional there (RFC 9112, section 5). */
function withoutBlanks(value: string): string {
  let [start, end] = [0, value.length];
  while (isBlank(value, start)) start += 1;
  while (end > start && isBlank(value, end - 1)) end -= 1;
  return value.slice(start, end);
}

function isBlank(value: string, at: number): boolean {
  return value[at] === " " || value[at] === "\t";
}
