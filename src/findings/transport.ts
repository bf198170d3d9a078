import { hostOf } from "../gateway/address.ts";
import { measuredProfiles } from "../gateway/measured-profiles.ts";
import { NOT_MEASURED } from "../gateway/measured.ts";
import type { Profile } from "../gateway/profile.ts";
import { describeVersions } from "../gateway/rules.ts";
import { mayMissAfter } from "../trace/gaps.ts";
import type { Close, Connection } from "../trace/model.ts";
import { MAX_EVIDENCE, type FindingDraft, type RuleContext } from "./rule.ts";
import { INVALID_HANDSHAKE } from "./wording.ts";

/** A client that asked for a WebSocket, got no answer, and gave up. */
export function diagnoseUnansweredUpgrade(connection: Connection): FindingDraft | null {
  const { upgrade, close, openedMs, gaps } = connection;
  if (upgrade === null || upgrade.responseEntry !== null || close?.by !== "client") return null;
  if (mayMissAfter(gaps, upgrade.requestEntry, "gateway")) return null;
  return {
    code: "upgrade-unanswered",
    title: `the WebSocket upgrade got no answer within ${Math.round(close.atMs - openedMs)} ms`,
    why: "Something took the connection at the Gateway's address and said nothing: a Gateway that is busy or still starting, or a server of another kind.",
    fix: "Look at what listens there, and at the Gateway's log at that time.",
    evidence: [upgrade.requestEntry, close.entry],
  };
}

/** A client whose Gateway could not be reached, or that was answered with an HTTP error, or cut off before hello-ok. */
export function diagnoseBrokenHandshake(
  connection: Connection,
  { profile }: Pick<RuleContext, "profile">,
): FindingDraft | null {
  const { upgrade, handshake, close, gatewayAddress } = connection;
  if (connection.outcome !== "refused" || handshake.refusal !== null) return null;
  if (gatewayAddress === null && close !== null) {
    return {
      code: "gateway-unreachable",
      title: `the Gateway could not be reached${close.reason === "" ? "" : ` (${close.reason})`}`,
      why: "Nothing accepted the tap's TCP connection at the Gateway's address.",
      fix: "Start the Gateway, or point gw-trace at it with --url.",
      evidence: [connection.openedEntry, close.entry],
    };
  }
  if (upgrade !== null && upgrade.status !== null && upgrade.status !== 101) {
    return {
      code: "upgrade-refused",
      title: `the WebSocket upgrade was answered with HTTP ${upgrade.status}`,
      ...judgeStatus(upgrade.status, upgrade.forwardingHeaders, connection),
      evidence: [upgrade.requestEntry, upgrade.responseEntry],
    };
  }
  if (upgrade === null || close === null) return null;
  const isInvalid = isInvalidHandshake(connection, close);
  return {
    code: isInvalid ? "invalid-handshake" : "closed-before-hello",
    title: `the connection ended before hello-ok${close.code === null ? "" : ` (close ${close.code}${close.reason === "" ? "" : ` ${close.reason}`})`}`,
    ...(isInvalid ? INVALID : judgeEarlyClose(connection, close, profile)),
    evidence: [
      upgrade.requestEntry,
      handshake.connectEntry,
      ...connection.unreadable.slice(0, 1).map(({ entry }) => entry),
      ...connection.rpcs.slice(0, 1).flatMap((rpc) => [rpc.requestEntry, rpc.responseEntry]),
      close.entry,
    ],
  };
}

const INVALID = {
  why: "The Gateway takes nothing but a valid connect request as the first frame, and says what it takes offence at only in the close, if at all.",
  fix: "Send a connect request with the fields of this Gateway's protocol version first.",
};

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

function judgeStatus(
  status: number,
  forwardingHeaders: readonly string[],
  { peerAddress }: Connection,
): Pick<FindingDraft, "why" | "fix"> {
  if (status !== 403 || forwardingHeaders.length === 0) {
    return {
      why: "The Gateway, or something in front of it, did not take the request as a WebSocket upgrade.",
      fix: "Look at the address and the path of the client, and at any proxy between.",
    };
  }
  const headers = forwardingHeaders.join(", ");
  const peer = peerAddress === null ? null : hostOf(peerAddress);
  return {
    why: `The client, or a proxy before it, sends ${headers}. A Gateway answers 403 to that where its peer${peer === null ? "" : `, here ${peer},`} is not in gateway.trustedProxies, or where the address forwarded is itself a trusted proxy's or loopback.`,
    fix: `Set gateway.trustedProxies to the proxy's address${peer === null ? "" : `, ["${peer}"],`} and to no more than that, and let the proxy write the client's own address into X-Forwarded-For instead of passing on what it was sent; without a proxy, let the client leave out ${headers}.`,
  };
}

/** How large a first frame may be: on this version, or else on those on which a limit was measured. */
function describeFirstFrame({ version, firstFrameBytes: most }: Profile): string {
  const name = (bytes: number) => `at most ${bytes.toLocaleString("en-US")} bytes before hello-ok`;
  if (typeof most === "number") return `OpenClaw ${version} takes ${name(most)}`;
  const limits = new Set(measuredProfiles().map(({ firstFrameBytes }) => firstFrameBytes));
  const told = [...limits]
    .filter((limit) => typeof limit === "number")
    .map((limit) => `${describeVersions("firstFrameBytes", limit)} take ${name(limit)}`);
  return told.join("; ") || "Gateways limit it";
}

function judgeEarlyClose(
  { handshake, openedMs }: Connection,
  { code, by, atMs }: Close,
  profile: Profile,
): Pick<FindingDraft, "why" | "fix"> {
  const sentConnect = handshake.connectEntry !== null;
  if (code === 1009) {
    return {
      why: `The first frame was too large: ${describeFirstFrame(profile)}.`,
      fix: "Send less in the connect request.",
    };
  }
  if (code === 1000 && !sentConnect && by === "gateway") {
    const limitMs = profile.handshakeTimeoutMs;
    const limit =
      limitMs === NOT_MEASURED ? "" : `; OpenClaw ${profile.version} waits ${limitMs / 1000} s`;
    return {
      why: `The client sent no connect request within ${((atMs - openedMs) / 1000).toFixed(1)} s, and the Gateway closed the connection${limit}.`,
      fix: "Send connect as soon as connect.challenge comes, before anything that takes long, such as loading plugins.",
    };
  }
  return {
    why: sentConnect
      ? "The Gateway ended the connection without answering connect."
      : "No connect request was seen on it.",
    fix: "Look at the client's first frame and at the Gateway's log at that time.",
  };
}

/** Messages that are no Gateway frames, and bytes that are no WebSocket messages. */
export function diagnoseUnreadable(connection: Connection): FindingDraft | null {
  const [first, ...more] = connection.unreadable;
  if (first === undefined) return null;
  return {
    code: "unreadable-message",
    title: `${more.length === 0 ? "a message" : `${more.length + 1} messages`} could not be read: ${first.reason}`,
    why: `The ${first.from} sent ${first.sizeBytes} bytes that are no Gateway frame. They were passed on as they came.`,
    fix: `Look at what the ${first.from} sends on this connection.`,
    evidence: [first, ...more].slice(0, MAX_EVIDENCE).map(({ entry }) => entry),
  };
}

/** Responses that nobody asked for on their connection. */
export function diagnoseStrayResponses(connection: Connection): FindingDraft | null {
  const [first, ...more] = connection.strayResponses;
  if (first === undefined) return null;
  return {
    code: "response-without-request",
    title: `${more.length + 1} response${more.length === 0 ? "" : "s"} without a request (id ${first.id})`,
    why: "The id belongs to no request that waits for an answer on this connection: a second answer, or an id of another connection.",
    fix: "Look at the ids that the client uses, and at the Gateway's log at that time.",
    evidence: [first, ...more].slice(0, MAX_EVIDENCE).map(({ entry }) => entry),
  };
}
