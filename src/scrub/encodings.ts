import { isUtf8 } from "node:buffer";

const PERCENT = /[\w.~:@+*!'(),;=-]*(?:%[0-9a-f]{2}[\w.~:@+*!'(),;=-]*)+/gi;
const BASE64 = /(?<![\w+/=-])[\w+/-]{12,}={0,2}(?![\w+/=-])/g;

/** Cleans what is hidden in a text by an encoding of URLs or by base64, and encodes it again; the rest stays as it is. */
export function cleanEncoded(text: string, clean: (decoded: string) => string): string {
  const left = text.includes("%")
    ? text.replace(PERCENT, (part) => cleanPercent(part, clean))
    : text;
  return left.replace(BASE64, (part) => cleanBase64(part, clean));
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
  const isUrl = /[-_]/.test(part);
  const bytes = Buffer.from(part, isUrl ? "base64url" : "base64");
  // Most words are base64 of something; only text is worth a look.
  if (bytes.length < 8 || !isUtf8(bytes)) return part;
  const decoded = bytes.toString();
  if (!/^[\t\n\r\u0020-\u007e\u00a0-\uffff]*$/.test(decoded)) return part;
  const cleaned = clean(decoded);
  if (cleaned === decoded) return part;
  const encoded = Buffer.from(cleaned).toString(isUrl ? "base64url" : "base64");
  return part.endsWith("=") ? encoded : encoded.replace(/=+$/, "");
}
