import { createHmac } from "node:crypto";
import { contentStandIn, isStandIn } from "../gateway/stand-ins.ts";
import { UUID } from "../gateway/volatile.ts";

const WHOLE_UUID = new RegExp(`^${UUID.source}$`, "i");
const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;
const IPV6 = /^[0-9a-f]*:[0-9a-f.]*:[0-9a-f:.]*$/i;
const HOST_NAME = /^[a-z0-9](?:[\w-]*[a-z0-9])?(?:\.[a-z0-9-]+)*\.?$/i;

/** Gives each value its stand-in: the same value always the same one, and no two values one. */
export class StandInBook {
  readonly #salt: Uint8Array;
  readonly #byValue = new Map<string, string>();
  readonly #taken = new Set<string>();

  constructor(salt: Uint8Array) {
    this.#salt = salt;
  }

  /** What stands for a value. `kind` is lower-case letters; of a value seen before the first kind counts. */
  standInFor(value: string, kind: string): string {
    return this.#find(value, value, (digest) => formOf(value, kind, digest));
  }

  /** What stands for a whole text: as long as the text. */
  contentFor(text: string): string {
    return this.#find(`text\n${text}`, text, (digest) => contentStandIn(text.length, digest));
  }

  #find(key: string, value: string, form: (digest: string) => string): string {
    if (isStandIn(value)) return value;
    const known = this.#byValue.get(key);
    if (known !== undefined) return known;
    let standIn = "";
    // Of texts of two characters there are more than there are stand-ins of two.
    for (let attempt = 0; attempt < 64; attempt += 1) {
      const hmac = createHmac("sha256", this.#salt).update(`${attempt}\n${value}`);
      standIn = form(hmac.digest("hex"));
      if (!this.#taken.has(standIn)) break;
    }
    this.#taken.add(standIn);
    this.#byValue.set(key, standIn);
    return standIn;
  }
}

function formOf(value: string, kind: string, digest: string): string {
  if (WHOLE_UUID.test(value)) return `00000000-0000-4000-8000-${digest.slice(0, 12)}`;
  if (kind === "ip" && IPV4.test(value)) {
    const [net, third, fourth] = [0, 2, 4].map((at) =>
      Number.parseInt(digest.slice(at, at + 2), 16),
    );
    return `198.${18 + ((net ?? 0) & 1)}.${third}.${fourth}`;
  }
  if (kind === "ip" && IPV6.test(value)) return `2001:db8::${plainHex(digest.slice(0, 4))}`;
  if (kind === "host" && HOST_NAME.test(value)) return `host-${digest.slice(0, 8)}.invalid`;
  return `<redacted:${kind}:${digest.slice(0, 8)}>`;
}

function plainHex(digits: string): string {
  return Number.parseInt(digits, 16).toString(16);
}
