import { isUtf8 } from "node:buffer";
import { BASE64, characterClass, endOf, startOf } from "../redaction/characters.ts";

const IN_URL = characterClass(/[\w.~:@+*!'(),;=%-]/);
const CODE = /^%[0-9a-f]{2}/i;

/** Shorter ones hide nothing that anybody could be known by. */
const MIN_BASE64 = 12;

/** Cleans what is hidden in a text by an encoding of URLs or by base64, and encodes it again; the rest stays as it is. */
export function cleanEncoded(text: string, clean: (decoded: string) => string): string {
  const left = text.includes("%") ? cleanParts(text, nextPercent, cleanPercent, clean) : text;
  return cleanParts(left, nextBase64, cleanBase64, clean);
}

type Range = readonly [start: number, end: number];

/** Each part is looked for after the end of the one before, so that no character is looked at twice. */
function cleanParts(
  text: string,
  next: (text: string, from: number) => Range | null,
  cleanPart: (part: string, clean: (decoded: string) => string) => string,
  clean: (decoded: string) => string,
): string {
  let result = "";
  let copied = 0;
  for (let range = next(text, 0); range !== null; range = next(text, range[1])) {
    const [start, end] = range;
    const part = text.slice(start, end);
    const cleaned = cleanPart(part, clean);
    if (cleaned === part) continue;
    result += text.slice(copied, start) + cleaned;
    copied = end;
  }
  return copied === 0 ? text : result + text.slice(copied);
}

/** What stands around the next percent code and may stand in a URL. */
function nextPercent(text: string, from: number): Range | null {
  for (let at = text.indexOf("%", from); at >= 0; at = text.indexOf("%", at + 1)) {
    if (!CODE.test(text.slice(at, at + 3))) continue;
    return [startOf(text, at, IN_URL, at - from), endOf(text, at, IN_URL)];
  }
  return null;
}

function nextBase64(text: string, from: number): Range | null {
  for (let at = from; at < text.length; at += 1) {
    if (BASE64[text.charCodeAt(at)] !== 1) continue;
    const end = endOf(text, at, BASE64);
    if (end - at >= MIN_BASE64) return [at, end];
    at = end;
  }
  return null;
}

function cleanPercent(part: string, clean: (decoded: string) => string): string {
  try {
    const decoded = decodeURIComponent(part);
    const cleaned = clean(decoded);
    return cleaned === decoded ? part : encodeURIComponent(cleaned);
  } catch {
    return part;
  }
}

function cleanBase64(part: string, clean: (decoded: string) => string): string {
  const isUrl = part.includes("-") || part.includes("_");
  // Of `name=…` what follows is looked at; at the end it fills up.
  const name = part.lastIndexOf("=", part.length - 3) + 1;
  const encoded = part.slice(name);
  const bytes = Buffer.from(encoded, isUrl ? "base64url" : "base64");
  // Most words are base64 of something; only text is worth a look.
  if (bytes.length < 8 || !isUtf8(bytes)) return part;
  const decoded = bytes.toString();
  if (/[^\t\n\r\u0020-\u007e\u00a0-\uffff]/.test(decoded)) return part;
  const cleaned = clean(decoded);
  if (cleaned === decoded) return part;
  const again = Buffer.from(cleaned).toString(isUrl ? "base64url" : "base64");
  return part.slice(0, name) + (encoded.endsWith("=") ? again : again.replaceAll("=", ""));
}
