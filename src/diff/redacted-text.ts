const PLACEHOLDER = /<redacted:[a-z]+:[0-9a-f]{8}>/;

/** True when a text may be the one that the recorded text was before credentials were taken out of it. */
export function fitsRedacted(recorded: string, live: string): boolean {
  const [head = "", ...rest] = recorded.split(PLACEHOLDER);
  const tail = rest.pop();
  if (tail === undefined) return false;
  if (!live.startsWith(head) || !live.endsWith(tail)) return false;
  let from = head.length;
  for (const part of rest) {
    const at = live.indexOf(part, from + 1);
    if (at < 0) return false;
    from = at + part.length;
  }
  // At least one character stood where each placeholder stands.
  return live.length - tail.length > from;
}

/** Puts the same word in place of every credential taken out: what stands for it is new in every recording. */
export function maskRedacted(text: string): string {
  return text.replaceAll(new RegExp(PLACEHOLDER, "g"), "<redacted>");
}
