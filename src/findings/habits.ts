import type { Profile } from "../gateway/profile.ts";
import { describeVersions } from "../gateway/rules.ts";
import { parseRoleRefusal } from "../gateway/scopes.ts";
import { mayMissBefore } from "../trace/gaps.ts";
import type { Connection, Rpc, Unreadable } from "../trace/model.ts";
import { groupBy, MAX_EVIDENCE, type FindingDraft, type RuleContext } from "./rule.ts";

/** So many failed calls in a row are a burst. */
const BURST_LENGTH = 5;

/** Two requests with one idempotency key: the Gateway runs the work once, and the client asked twice. */
export function diagnoseRepeatedKeys(connection: Connection): readonly FindingDraft[] {
  const keyed = connection.rpcs.filter(({ idempotencyKey }) => idempotencyKey !== null);
  return groupBy(keyed, ({ method, idempotencyKey }) => `${method}\n${idempotencyKey}`)
    .filter((group) => group.length > 1)
    .map((group) => ({
      code: "repeated-idempotency-key",
      rpc: group[0].id,
      title: `${group[0].method} was sent ${group.length} times with the idempotency key ${group[0].idempotencyKey}`,
      why: "An idempotency key names one piece of work, so the Gateway takes the later requests for the first one.",
      fix: "If this is no retry, let the client make a new key for each piece of work.",
      evidence: group.slice(0, MAX_EVIDENCE).map(({ requestEntry }) => requestEntry),
    }));
}

/** Requests sent before the Gateway accepted the connection. */
export function diagnoseEarlyRpcs({ rpcs, handshake, gaps }: Connection): FindingDraft | null {
  const { answerEntry, connectEntry } = handshake;
  const [first, ...more] = rpcs.filter(({ requestEntry }) =>
    answerEntry === null
      ? !mayMissBefore(gaps, requestEntry, "gateway")
      : requestEntry < answerEntry,
  );
  if (first === undefined) return null;
  return {
    code: "rpc-before-hello",
    rpc: first.id,
    title: `${first.method}${more.length === 0 ? " was" : ` and ${more.length} more were`} sent before hello-ok`,
    why: `${connectEntry === null ? "No connect was sent at all. " : ""}A request before hello-ok ends the connection (1008) on ${describeVersions("requestsBeforeHello", 0)}.`,
    fix: "Let the client wait for hello-ok before it sends requests.",
    evidence: [
      connectEntry,
      ...[first, ...more].slice(0, MAX_EVIDENCE).map(({ requestEntry }) => requestEntry),
    ],
  };
}

/** Many failed calls in a row: a client that does not take no for an answer. */
export function diagnoseErrorBurst(
  connection: Connection,
  { profile }: Pick<RuleContext, "profile">,
): FindingDraft | null {
  const longest = longestFailing(connection);
  if (longest.length < BURST_LENGTH) return null;
  const methods = [...new Set(longest.map(({ method }) => method))];
  return {
    code: "error-burst",
    title: `${longest.length} calls in a row failed (${methods.slice(0, 3).join(", ")}${methods.length > 3 ? ", …" : ""})`,
    why: explainBurst(longest, profile),
    fix: "Let the client stop after a refusal that a retry cannot change.",
    evidence: longest.slice(0, MAX_EVIDENCE).map(({ responseEntry }) => responseEntry),
  };
}

function explainBurst(
  failing: readonly Rpc[],
  { version, roleRefusalsInARow: most }: Profile,
): string {
  const areRoles = failing.every(({ error }) => error !== null && parseRoleRefusal(error) !== null);
  return areRoles && typeof most === "number"
    ? `OpenClaw ${version} gives ${most} answers of "unauthorized role" in a row, then closes the connection.`
    : "A refusal that a retry cannot change only costs time.";
}

// What a gap may hide between two failures may have been a success.
function longestFailing({ rpcs, gaps }: Connection): readonly Rpc[] {
  let [start, longestStart, longestEnd] = [0, 0, 0];
  let passed = 0;
  for (const [index, { ok, requestEntry }] of rpcs.entries()) {
    const before = passed;
    while ((gaps[passed]?.entry ?? Infinity) < requestEntry) passed += 1;
    if (passed > before) start = index;
    if (ok !== false) start = index + 1;
    else if (index + 1 - start > longestEnd - longestStart) {
      longestStart = start;
      longestEnd = index + 1;
    }
  }
  return rpcs.slice(longestStart, longestEnd);
}

// A Gateway that gives a slow reader up ends the connection where it is, which may be inside of a message (2026.9.5, seen).
function isCutMessage({ from, reason }: Unreadable): boolean {
  return from === "gateway" && reason === "ended inside a message";
}

function judgeCut(
  unreadable: readonly Unreadable[],
  rpcs: readonly Rpc[],
): Pick<FindingDraft, "why" | "fix"> {
  const noClose =
    "The Gateway's side of the TCP connection ended without a close frame (RFC 6455, section 7.1.5: 1006)";
  if (!unreadable.some(isCutMessage)) {
    return {
      why: `${noClose}: it crashed, was killed, or the network cut it off.`,
      fix: "Look at the Gateway's log at that time.",
    };
  }
  const waiting = rpcs.filter(({ ok }) => ok === null).length;
  return {
    why: `${noClose}, inside of a message${waiting === 0 ? "" : `, while ${waiting} ${waiting === 1 ? "call" : "calls"} waited`}. So a Gateway ends a connection whose client does not read, once more than policy.maxBufferedBytes wait for it; that it crashed, was killed or was cut off is possible as well.`,
    fix: 'Look for "outbound-buffer-exceeded" in the Gateway\'s log at that time. If it is there, let the client read without blocking, and ask for less at once.',
  };
}

/** Accepted connections that the Gateway closed for a message that was too large. */
export function diagnoseTooLarge(connection: Connection): FindingDraft | null {
  const { outcome, close, handshake, oddities, gaps } = connection;
  if (outcome !== "accepted" || close?.code !== 1009 || close.by !== "gateway") return null;
  const limit = handshake.hello?.policy.maxPayloadBytes ?? null;
  const message = oddities.findLast(({ kind }) => kind === "oversized-message");
  const gap = gaps.findLast(({ missingBytes }) => limit !== null && missingBytes > limit);
  const which =
    message !== undefined
      ? ` The recording holds such a message: ${message.what}.`
      : gap !== undefined
        ? ` The recording leaves out ${gap.missingBytes} bytes before that: ${gap.reason}.`
        : "";
  return {
    code: "message-too-large",
    title: "the Gateway closed the connection (1009): a message was too large",
    why: `The client sent more in one message than the Gateway takes${limit === null ? "" : `: policy.maxPayload is ${limit} bytes`}.${which}`,
    fix: "Send less in one message, such as smaller attachments, or fetch and send the data in parts: the same message closes the connection again.",
    evidence: [handshake.answerEntry, message?.entry ?? null, gap?.entry ?? null, close.entry],
  };
}

/** Accepted connections that the Gateway or the network cut off. */
export function diagnoseAbnormalEnd({
  outcome,
  close,
  handshake,
  rpcs,
  unreadable,
}: Connection): FindingDraft | null {
  if (outcome !== "accepted" || close === null || close.by === "client") return null;
  if (/slow consumer/i.test(close.reason)) {
    return {
      code: "slow-consumer",
      title: "the Gateway closed the connection: slow consumer",
      why: "The client did not read as fast as the Gateway wrote, until more than policy.maxBufferedBytes were waiting.",
      fix: "Let the client read without blocking, and subscribe to fewer events.",
      evidence: [handshake.answerEntry, close.entry],
    };
  }
  if (close.code !== 1006 || close.by === "tap") return null;
  return {
    code: "closed-abnormally",
    title: `the connection ended without a WebSocket close${close.reason === "" ? "" : ` (${close.reason})`}`,
    ...judgeCut(unreadable, rpcs),
    evidence: [...unreadable.filter(isCutMessage).map(({ entry }) => entry), close.entry],
  };
}
