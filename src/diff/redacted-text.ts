import { isContentStandIn, STAND_INS } from "../gateway/stand-ins.ts";

const STAND_IN = new RegExp(STAND_INS);
const EACH_STAND_IN = new RegExp(STAND_INS, "g");

/** True when a text may be the one that the recorded text was before credentials, or more, were taken out of it. */
export function fitsRedacted(recorded: string, live: string): boolean {
  // All that is known of a text that was taken out whole is how long it was.
  if (isContentStandIn(recorded)) return live.length === recorded.length;
  const [head = "", ...rest] = recorded.split(STAND_IN);
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

/** Puts the same word in place of everything taken out: what stands for it is new in every recording. */
export function maskRedacted(text: string): string {
  return text.replaceAll(EACH_STAND_IN, "<redacted>");
}
