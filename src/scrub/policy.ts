import type { ScrubLevel } from "../recording/entry.ts";
import type { JsonPath } from "../redaction/rewrite-json.ts";

/** All levels, from the least taken out to the most. Each takes out what those before it do. */
export const SCRUB_LEVELS: readonly ScrubLevel[] = ["credentials", "identifiers", "content"];

/** What is taken out of a recording. */
export interface ScrubPolicy {
  readonly level: ScrubLevel;
  /** Further names of fields whose values are taken out, in any letter case. */
  readonly keys: readonly string[];
  /** Further places, such as `params.customer.*` or `payload.rows[].name`. */
  readonly paths: readonly string[];
  /** Further values, taken out wherever they stand. */
  readonly values: readonly string[];
  /** Secrets that are known beforehand, each with its kind. */
  readonly secrets?: ReadonlyMap<string, string>;
  /** Random: without it nobody can try out which value a stand-in stands for. */
  readonly salt: Uint8Array;
}

/** A path as people write it: `params.items[2].name`. */
export function renderPath(path: JsonPath): string {
  return path
    .map((step, index) =>
      typeof step === "number" ? `[${step}]` : `${index === 0 ? "" : "."}${step}`,
    )
    .join("");
}

/** The user's own additions, asked about one place. */
export class Additions {
  readonly #keys: ReadonlySet<string>;
  readonly #paths: readonly RegExp[];

  constructor({ keys, paths }: Pick<ScrubPolicy, "keys" | "paths">) {
    this.#keys = new Set(keys.map((key) => key.toLowerCase()));
    this.#paths = paths.map(toPattern);
  }

  /** True when the value there, or what it is inside of, was named by the user. */
  names(path: JsonPath): boolean {
    if (this.#keys.size > 0 && path.some((step) => this.#keys.has(String(step).toLowerCase())))
      return true;
    return this.#paths.length > 0 && this.#paths.some((one) => one.test(renderPath(path)));
  }
}

// `*` is any one key, `[]` any element; what lies below a place belongs to it.
function toPattern(path: string): RegExp {
  const source = path
    .replaceAll(/[\\^$+?(){}|]/g, String.raw`\$&`)
    .replaceAll(/\[(\d*)\]/g, (_, index: string) => (index === "" ? "@" : `@${index}#`))
    .replaceAll(/[.*@#]|\d+(?=#)/g, (part) => {
      if (part === "*") return String.raw`[^.[\]]+`;
      return part === "." ? String.raw`\.` : part;
    })
    .replaceAll(/@(\d+)#/g, String.raw`\[$1\]`)
    .replaceAll("@", String.raw`\[\d+\]`);
  return new RegExp(String.raw`^${source}(?:[.[]|$)`);
}
