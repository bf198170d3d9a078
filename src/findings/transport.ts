import { describeVersions } from "../gateway/rules.ts";
import { mayMissAfter } from "../trace/gaps.ts";
import type { Close, Connection } from "../trace/model.ts";
import type { FindingDraft } from "./rule.ts";
import { INVALID_HANDSHAKE } from "./wording.ts";

const MAX_EVIDENCE = 20;

/** A client that asked for a WebSocket, got no answer, and gave up. */
export function diagnoseUnansweredUpgrade(connection: Connection): readonly FindingDraft[] {
  const { upgrade, close, openedMs, gaps } = connection;
  if (upgrade === null || upgrade.responseEntry !== null || close?.by !== "client") return [];
  if (mayMissAfter(gaps, upgrade.requestEntry, "gateway")) return [];
  return [
    {
      code: "upgrade-unanswered",
      title: `the WebSocket upgrade got no answer within ${Math.round(close.atMs - openedMs)} ms`,
      why: "Something took the connection at the Gateway's address and said nothing: a Gateway that is busy or still starting, or a server of another kind.",
      fix: "Look at what listens there, and at the Gateway's log at that time.",
      evidence: [upgrade.requestEntry, close.entry],
    },
  ];
}

/** A client whose Gateway could not be reached, or that was answered with an HTTP error, or cut off before hello-ok. */
export function diagnoseBrokenHandshake(connection: Connection): readonly FindingDraft[] {
  const { upgrade, handshake, close, gatewayAddress } = connection;
  if (connection.outcome !== "refused" || handshake.refusal !== null) return [];
  if (gatewayAddress === null && close !== null) {
    return [
      {
        code: "gateway-unreachable",
        title: `the Gateway could not be reached${close.reason === "" ? "" : ` (${close.reason})`}`,
        why: "Nothing accepted the tap's TCP connection at the Gateway's address.",
        fix: "Start the Gateway, or point gw-trace at it with --url.",
        evidence: [connection.openedEntry, close.entry],
      },
    ];
  }
  if (upgrade !== null && upgrade.status !== null && upgrade.status !== 101) {
    return [
      {
        code: "upgrade-refused",
        title: `the WebSocket upgrade was answered with HTTP ${upgrade.status}`,
        why: explainStatus(upgrade.status, upgrade.forwardingHeaders),
        fix: "Look at the address and the path of the client, and at any proxy between.",
        evidence: [upgrade.requestEntry, upgrade.responseEntry],
      },
    ];
  }
  if (upgrade === null || close === null) return [];
  const isInvalid = isInvalidHandshake(connection, close);
  return [
    {
      code: isInvalid ? "invalid-handshake" : "closed-before-hello",
      title: `the connection ended before hello-ok${close.code === null ? "" : ` (close ${close.code}${close.reason === "" ? "" : ` ${close.reason}`})`}`,
      why: isInvalid
        ? "The Gateway takes nothing but a valid connect request as the first frame, and says what it takes offence at only in the close, if at all."
        : explainEarlyClose(close.code, handshake.connectEntry !== null),
      fix: isInvalid
        ? "Send a connect request with the fields of this Gateway's protocol version first."
        : "Look at the client's first frame and at the Gateway's log at that time.",
      evidence: [
        upgrade.requestEntry,
        handshake.connectEntry,
        ...connection.unreadable.slice(0, 1).map(({ entry }) => entry),
        ...connection.rpcs.slice(0, 1).flatMap((rpc) => [rpc.requestEntry, rpc.responseEntry]),
        close.entry,
      ],
    },
  ];
}

// What is not JSON is answered with a bare close 1000; everything else that is no connect request, with 1008 and a reason.
function isInvalidHandshake({ handshake, unreadable }: Connection, close: Close): boolean {
  if (close.by !== "gateway") return false;
  if (INVALID_HANDSHAKE.test(close.reason)) return true;
  return (
    close.code === 1000 &&
    handshake.connectEntry === null &&
    unreadable.some(({ from }) => from === "client")
  );
}

function explainStatus(status: number, forwardingHeaders: readonly string[]): string {
  return status === 403 && forwardingHeaders.length > 0
    ? `The client, or a proxy before it, sends ${forwardingHeaders.join(", ")}. ${describeVersions(({ refusesForwarding }) => refusesForwarding)} refuse that with 403 from a peer that is not in gateway.trustedProxies, or where the address forwarded is itself a trusted proxy's or loopback.`
    : "The Gateway, or something in front of it, did not take the request as a WebSocket upgrade.";
}

function explainEarlyClose(code: number | null, sentConnect: boolean): string {
  if (code === 1009)
    return "The first frame was too large: before hello-ok the Gateway takes at most 65,536 bytes.";
  if (code === 1000 && !sentConnect) return "The client did not send a connect request in time.";
  return sentConnect
    ? "The Gateway ended the connection without answering connect."
    : "No connect request was seen on it.";
}

/** Messages that are no Gateway frames, and bytes that are no WebSocket messages. */
export function diagnoseUnreadable(connection: Connection): readonly FindingDraft[] {
  const [first, ...more] = connection.unreadable;
  if (first === undefined) return [];
  return [
    {
      code: "unreadable-message",
      title: `${more.length === 0 ? "a message" : `${more.length + 1} messages`} could not be read: ${first.reason}`,
      why: `The ${first.from} sent ${first.sizeBytes} bytes that are no Gateway frame. They were passed on as they came.`,
      fix: `Look at what the ${first.from} sends on this connection.`,
      evidence: [first, ...more].slice(0, MAX_EVIDENCE).map(({ entry }) => entry),
    },
  ];
}

/** Responses that nobody asked for on their connection. */
export function diagnoseStrayResponses(connection: Connection): readonly FindingDraft[] {
  const [first, ...more] = connection.strayResponses;
  if (first === undefined) return [];
  return [
    {
      code: "response-without-request",
      title: `${more.length + 1} response${more.length === 0 ? "" : "s"} without a request (id ${first.id})`,
      why: "The id belongs to no request that waits for an answer on this connection: a second answer, or an id of another connection.",
      fix: "Look at the ids that the client uses, and at the Gateway's log at that time.",
      evidence: [first, ...more].slice(0, MAX_EVIDENCE).map(({ entry }) => entry),
    },
  ];
}
