import type { Finding } from "../findings/finding.ts";
import { nameGap, namePeer, nameScopes } from "../findings/wording.ts";
import { tellRules } from "../gateway/rules.ts";
import { rulesOf } from "../trace/build.ts";
import { mayMissBefore } from "../trace/gaps.ts";
import type { Connection, Rpc, Trace } from "../trace/model.ts";
import { renderClient } from "./connection.ts";
import { renderFinding } from "./findings.ts";
import { toPrintable } from "./printable.ts";
import { renderCount, renderDuration, renderOffset } from "./quantity.ts";
import { colorsOf, renderParagraph, type Style } from "./style.ts";

/** Calls beyond so many are counted, not told. */
const MAX_CALLS = 20;
const MAX_GAPS = 10;

/** The story of one connection in plain sentences, then what was found on it. Ends with a line break. */
export function renderExplanation(
  trace: Trace,
  connection: Connection,
  findings: readonly Finding[],
  style: Style,
): string {
  const title = `Connection ${connection.id} of ${trace.recording.name}`;
  return [
    colorsOf(style).bold(toPrintable(title)),
    ...trace.recording.missing.map((what) =>
      renderParagraph("! ", toPrintable(`Not all was recorded: ${what}.`), style, 2),
    ),
    ...tellRules(rulesOf(trace, connection)).map((note) =>
      renderParagraph("! ", toPrintable(`${note}.`), style, 2),
    ),
    ...tellConnection(connection).map((sentence) =>
      renderParagraph("- ", toPrintable(sentence), style, 2),
    ),
    "",
    findings.length === 0
      ? "  Nothing went wrong on it."
      : findings.map((finding) => renderFinding(finding, style, false)).join("\n\n"),
    "",
  ].join("\n");
}

/** The story of one connection, one sentence after the other; not made printable yet. */
export function tellConnection(connection: Connection): readonly string[] {
  return [
    tellArrival(connection),
    tellRequest(connection),
    tellAnswer(connection),
    tellPower(connection),
    ...tellCalls(connection.rpcs),
    tellEvents(connection),
    ...tellGaps(connection),
    tellEnd(connection),
  ].filter((sentence) => sentence !== null);
}

function tellArrival(connection: Connection): string {
  const { clientAddress, upgrade, openedMs } = connection;
  const origin =
    upgrade !== null && upgrade.origin !== null ? `, with the Origin ${upgrade.origin}` : "";
  const from = clientAddress === null ? "" : ` from ${clientAddress}`;
  return `At ${renderOffset(openedMs)} a client connected${from}${origin}; the Gateway saw the peer ${namePeer(connection)}.`;
}

function tellRequest(connection: Connection): string {
  const { connect } = connection.handshake;
  if (connect === null)
    return isBlindBefore(connection)
      ? "Its connect request was not recorded."
      : "It never sent a connect request.";
  const { displayName, version } = connect.client;
  const name = displayName === null ? "" : ` "${displayName}"`;
  const credential =
    connect.authKinds.length === 0 ? "no credential" : `its ${connect.authKinds.join(" and ")}`;
  const device =
    connect.device === null
      ? "no device identity"
      : `the device identity ${connect.device.id.slice(0, 8)}`;
  return `It said it is ${renderClient(connection)}${name} ${version}, asked for the role ${connect.role} with ${nameScopes(connect.scopes)}, and sent ${credential} and ${device}.`;
}

function tellAnswer({ handshake, scopes, outcome }: Connection): string | null {
  const { hello, refusal } = handshake;
  if (hello !== null) {
    const reported =
      scopes.granted === null
        ? "did not say which scopes it grants"
        : `reported ${nameScopes(scopes.granted)}`;
    return `The Gateway (OpenClaw ${hello.serverVersion ?? "of unknown version"}, protocol ${hello.protocol ?? "unknown"}) accepted it and ${reported}.`;
  }
  if (refusal !== null) return `The Gateway refused it: ${refusal.code}, "${refusal.message}".`;
  return outcome === "refused" ? "The Gateway never accepted it." : null;
}

function tellPower({ scopes, outcome }: Connection): string | null {
  if (outcome !== "accepted") return null;
  if (scopes.effectiveFrom === "unknown") {
    return scopes.proven.length === 0
      ? "What it holds in effect is not known."
      : `Its calls prove ${nameScopes(scopes.proven)}; what else it holds in effect is not known.`;
  }
  const source = {
    calls: "as its calls show",
    rule: "by this version's rule for such a handshake",
    hello: "as hello-ok says",
    unknown: "",
  }[scopes.effectiveFrom];
  const proof =
    scopes.proven.length === 0
      ? "; no call has proven any of it"
      : `; its calls prove ${nameScopes(scopes.proven)}`;
  return `In effect it holds ${nameScopes(scopes.effective)}, ${source}${scopes.effective.length === 0 ? "" : proof}.`;
}

function tellCalls(rpcs: readonly Rpc[]): readonly string[] {
  const told = rpcs.slice(0, MAX_CALLS).map(tellCall);
  const more = rpcs.length - MAX_CALLS;
  return more > 0 ? [...told, `It made ${renderCount(more, "more call")}.`] : told;
}

function tellCall(rpc: Rpc): string {
  const asked = `At ${renderOffset(rpc.startMs)} it called ${rpc.method}`;
  if (rpc.answerLost) return `${asked}; whether it was answered was not recorded.`;
  if (rpc.durationMs === null) return `${asked} and got no answer.`;
  const took = renderDuration(rpc.durationMs);
  if (rpc.error !== null)
    return `${asked} and was refused after ${took}: ${rpc.error.code}, "${rpc.error.message}".`;
  if (rpc.final === null) return `${asked} and was answered ok after ${took}.`;
  const end = rpc.final.ok ? "ended well" : `failed: "${rpc.final.error?.message ?? ""}"`;
  return `${asked}, was told ok after ${took}, and after ${renderDuration(rpc.final.durationMs)} it ${end}.`;
}

function tellEvents({ events }: Connection): string | null {
  const pushed = events.filter(({ event }) => event !== "connect.challenge");
  if (pushed.length === 0) return null;
  const noun = pushed.length === 1 ? "event" : "events";
  return `The Gateway sent the ${noun} ${pushed.map(({ event, count }) => `${event} (${count})`).join(", ")}.`;
}

function isBlindBefore({ gaps, handshake, rpcs }: Connection): boolean {
  const firstEntry = handshake.answerEntry ?? rpcs[0]?.requestEntry ?? Infinity;
  return mayMissBefore(gaps, firstEntry, "client");
}

function tellGaps({ gaps }: Connection): readonly string[] {
  const told = gaps.slice(0, MAX_GAPS).map((gap) => `What happened is not known ${nameGap(gap)}.`);
  const more = gaps.length - MAX_GAPS;
  return more > 0 ? [...told, `There are ${renderCount(more, "more gap")}.`] : told;
}

function tellEnd({ close, openedMs }: Connection): string {
  if (close === null) return "It is still open.";
  const code =
    close.code === null ? "" : ` (${close.code}${close.reason === "" ? "" : ` "${close.reason}"`})`;
  return `After ${renderDuration(close.atMs - openedMs)} ${close.by === "gateway" ? "the Gateway" : `the ${close.by}`} ended it${code}.`;
}
