/*
 * What may stand in a recording where something was taken out of it. Each form keeps what others need of the value: a UUID
 * still ties messages together, an address is still one and no loopback, a host still makes a URL. None can be a real value.
 */

const REDACTED = "<redacted:[a-z]+:[0-9a-f]{8}>~*";
const UUID = "00000000-0000-4000-8000-[0-9a-f]{12}";
/** RFC 2544, section C.2.2: addresses for benchmarks, which no network routes. */
const IPV4 = String.raw`(?<![\d.])198\.1[89]\.\d{1,3}\.\d{1,3}(?![\d.])`;
/** RFC 3849: addresses for documentation. */
const IPV6 = "(?<![0-9a-f:])2001:db8::[0-9a-f]{1,4}(?![0-9a-f:])";
/** RFC 2606, section 2: names that never resolve. */
const HOST = String.raw`(?<!\w)host-[0-9a-f]{8}\.invalid(?!\w)`;

/** A word of a sentence that was taken out. */
const WORD = String.raw`(?<![\w~/])~[0-9a-f]{4,22}(?![\w~/])`;

/** Finds anything that stands in for a value, as the source of a regular expression without groups that capture. */
export const STAND_INS: string = [REDACTED, UUID, IPV4, IPV6, HOST, WORD]
  .map((form) => `(?:${form})`)
  .join("|");

const WHOLE = new RegExp(`^(?:${STAND_INS})$`);

/** True when a text is nothing but a stand-in. */
export function isStandIn(text: string): boolean {
  return WHOLE.test(text) || isContentStandIn(text);
}

const CONTENT = /^(?:<redacted:text:[0-9a-f]{8}>~*|~[0-9a-f]{0,22})$/;

/** True for what stands in place of a whole text and is as long as that was. */
export function isContentStandIn(text: string): boolean {
  return CONTENT.test(text);
}

/** Puts together what stands in place of a text of `length` characters; `digest` is hexadecimal, at least 22 digits. */
export function contentStandIn(length: number, digest: string): string {
  if (length < 24) return length === 0 ? "" : `~${digest.slice(0, length - 1)}`;
  return `<redacted:text:${digest.slice(0, 8)}>`.padEnd(length, "~");
}
