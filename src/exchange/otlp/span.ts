/** The value of an attribute. */
export type OtlpValue = string | number | boolean | readonly string[] | readonly number[];

/**
 * Attributes by name. Names without a prefix of ours are those of the OpenTelemetry semantic conventions; `openclaw.gateway.*` is what
 * crossed the wire, `gw_trace.*` what gw-trace made of it. README.md has a table of them, and a test holds it to the code.
 */
export type OtlpAttributes = Readonly<Record<string, OtlpValue>>;

/** Something that happened during a span. */
export interface OtlpEvent {
  readonly name: string;
  /** Milliseconds since the Unix epoch, with fractions. */
  readonly unixMs: number;
  readonly attributes: OtlpAttributes;
}

/** Another span that this one belongs with. */
export interface OtlpLink {
  readonly traceId: string;
  readonly spanId: string;
  /** True when it was not gw-trace that made that span. */
  readonly isRemote: boolean;
}

/** One span as plain data. Ids are lower-case hex. */
export interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parent: { readonly spanId: string; readonly isRemote: boolean } | null;
  readonly name: string;
  /** `client` for what was asked of the Gateway, `internal` for the connection that carries it. */
  readonly kind: "client" | "internal";
  readonly startUnixMs: number;
  readonly endUnixMs: number;
  readonly attributes: OtlpAttributes;
  readonly events: readonly OtlpEvent[];
  readonly droppedEvents: number;
  readonly links: readonly OtlpLink[];
  readonly droppedLinks: number;
  /** Why its status is ERROR; null when it is UNSET. */
  readonly error: string | null;
}

const MAX_CHARACTERS = 1000;
const MAX_ITEMS = 50;

/** Events and links of one span beyond this are dropped, and counted (the limit of OpenTelemetry's SDKs). */
export const MAX_EVENTS = 128;

/** The same, as far as there is something to say. */
export type LooseAttributes = Readonly<Record<string, OtlpValue | null | undefined>>;

/** Attributes without those that say nothing, each of bounded size. */
export function attributesOf(loose: LooseAttributes): OtlpAttributes {
  const known = Object.entries(loose).flatMap(([name, value]) =>
    value == null || value === "" ? [] : [[name, bound(value)] as const],
  );
  return Object.fromEntries(known);
}

function bound(value: OtlpValue): OtlpValue {
  if (typeof value === "string") return cut(value);
  if (typeof value !== "object") return value;
  const items = value.slice(0, MAX_ITEMS);
  return items.every((item) => typeof item === "string") ? items.map(cut) : items;
}

function cut(text: string): string {
  return text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS - 1)}…` : text;
}
