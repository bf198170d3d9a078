import type { FrameError } from "./frame.ts";
import { isJsonObject, ownField } from "./json-object.ts";
import { know, look, NOT_MEASURED, unknown, type Measured } from "./measured.ts";
import type { Profile, RefusalRule } from "./profile.ts";

/** An error as it stands in a response frame. */
export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly retryable?: boolean;
}

/** What a refusal is put together from: the error, and how the connection ends after it. */
export interface WrittenRefusal {
  readonly error: WireError;
  readonly close: { readonly code: number; readonly reason: string } | null;
}

/** What stands in the places of a refusal; a function is asked only where its value is wanted. */
type Values = Readonly<Record<string, unknown>>;

/** Writes a refusal as that version does. Of several causes the first for which it has words counts. For use inside of `decide`. */
export function writeRefusal(
  profile: Profile,
  causes: readonly string[],
  values: Values,
): WrittenRefusal {
  const rule = findRefusal(profile, causes);
  const words = `in which words OpenClaw ${profile.version} refuses it (${nameRefusal(rule, causes)} by its rules)`;
  const known = know(rule === false ? NOT_MEASURED : rule, words);
  const text = (value: Measured<string>): string => fillIn(know(value, words), values);
  const details = Object.entries(know(known.details ?? {}, words)).flatMap(([name, value]) => {
    if (value === NOT_MEASURED) return unknown(words);
    const filled = typeof value === "string" ? detailOf(value, values) : value;
    return filled === undefined ? [] : [[name, filled] as const];
  });
  const { close, retryable } = known;
  return {
    error: {
      code: text(known.code),
      message: text(known.message),
      ...(details.length === 0 ? {} : { details: Object.fromEntries(details) }),
      ...(retryable === undefined ? {} : { retryable: know(retryable, words) }),
    },
    close:
      close === undefined
        ? null
        : { code: know(close.code, words), reason: cutCloseReason(text(close.reason)) },
  };
}

/** Reads from an error, as it was answered, what the rule for it is; the inverse of writing it. */
export function readRefusal(
  { code, message, details }: Pick<FrameError, "code" | "message" | "details">,
  values: Values,
): RefusalRule {
  const places = Object.entries(values).map(([name, value]) => [`<${name}>`, value] as const);
  const worded = places.reduce(
    (text, [place, value]) =>
      typeof value === "string" && value !== "" ? text.replaceAll(value, place) : text,
    message,
  );
  if (!isJsonObject(details)) return { code, message: worded };
  const placed = Object.entries(details).map(([name, value]) => {
    const same = places.find(([, other]) => JSON.stringify(other) === JSON.stringify(value));
    return [name, same?.[0] ?? value] as const;
  });
  return { code, message: worded, details: Object.fromEntries(placed) };
}

/** The rule for the first of these causes that the version tells apart; false when it has none of them. */
export function findRefusal(
  { refusals }: Profile,
  causes: readonly string[],
): Measured<RefusalRule | false> {
  for (const cause of causes) {
    const rule = look(refusals, cause);
    if (rule !== false) return rule;
  }
  return false;
}

function nameRefusal(rule: Measured<RefusalRule | false>, causes: readonly string[]): string {
  const cause = causes.at(-1) ?? "";
  if (rule === NOT_MEASURED || rule === false) return cause;
  const code = codeOf(rule) ?? cause;
  return code === rule.code ? `${code}: ${cause}` : `${rule.code}: ${code}`;
}

/** `error.details.code` of a refusal, or `error.code` where it has none; null where neither was measured. */
export function codeOf({ code, details }: RefusalRule): string | null {
  const detail = typeof details === "object" ? details["code"] : null;
  const exact = typeof detail === "string" ? detail : code;
  return exact === NOT_MEASURED ? null : exact;
}

function fillIn(text: string, values: Values): string {
  return text.replaceAll(/<(\w+)>/g, (_, name: string) => String(valueOf(values, name)));
}

function valueOf(values: Values, name: string): unknown {
  const value = ownField(values, name);
  return typeof value === "function" ? value() : value;
}

/** A detail's value: undefined where it is left out. */
function detailOf(text: string, values: Values): unknown {
  const [, name, mayBeLeftOut] = /^<(\w+)(\??)>$/.exec(text) ?? [];
  if (name === undefined) return fillIn(text, values);
  const value = valueOf(values, name);
  const isEmpty = Array.isArray(value) && value.length === 0;
  return isEmpty && mayBeLeftOut === "?" ? undefined : value;
}

/** A close reason is at most 123 bytes (RFC 6455, section 5.5); Gateways cut theirs at 120. */
function cutCloseReason(reason: string): string {
  const bytes = Buffer.from(reason);
  return bytes.length <= 120 ? reason : bytes.subarray(0, 120).toString();
}
