import type { Refusal } from "../../gateway/connect.ts";
import type { Connection, Rpc, Trace } from "../../trace/model.ts";
import type { HeldBack } from "./play-client.ts";
import type { ReplayOutcome } from "../verdict/judge-outcome.ts";
import { clientLabel } from "../verdict/played.ts";

/** How something came out, in the recording or now. */
export interface CameOut {
  readonly ok: boolean;
  /** `CODE: message`; null when ok. */
  readonly error: string | null;
}

/** One recorded request: how it came out then and now. */
export interface ComparedRpc {
  readonly method: string;
  /** The recorded request's entry. */
  readonly entry: number;
  readonly before: CameOut | null;
  /** Null when it was not sent, or not answered. */
  readonly now: CameOut | null;
  /** Why it was not sent; null when it was. */
  readonly heldBack: string | null;
}

/** One recorded connection, made again. */
export interface ComparedConnection {
  readonly connection: number;
  /** `id/mode role`, as far as known. */
  readonly client: string | null;
  readonly before: CameOut | null;
  readonly now: CameOut | null;
  /** In effect; null where it was not let in. */
  readonly scopes: {
    readonly before: readonly string[] | null;
    readonly now: readonly string[] | null;
  };
  readonly rpcs: readonly ComparedRpc[];
}

/** What recorded clients met at another Gateway, compared with what they met in the recording. */
export interface ClientVerdict {
  readonly recording: string;
  readonly url: string;
  /** The versions of the two Gateways; null where hello-ok does not say. */
  readonly versions: { readonly before: string | null; readonly now: string | null };
  readonly connections: readonly ComparedConnection[];
  readonly outcome: ReplayOutcome;
  /** What failed in the recording and does not now, one line each. */
  readonly fixed: readonly string[];
  /** What fails now, and what could not be told, one line each. */
  readonly wrong: readonly string[];
  readonly conclusion: string;
}

/** Compares the recording with the trace of its clients at `url`, connection by connection and request by request. */
export function buildClientVerdict(
  before: Trace,
  now: Trace,
  heldBack: readonly HeldBack[],
  url: string,
): ClientVerdict {
  const connections = before.connections
    .filter(({ upgrade }) => upgrade !== null)
    .map((connection) => {
      const played = now.connections.find(({ id }) => id === connection.id) ?? null;
      return compareConnection(connection, played, heldBack);
    });
  const judged = connections.flatMap(judgeConnection);
  const linesOf = (...kinds: readonly Judged["kind"][]): readonly string[] =>
    judged.flatMap(({ kind, line }) => (kinds.includes(kind) ? [line] : []));
  const outcome = outcomeOf(judged);
  const fixed = linesOf("fixed");
  const wrong = linesOf("unknown", "failing", "different");
  return {
    recording: before.recording.name,
    url,
    versions: { before: versionOf(before), now: versionOf(now) },
    connections,
    outcome,
    fixed,
    wrong,
    conclusion: conclude(outcome, outcome === "fixed" ? fixed : wrong, judged.length),
  };
}

function compareConnection(
  recorded: Connection,
  played: Connection | null,
  heldBack: readonly HeldBack[],
): ComparedConnection {
  const { id, handshake, rpcs } = recorded;
  const connect = handshake.connect;
  return {
    connection: id,
    client: clientLabel(connect),
    before: handshakeOutcome(recorded),
    now: played === null ? null : handshakeOutcome(played),
    scopes: { before: scopesOf(recorded), now: scopesOf(played) },
    rpcs: rpcs.map((rpc) => {
      const held = heldBack.find(({ entry }) => entry === rpc.requestEntry);
      // Recorded ids are sent again, so a request is found by its own.
      const same = played?.rpcs.find((candidate) => candidate.id === rpc.id);
      return {
        method: rpc.method,
        entry: rpc.requestEntry,
        before: rpcOutcome(rpc),
        now: same === undefined ? null : rpcOutcome(same),
        heldBack: held?.why ?? null,
      };
    }),
  };
}

function scopesOf(connection: Connection | null): readonly string[] | null {
  return connection?.outcome === "accepted" ? connection.scopes.effective : null;
}

function handshakeOutcome({ outcome, handshake, upgrade, close }: Connection): CameOut | null {
  if (outcome === "accepted") return { ok: true, error: null };
  if (outcome === "incomplete") return null;
  const { refusal } = handshake;
  if (refusal !== null) return { ok: false, error: describeRefusal(refusal) };
  const status = upgrade?.status ?? null;
  if (status !== null && status !== 101) return { ok: false, error: `HTTP ${status}` };
  return { ok: false, error: `closed ${close?.code ?? ""} ${close?.reason ?? ""}`.trim() };
}

function describeRefusal({ code, detailCode, message }: Refusal): string {
  return `${detailCode ?? code}: ${message}`;
}

function rpcOutcome({ ok, error, final }: Rpc): CameOut | null {
  if (ok === null) return null;
  const failed = error ?? final?.error ?? null;
  const isGood = ok && final?.ok !== false;
  return { ok: isGood, error: failed === null ? null : `${failed.code}: ${failed.message}` };
}

interface Judged {
  readonly kind: "same" | "fixed" | "failing" | "different" | "unknown";
  readonly line: string;
}

function judgeConnection(connection: ComparedConnection): readonly Judged[] {
  const where = `connection ${connection.connection}`;
  const handshake = judge(`connect of ${where}`, connection, "accepted");
  // Where the client was let in before and is not now, or the other way round, its requests follow from that.
  const couldAsk = connection.before?.ok === true && connection.now?.ok === true;
  if (!couldAsk) return [handshake];
  return [
    handshake,
    ...connection.rpcs.map((rpc) => {
      const what = `${rpc.method} on ${where}`;
      return rpc.heldBack === null ? judge(what, rpc, "allowed") : judgeHeldBack(what, rpc);
    }),
  ];
}

function judge(
  what: string,
  { before, now }: Pick<ComparedRpc, "before" | "now">,
  good: "accepted" | "allowed",
): Judged {
  if (now === null) {
    if (before === null) return { kind: "same", line: what };
    return { kind: "unknown", line: `cannot tell: ${what} was not answered` };
  }
  if (now.ok) {
    if (before?.ok !== false) return { kind: "same", line: what };
    return { kind: "fixed", line: `fixed: ${what} was refused (${before.error}), now ${good}` };
  }
  if (before?.ok === false) {
    return { kind: "failing", line: `still failing: ${what}: ${now.error}` };
  }
  const then = before === null ? "was not answered" : `was ${good}`;
  return { kind: "different", line: `different: ${what} ${then}, now refused: ${now.error}` };
}

/** What was refused before and is not asked now leaves the question open; what went well before is only not tried again. */
function judgeHeldBack(what: string, { before, heldBack }: ComparedRpc): Judged {
  if (before?.ok !== false) return { kind: "same", line: what };
  return { kind: "unknown", line: `cannot tell: ${what} was held back: ${heldBack}` };
}

function outcomeOf(judged: readonly Judged[]): ReplayOutcome {
  const has = (kind: Judged["kind"]): boolean => judged.some((one) => one.kind === kind);
  if (has("unknown")) return "cannot-tell";
  if (has("failing")) return "still-failing";
  if (has("different")) return "different";
  return has("fixed") ? "fixed" : "unchanged";
}

function conclude(outcome: ReplayOutcome, lines: readonly string[], count: number): string {
  const [first] = lines;
  if (first === undefined) return `${outcome}: all ${count} outcomes are as recorded`;
  return lines.length === 1 ? first : `${first} (and ${lines.length - 1} more)`;
}

function versionOf({ connections }: Trace): string | null {
  for (const { handshake } of connections) {
    const version = handshake.hello?.serverVersion ?? null;
    if (version !== null) return version;
  }
  return null;
}
