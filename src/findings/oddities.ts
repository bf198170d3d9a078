import type { Connection, OddityKind } from "../trace/model.ts";
import { groupBy, MAX_EVIDENCE, type FindingDraft, type RuleContext } from "./rule.ts";

const JUDGEMENTS: Readonly<Record<OddityKind, Pick<FindingDraft, "title" | "why" | "fix">>> = {
  "duplicate-request-id": {
    title: "a request id was used again while its first request waited",
    why: "Answers are matched by id, so the client cannot tell which of the two an answer belongs to.",
    fix: "Let the client make a new id for every request of a connection.",
  },
  "event-before-hello": {
    title: "an event came before hello-ok",
    why: "Before hello-ok only connect.challenge may come; clients drop or misread anything else.",
    fix: "Report it to OpenClaw with this recording.",
  },
  "oversized-message": {
    title: "a message is larger than policy.maxPayload",
    why: "hello-ok announces the largest message that either side takes; the Gateway closes with 1009 above it.",
    fix: "Send less in one message, or page through the data.",
  },
  "repeated-message": {
    title: "the same message came twice in a row",
    why: "Every request has its own id and every numbered event its own seq, so two equal messages are one sent twice.",
    fix: "Look for a client or a proxy that sends again what it has sent.",
  },
  "sequence-gap": {
    title: "events are missing",
    why: "Event seq counts up by one for each client, so the numbers between never arrived.",
    fix: "Let the client fetch the state again; look for a slow consumer, or for events that were dropped as too large.",
  },
  "sequence-regression": {
    title: "event numbers went backwards",
    why: "Event seq only counts up; a lower number is a repeated or a late event.",
    fix: "Let the client ignore events whose seq it has seen, and report it to OpenClaw with this recording.",
  },
  silence: {
    title: "the Gateway was silent for more than two ticks",
    why: "The Gateway ticks at policy.tickIntervalMs; clients take two missed ticks for a dead connection and reconnect.",
    fix: "Look at the Gateway's load and log at that time, and for a proxy that holds messages back.",
  },
};

/** What is odd about order, numbering, size or silence: one finding for each kind on a connection. */
export function diagnoseOddities(
  { oddities }: Connection,
  { profile }: Pick<RuleContext, "profile">,
): readonly FindingDraft[] {
  // Where seq counts the events of all clients, a number that is skipped is an event for somebody else.
  const areMissing = profile.seqCounts === "connection";
  const counted = oddities.filter(({ kind }) => kind !== "sequence-gap" || areMissing);
  return groupBy(counted, ({ kind }) => kind).map((group) => {
    const [{ kind, what }] = group;
    const { title, ...judgement } = JUDGEMENTS[kind];
    const times = group.length === 1 ? "" : ` (${group.length} times)`;
    return {
      ...judgement,
      code: kind === "silence" ? "tick-silence" : kind,
      title: `${title}${times}: ${what}`,
      evidence: group.slice(0, MAX_EVIDENCE).map(({ entry }) => entry),
    };
  });
}
