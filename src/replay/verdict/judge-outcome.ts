import { parseScopeRefusal } from "../../gateway/scopes.ts";
import type { Outcome } from "../script/script.ts";
import type { PlayedConnection, PlayedRpc } from "./played.ts";

/**
 * What a replay proves: all `unchanged` and good; `fixed`, when something that failed does not and nothing else went wrong;
 * `still-failing`; `different` from the recording in another way; or `cannot-tell`, when an answer was not known.
 */
export type ReplayOutcome = "unchanged" | "fixed" | "still-failing" | "different" | "cannot-tell";

/** The outcome, and the lines that say why. */
export interface JudgedOutcome {
  readonly outcome: ReplayOutcome;
  readonly fixed: readonly string[];
  readonly wrong: readonly string[];
}

interface Judged {
  readonly kind: "fixed" | "failing" | "broken" | "unknown" | "missed" | "same";
  readonly line: string;
}

/** Compares how each handshake and each rpc came out before and now. */
export function judgeOutcome(
  connections: readonly PlayedConnection[],
  clean: boolean,
): JudgedOutcome {
  const all = connections.flatMap((connection) => [
    judgeHandshake(connection),
    ...connection.rpcs.map((rpc) => judgeRpc(connection, rpc)),
  ]);
  const linesOf = (...kinds: readonly Judged["kind"][]): readonly string[] =>
    all.filter(({ kind }) => kinds.includes(kind)).map(({ line }) => line);
  const fixed = linesOf("fixed");
  const wrong = linesOf("unknown", "failing", "broken", "missed");
  const has = (kind: Judged["kind"]): boolean => all.some((judged) => judged.kind === kind);
  const outcome = ((): ReplayOutcome => {
    if (has("unknown")) return "cannot-tell";
    if (has("failing")) return "still-failing";
    if (has("broken") || has("missed")) return "different";
    if (fixed.length > 0) return "fixed";
    return clean ? "unchanged" : "different";
  })();
  return { outcome, fixed, wrong };
}

/** The one line that says what the replay came to; `counts` says how much was as recorded. */
export function concludeWith({ outcome, fixed }: JudgedOutcome, counts: string): string {
  const [first = ""] = fixed;
  const more = fixed.length > 1 ? ` (and ${fixed.length - 1} more)` : "";
  return outcome === "fixed" ? `${first}${more}` : counts;
}

function judgeHandshake(connection: PlayedConnection): Judged {
  const { recorded, replayed, grade, live, missing, rpcs } = connection;
  const what = `connect of ${nameOf(connection)}`;
  if (live === null) {
    // What only failed, such as a retry or the clean-up after a failure, need not come again once the failure is gone.
    const onlyFailed = rpcs.length > 0 && rpcs.every((rpc) => rpc.recorded?.ok !== true);
    const isGood = recorded?.ok === false || onlyFailed;
    return { kind: isGood ? "same" : "missed", line: `${what} was never made` };
  }
  if (grade === "unknown") {
    const why = missing ?? "no recorded connection answers it";
    return { kind: "unknown", line: `cannot tell: ${what}: ${why}` };
  }
  return compare(what, recorded, replayed, connection.source, "accepted");
}

function judgeRpc(connection: PlayedConnection, rpc: PlayedRpc): Judged {
  const { method, as, grade, recorded, replayed, missing, source } = rpc;
  const what = `${method ?? "a message"} on ${nameOf(connection)}`;
  if (as === "never") {
    const isGood = recorded?.ok !== true;
    return { kind: isGood ? "same" : "missed", line: `${what} was never asked for` };
  }
  if (grade === "unknown") {
    const why =
      missing ?? (as === "unmatched" ? "it is not in the recording" : "its params differ");
    return { kind: "unknown", line: `cannot tell: ${what}: ${why}` };
  }
  return compare(what, recorded, replayed, source, "allowed");
}

function compare(
  what: string,
  recorded: Outcome | null,
  replayed: Outcome | null,
  source: string | null,
  good: "accepted" | "allowed",
): Judged {
  const from = source === null ? "recorded" : `derived: ${source}`;
  if (replayed === null) return { kind: "same", line: what };
  if (replayed.ok) {
    if (recorded === null || recorded.ok) return { kind: "same", line: what };
    const line = `fixed: ${what} was refused (${reasonOf(recorded)}), now ${good} (${from})`;
    return { kind: "fixed", line };
  }
  if (recorded?.ok === false) {
    return { kind: "failing", line: `still failing: ${what}: ${reasonOf(replayed)} (${from})` };
  }
  const before = recorded === null ? "was not asked" : `was ${good}`;
  const line = `different: ${what} ${before}, now refused: ${reasonOf(replayed)} (${from})`;
  return { kind: "broken", line };
}

function reasonOf({ errorCode, errorMessage }: Outcome): string {
  const message = errorMessage ?? errorCode ?? "refused";
  const scope = parseScopeRefusal({
    code: errorCode ?? "",
    message,
    details: undefined,
    retryable: null,
    retryAfterMs: null,
  });
  return scope === null ? message : `missing ${scope.missing}`;
}

function nameOf({ connection, live }: PlayedConnection): string {
  return connection === null ? `live connection ${live}` : `connection ${connection}`;
}
