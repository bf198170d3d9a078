import type { NewEntry } from "../../src/recording/entry.ts";
import { createRecording } from "../../src/recorder/writer.ts";
import { sampleHeader } from "../recording/sample.ts";
import { client, close, conversation, event, gateway, type Step } from "../support/conversation.ts";

/** What every object inherits: a table that is no Map has these, whatever is in it. */
export const INHERITED = [
  "constructor",
  "__proto__",
  "toString",
  "hasOwnProperty",
  "valueOf",
  "__defineGetter__",
  "toJSON",
  "then",
] as const;

/** Every place where the protocol has a name or a text of the peer's, and what stands there in an ordinary conversation. */
const ORDINARY = {
  clientId: "gateway-client",
  clientMode: "backend",
  clientText: "1.0",
  platform: "linux",
  role: "operator",
  scope: "operator.talk.secrets",
  capability: "tools",
  device: "0".repeat(64),
  challenge: "nonce-1",
  version: "2026.9.6",
  serverText: "conn-1",
  grantedScope: "operator.read",
  method: "agent",
  requestId: "r-1",
  param: "sessionKey",
  value: "agent:main:main",
  payload: "status",
  errorCode: "INVALID_REQUEST",
  errorMessage: "missing scope: operator.write",
  detailCode: "MISSING_SCOPE",
  detail: "reason",
  missingScope: "operator.write",
  pairingRequest: "7f3a",
  pairingReason: "not-paired",
  event: "agent",
  stream: "lifecycle",
  frameType: "event",
  closeReason: "slow consumer",
  header: "X-Header",
  httpMethod: "POST",
  target: "/tools/invoke",
  address: "127.0.0.1:50001",
} as const;

type Names = { readonly [Place in keyof typeof ORDINARY]: string };

const PLACES = Object.keys(ORDINARY);

/** Conversations in which a text stands in every place at once: one that is accepted, one that has to be paired, plain HTTP. */
export function namedEverywhere(name: string, first = 1): readonly NewEntry[] {
  const everywhere = Object.fromEntries(PLACES.map((place) => [place, name]));
  return talk({ ...ORDINARY, ...everywhere }, first);
}

/** The same with the text in one place after the other, and all else ordinary. */
export function namedInTurn(name: string, first = 1): readonly NewEntry[] {
  return PLACES.flatMap((place, index) =>
    talk({ ...ORDINARY, [place]: name }, first + index * CONNECTIONS),
  );
}

/** Writes a recording of such conversations as the recorder does. Gives its path. */
export async function writeNamed(
  path: string,
  everywhere: readonly string[],
  inTurn: readonly string[] = [],
): Promise<string> {
  const writer = await createRecording(path, { ...sampleHeader, redaction: "credentials" });
  let first = 1;
  const append = (entries: readonly NewEntry[]): void => {
    for (const entry of entries) first = Math.max(writer.append(entry).connection, first);
    first += 1;
  };
  for (const name of everywhere) append(namedEverywhere(name, first));
  for (const name of inTurn) append(namedInTurn(name, first));
  await writer.close();
  return path;
}

/** How many connections one conversation of each kind makes. */
const CONNECTIONS = 3;

function talk(names: Names, connection: number): readonly NewEntry[] {
  const at = (index: number) => ({
    connection: connection + index,
    startMs: (connection + index) * 100,
    clientAddress: names.address,
    headers: [[names.header, names.value] as const],
  });
  const challenge = event("connect.challenge", { nonce: names.challenge, ts: 1 });
  const goodbye = close("gateway", 1008, names.closeReason.slice(0, 30));
  return [
    ...conversation(at(0), challenge, connect(names), hello(names), ...calls(names), goodbye),
    ...conversation(at(1), challenge, connect(names), pairing(names), goodbye),
    ...plainHttp(names, at(2)),
  ];
}

function connect(names: Names): Step {
  const { clientId, clientMode, clientText, platform, role, scope, capability, device } = names;
  return client({
    type: "req",
    id: "connect",
    method: "connect",
    params: {
      minProtocol: 3,
      maxProtocol: 4,
      client: {
        id: clientId,
        mode: clientMode,
        version: clientText,
        displayName: clientText,
        platform,
        deviceFamily: clientText,
      },
      role,
      scopes: [scope, "operator.read"],
      caps: [capability],
      commands: [capability],
      permissions: { [capability]: true },
      auth: { token: "token-of-a-test", [names.param]: 1 },
      device: {
        id: device,
        publicKey: device,
        signature: "signature-of-a-test",
        nonce: names.challenge,
        signedAt: 1,
      },
      locale: clientText,
      userAgent: clientText,
      [names.param]: { [names.param]: names.value },
    },
  });
}

function hello(names: Names): Step {
  const { version, serverText, role, scope, grantedScope, method } = names;
  return gateway({
    type: "res",
    id: "connect",
    ok: true,
    payload: {
      type: "hello-ok",
      protocol: 4,
      server: { version, connId: serverText },
      features: { methods: [method, "agent"], events: [names.event] },
      snapshot: { [names.payload]: names.value },
      auth: { role, scopes: [scope, grantedScope], deviceToken: "device-token-of-a-test" },
      policy: { maxPayload: 1_000_000, tickIntervalMs: 30_000, [names.payload]: names.value },
    },
  });
}

function calls(names: Names): readonly Step[] {
  const { requestId, method, param, payload, value } = names;
  const call = (id: string): Step =>
    client({ type: "req", id, method, params: { [param]: value, deep: [{ [param]: [value] }] } });
  const fail = (id: string, error: object): Step => gateway({ type: "res", id, ok: false, error });
  const { errorCode: code, errorMessage: message, detailCode, detail, missingScope } = names;
  return [
    call(requestId),
    gateway({ type: "res", id: requestId, ok: true, payload: { [payload]: value, status: value } }),
    call("2"),
    fail("2", {
      code,
      message,
      details: { code: detailCode, [detail]: value, missingScope, requiredScopes: [missingScope] },
    }),
    call("3"),
    fail("3", { code, message: `missing scope: ${missingScope}` }),
    call("4"),
    fail("4", { code, message: `unauthorized role: ${names.role}`, [detail]: value }),
    gateway({ type: names.frameType, id: requestId, event: names.event, [payload]: value }),
    event(names.event, { [payload]: value, runId: value, stream: names.stream }, 1),
    event(names.event, { runId: value, stream: names.stream, data: { [payload]: value } }, 7),
  ];
}

function pairing({ pairingRequest, pairingReason, detail, value, role, scope }: Names): Step {
  const details = {
    code: "PAIRING_REQUIRED",
    requestId: pairingRequest,
    reason: pairingReason,
    remediationHint: value,
    requestedRole: role,
    requestedScopes: [scope],
    approvedRoles: [role],
    approvedScopes: [scope],
    deviceId: value,
    [detail]: value,
  };
  const error = { code: "NOT_PAIRED", message: `pairing required: ${pairingReason}`, details };
  return gateway({ type: "res", id: "connect", ok: false, error });
}

function plainHttp(
  { header, httpMethod, target, value, payload, address }: Names,
  at: { readonly connection: number; readonly startMs: number },
): readonly NewEntry[] {
  const times = { atMs: at.startMs, wallMs: at.startMs, connection: at.connection };
  const headers = [
    [header, value],
    ["Content-Type", value],
    ["Content-Encoding", value],
  ] as const;
  const body = JSON.stringify({ [payload]: value });
  return [
    { ...times, kind: "opened", clientAddress: address, peerAddress: address, gatewayAddress: address },
    { ...times, kind: "http-request", method: httpMethod, target, headers, redacted: false },
    { ...times, kind: "http-response", status: 403, reason: value, headers, redacted: false },
    {
      ...times,
      kind: "http-body",
      from: "gateway",
      content: { type: "text", text: body },
      omitted: null,
      sizeBytes: body.length,
      redacted: false,
    },
    { ...times, kind: "closed", by: "gateway", how: "reset", error: value },
  ]; // prettier-ignore
}
