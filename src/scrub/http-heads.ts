import { removeHeaderSecrets } from "../redaction/header-secrets.ts";
import { removeTargetSecrets } from "../redaction/remove-secrets.ts";
import type { Headers } from "../wire/message.ts";
import type { ScrubLevel } from "../recording/entry.ts";
import type { TextScrubber } from "./text-scrubber.ts";

/** Headers that say how the two sides speak, and nothing about anybody (RFC 6455, section 4; RFC 9110). */
const PLAIN_HEADERS =
  /^(?:upgrade|connection|sec-websocket-(?:key|accept|version|extensions)|sec-fetch-.*|content-(?:length|type|encoding)|transfer-encoding|cache-control|pragma|accept(?:-encoding|-ranges)?|vary|date|age|x-(?:content-type|frame)-options|keep-alive)$/i;

/** Headers whose value is an address, a host or a URL. */
const ADDRESSED = /^(?:host|origin|referer|location|forwarded|x-real-ip|x-forwarded-.*|via)$/i;

/** Cleans the target of a request: path and query, part by part, so that it stays a target. */
export function scrubTarget(target: string, level: ScrubLevel, scrubber: TextScrubber): string {
  const safe = removeTargetSecrets(target, scrubber.takeCredential);
  const [, path = "", query] = /^([^?]*)(?:\?(.*))?$/s.exec(safe) ?? [];
  const cleanPath = path
    .split("/")
    .map((segment) => scrubSegment(segment, level, scrubber))
    .join("/");
  if (query === undefined) return cleanPath;
  const cleanQuery = query.split("&").map((pair) => {
    const [name = "", ...rest] = pair.split("=");
    const value = rest.join("=");
    if (value === "") return scrubber.clean(pair);
    return `${scrubber.clean(name)}=${scrubPart(value, (part) => scrubber.scrubNamed(name, part))}`;
  });
  return `${cleanPath}?${cleanQuery.join("&")}`;
}

function scrubSegment(segment: string, level: ScrubLevel, scrubber: TextScrubber): string {
  const cleaned = scrubPart(segment, (part) => scrubber.clean(part));
  if (level !== "content" || cleaned !== segment) return cleaned;
  // Parts of paths that a Gateway serves are words; all else was made by somebody.
  return /^[A-Za-z_-]*(?:\.[a-z]{1,5})?$/.test(segment)
    ? segment
    : scrubPart(segment, (part) => scrubber.scrubText(part, [], () => undefined));
}

function scrubPart(part: string, scrub: (decoded: string) => string): string {
  try {
    const decoded = decodeURIComponent(part);
    const scrubbed = scrub(decoded);
    return scrubbed === decoded ? part : scrubbed;
  } catch {
    return scrub(part);
  }
}

/** Cleans headers; their names stay, since Gateways judge clients by which of them there are. */
export function scrubHeaders(headers: Headers, level: ScrubLevel, scrubber: TextScrubber): Headers {
  const scrubbed = headers.map(([name, value]) => {
    const safe = removeHeaderSecrets(name, value, scrubber.takeCredential);
    return [name, scrubHeader(name, safe, level, scrubber)] as const;
  });
  return scrubbed.every(([, value], index) => value === headers[index]?.[1]) ? headers : scrubbed;
}

function scrubHeader(
  name: string,
  value: string,
  level: ScrubLevel,
  scrubber: TextScrubber,
): string {
  if (PLAIN_HEADERS.test(name)) return level === "credentials" ? scrubber.clean(value) : value;
  if (level === "credentials") return scrubber.clean(value);
  if (/^host$/i.test(name)) return scrubHost(value, scrubber);
  if (ADDRESSED.test(name)) return scrubber.clean(value);
  if (
    /user|login|email|profile|account|tailscale|device/i.test(name) &&
    !/^user-agent$/i.test(name)
  ) {
    return scrubber.takeIdentifier(value, "user");
  }
  if (level !== "content") return scrubber.clean(value);
  const cleaned = scrubber.clean(value);
  return /<redacted:/.test(cleaned) && value !== "" && /^\w+ +<redacted:|^<redacted:/.test(cleaned)
    ? cleaned
    : scrubber.scrubText(value, [], () => undefined);
}

// A host without a dot, as `gateway:18789`, is known only by where it stands.
function scrubHost(value: string, scrubber: TextScrubber): string {
  const [, host = value, port = ""] = /^(.*?)(:\d+)?$/.exec(value) ?? [];
  const cleaned = scrubber.clean(host);
  const isName = cleaned === host && /[a-z]/i.test(host) && !host.startsWith("[");
  return (isName ? scrubber.takeIdentifier(host, "host") : cleaned) + port;
}
