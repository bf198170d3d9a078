import { STAND_INS } from "../gateway/stand-ins.ts";
import { isLoopbackAddress } from "../gateway/address.ts";

/** Takes a value out: gives its stand-in, or the value itself where it tells nothing about anybody. */
export type Taker = (value: string, kind: string) => string;

type Shape = readonly [pattern: RegExp, kind: string, accepts?: (match: string) => boolean];

const TLDS =
  "com|net|org|io|dev|ai|app|cloud|xyz|me|co|info|tech|biz|online|site|store|shop|blog|gg|tv|ly|local|lan|internal|home|corp|intranet|" +
  "eu|de|uk|us|fr|nl|ch|at|ca|cn|jp|in|au|br|it|es|pl|se|no|dk|fi|be|pt|cz|hu|ro|gr|ie|nz|za|mx|ar|cl|sg|hk|tw|kr|tr|ua|ru";

/** What is known by its looks alone, in the order in which it is looked for: the longer forms first. */
const SHAPES: readonly Shape[] = [
  [/(?<![\w.+-])[\w.+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+/gi, "email"],
  // `agent:<agent>:<rest>`, as OpenClaw builds session keys.
  [/(?<![\w:])agent:[\w.@+-]+(?::[\w.@+#=-]+)+/g, "session"],
  [/(?<![0-9a-f-])[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![0-9a-f-])/gi, "uuid"],
  [
    /(?<![\p{L}\p{N}_./>])(?:file:\/\/[\w.-]*|[a-z]:)?(?:[\\/]|~\/)(?:[\p{L}\p{M}\p{N}_.@+ -]*[\p{L}\p{M}\p{N}_.@+-][\\/])+[\p{L}\p{M}\p{N}_.@+-]*/giu,
    "path",
    isFilePath,
  ],
  [/(?<![\w.:-])(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}(?![\w:-])/gi, "mac"],
  [/(?<![\w.-])\d{1,3}(?:\.\d{1,3}){3}(?![\w-]|\.\d)/g, "ip", isForeignAddress],
  [/(?<![\w:.])(?:[0-9a-f]{1,4}|:)?:[0-9a-f:]*:[0-9a-f]{0,4}(?![\w:])/gi, "ip", isIpv6],
  [
    /(?<before>\w:\/\/(?:[^\s/@"']*@)?)[a-z0-9-]+(?:\.[a-z0-9-]+)*(?=[:/?#\s"'<>)\],]|$)/gi,
    "host",
    isForeignHost,
  ],
  [
    new RegExp(String.raw`(?<![\w.@/-])(?:[a-z0-9-]+\.)+(?:${TLDS}|ts\.net)(?![\w-]|\.\w)`, "gi"),
    "host",
    isForeignHost,
  ],
  [/(?<![\w+])\+\d(?:[ ()./-]?\d){6,14}(?!\w)/g, "phone"],
  // With the prefix of a country's own, or as in North America.
  [/(?<![\w.:+/-])\(?0\d{1,5}\)?(?:[ ./-]{1,2}\d{2,8}){1,5}(?![\w-]|[.:/]\d)/g, "phone", isPhone],
  [/(?<![\w.:+/-])\(?\d{3}\)?[ .-]{1,2}\d{3}[ .-]\d{4}(?![\w-]|[.:/]\d)/g, "phone"],
  [/(?<![\w.+:-])-?\d{9,19}(?![\w:-]|\.\d)/g, "id", isNoTime],
  [/(?<![\w-])[0-9a-f]{16,}(?![\w-])/gi, "hash", (text) => /\d/.test(text)],
  [/(?<![\w+/=-])[\w+/-]{24,}={0,2}(?![\w+/=-])/g, "hash", looksRandom],
];

/** A stand-in is found first, and stays: it may look like an address or a host itself. */
const PATTERNS: readonly (readonly [RegExp, string, Shape[2]])[] = SHAPES.map(
  ([{ source, flags }, kind, accepts]) => [
    new RegExp(`(?<standIn>${STAND_INS})|${source}`, flags),
    kind,
    accepts,
  ],
);

/** Takes out of a text what looks like an identifier of somebody or something. */
export function removeShapes(text: string, take: Taker): string {
  // Nothing that is known by its looks is a single word of letters.
  if (text.length < 5 || !/[^A-Za-z ]/.test(text)) return text;
  return inStretches(text, (stretch) => removeFromStretch(stretch, take));
}

function removeFromStretch(text: string, take: Taker): string {
  let left = text;
  for (const [pattern, kind, accepts] of PATTERNS) {
    left = left.replace(pattern, (match: string, ...rest: unknown[]) => {
      const { standIn, before = "" } = namesIn(rest);
      if (standIn !== undefined) return match;
      const value = match.slice(before.length);
      return accepts === undefined || accepts(value) ? before + take(value, kind) : match;
    });
  }
  return left;
}

function namesIn(rest: readonly unknown[]): {
  readonly standIn?: string;
  readonly before?: string;
} {
  const names = rest.at(-1);
  return typeof names === "object" && names !== null ? names : {};
}

/** What a pattern keeps in mind of a text has its limits (V8's are reached after some millions of characters). */
const MAX_STRETCH = 1024 * 1024;
/** So far before the end of a stretch a place is looked for at which nothing is cut in two. */
const MAX_CUT = 64 * 1024;

/** Changes a text piece by piece; pieces end after white space where there is some. */
function inStretches(text: string, change: (stretch: string) => string): string {
  if (text.length <= MAX_STRETCH) return change(text);
  let result = "";
  for (let from = 0; from < text.length;) {
    const end = from + MAX_STRETCH;
    const space = lastSpace(text.slice(end - MAX_CUT, end));
    const to = end >= text.length || space < 0 ? end : end - MAX_CUT + space + 1;
    result += change(text.slice(from, to));
    from = to;
  }
  return result;
}

const STAND_IN = new RegExp(`(${STAND_INS})`);

/** Changes a text, but for the stand-ins in it. */
export function outsideStandIns(text: string, change: (part: string) => string): string {
  if (!/~|<redacted:|-4000-8000-|198\.1|2001:db8|\.invalid/.test(text)) return change(text);
  return text
    .split(STAND_IN)
    .map((part, index) => (index % 2 === 1 ? part : change(part)))
    .join("");
}

/** True for an address that is neither this machine nor any. */
function isForeignAddress(address: string): boolean {
  const isAny = address === "0.0.0.0" || address === "::";
  return !isAny && isLoopbackAddress(address) !== true && !/^0|\.\d{4}|\.[3-9]\d\d/.test(address);
}

/** True for an IPv6 address; `12:30:45` is none. */
function isIpv6(text: string): boolean {
  const groups = text.split(":").length - 1;
  return (text.includes("::") || groups === 7) && /[0-9a-f]/i.test(text) && isForeignAddress(text);
}

/** True for as many digits as a phone number has, and more than a date. */
function isPhone(text: string): boolean {
  const digits = text.replaceAll(/\D/g, "").length;
  return digits >= 9 && digits <= 13;
}

/** True for a host name that names somebody's machine: not this one, and not where OpenClaw's own documents are. */
function isForeignHost(host: string): boolean {
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(host)) return isForeignAddress(host);
  return !/^localhost$|(?:^|\.)openclaw\.ai$|(?:^|\.)(?:github|npmjs)\.(?:com|org)$/i.test(host);
}

// `/config set`, `1/2/` and what the protocol itself calls by a path are none.
function isFilePath(path: string): boolean {
  return /[a-z]/i.test(path) && !/^\/(?:__openclaw__|tools\/invoke)/.test(path);
}

/** False for what counts milliseconds or seconds since the epoch, in this century. */
function isNoTime(digits: string): boolean {
  return !/^(?:1[0-9]|2[0-9]|3[0-9])\d{8}(?:\d{3}|\d{6})?$/.test(digits);
}

function looksRandom(text: string): boolean {
  const isMixed = /[a-z]/.test(text) && /[A-Z]/.test(text);
  const digits = text.match(/\d/g)?.length ?? 0;
  return isMixed && digits >= 3;
}

function lastSpace(text: string): number {
  for (let at = text.length - 1; at >= 0; at -= 1) if (/\s/.test(text[at] ?? "")) return at;
  return -1;
}
