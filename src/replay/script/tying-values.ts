import { ECHOED_FIELDS, LASTING_FIELDS, UUID } from "../../gateway/volatile.ts";

const MAX_DEPTH = 64;

/** The values in a message that tie it to a call: echoed fields and UUIDs. `lasting` ones are shared by many calls. */
export interface TyingValues {
  readonly single: ReadonlySet<string>;
  readonly lasting: ReadonlySet<string>;
}

/** Collects the values by which one message can be tied to another. */
export function collectTyingValues(value: unknown): TyingValues {
  const single = new Set<string>();
  const lasting = new Set<string>();
  const visit = (node: unknown, field: string | null, depth: number): void => {
    if (typeof node === "string") {
      if (field !== null && LASTING_FIELDS.has(field)) lasting.add(node);
      else if (field !== null && ECHOED_FIELDS.has(field)) single.add(node);
      for (const uuid of node.match(UUID) ?? []) single.add(uuid);
    } else if (isContainer(node) && depth < MAX_DEPTH) {
      for (const [key, inner] of Object.entries(node)) {
        visit(inner, Array.isArray(node) ? field : key, depth + 1);
      }
    }
  };
  visit(value, null, 0);
  return { single, lasting };
}

function isContainer(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
