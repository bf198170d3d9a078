import { NOT_MEASURED } from "../gateway/measured.ts";
import { describeVersions } from "../gateway/rules.ts";
import { mayMissBefore } from "../trace/gaps.ts";
import type { Connection, Rpc } from "../trace/model.ts";
import { groupBy } from "./group.ts";
import type { FindingDraft } from "./rule.ts";

const MAX_EVIDENCE = 20;

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
export function diagnoseEarlyRpcs({ rpcs, handshake, gaps }: Connection): readonly FindingDraft[] {
  const { answerEntry, connectEntry } = handshake;
  const [first, ...more] = rpcs.filter(({ requestEntry }) =>
    answerEntry === null
      ? !mayMissBefore(gaps, requestEntry, "gateway")
      : requestEntry < answerEntry,
  );
  if (first === undefined) return [];
  return [
    {
      code: "rpc-before-hello",
      rpc: first.id,
      title: `${first.method}${more.length === 0 ? " was" : ` and ${more.length} more were`} sent before hello-ok`,
      why: `${connectEntry === null ? "No connect was sent at all. " : ""}A request before hello-ok ends the connection (1008) on ${describeEnds()}.`,
      fix: "Let the client wait for hello-ok before it sends requests.",
      evidence: [
        connectEntry,
        ...[first, ...more].slice(0, MAX_EVIDENCE).map(({ requestEntry }) => requestEntry),
      ],
    },
  ];
}

/** Which versions let no request wait for hello-ok. */
function describeEnds(): string {
  return describeVersions(({ requestsBeforeHello: waiting }) =>
    waiting === NOT_MEASURED ? NOT_MEASURED : waiting === 0,
  );
}

/** Many failed calls in a row: a client that does not take no for an answer. */
export function diagnoseErrorBurst(connection: Connection): readonly FindingDraft[] {
  const longest = longestFailing(connection);
  if (longest.length < BURST_LENGTH) return [];
  const methods = [...new Set(longest.map(({ method }) => method))];
  return [
    {
      code: "error-burst",
      title: `${longest.length} calls in a row failed (${methods.slice(0, 3).join(", ")}${methods.length > 3 ? ", …" : ""})`,
      why: 'After 11 answers of "unauthorized role" in a row the Gateway closes the connection; other refusals only cost time.',
      fix: "Let the client stop after a refusal that a retry cannot change.",
      evidence: longest.slice(0, MAX_EVIDENCE).map(({ responseEntry }) => responseEntry),
    },
  ];
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

/** Accepted connections that the Gateway or the network cut off. */
export function diagnoseAbnormalEnd({
  outcome,
  close,
  handshake,
}: Connection): readonly FindingDraft[] {
  if (outcome !== "accepted" || close === null || close.by === "client") return [];
  if (/slow consumer/i.test(close.reason)) {
    return [
      {
        code: "slow-consumer",
        title: "the Gateway closed the connection: slow consumer",
        why: "The client did not read as fast as the Gateway wrote, until more than policy.maxBufferedBytes were waiting.",
        fix: "Let the client read without blocking, and subscribe to fewer events.",
        evidence: [handshake.answerEntry, close.entry],
      },
    ];
  }
  if (close.code !== 1006 || close.by === "tap") return [];
  return [
    {
      code: "closed-abnormally",
      title: `the connection ended without a WebSocket close${close.reason === "" ? "" : ` (${close.reason})`}`,
      why: "The Gateway's side of the TCP connection ended without a close frame (RFC 6455, section 7.1.5: 1006): it crashed, was killed, or the network cut it off.",
      fix: "Look at the Gateway's log at that time.",
      evidence: [close.entry],
    },
  ];
}
