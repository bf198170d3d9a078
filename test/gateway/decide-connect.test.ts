import { describe, expect, it } from "vitest";
import type {
  Circumstances,
  ConnectDecision,
  ConnectQuestion,
  DeviceStanding,
} from "../../src/gateway/connect-question.ts";
import { decideConnect } from "../../src/gateway/decide-connect.ts";
import { profileFor } from "../support/profiles.ts";

const READ = ["operator.read"];
const WRITE = ["operator.write"];
const ALL = ["operator.admin", "operator.read", "operator.write", "operator.pairing"];
const OLD = "2026.5.4";
const NEW = "2026.9.6";

type Version = string;

interface Situation {
  readonly client?: string;
  readonly platform?: string;
  readonly role?: string;
  readonly scopes?: readonly string[];
  readonly protocol?: readonly [number, number];
  readonly credentials?: Partial<ConnectQuestion["credentials"]>;
  /** A device whose proof holds, or the reason why it does not. */
  readonly device?:
    | true
    | Extract<NonNullable<ConnectQuestion["device"]>["proof"], { ok: false }>["reason"];
  readonly standing?: DeviceStanding | null;
  readonly around?: Partial<Circumstances>;
}

function decide(version: Version, situation: Situation): ConnectDecision {
  const [id = "", mode = ""] = (situation.client ?? "cli/cli").split("/");
  const { device, protocol = [3, 4] } = situation;
  return decideConnect({
    question: {
      client: { id, mode, platform: situation.platform ?? "linux", deviceFamily: "" },
      role: situation.role ?? "operator",
      scopes: situation.scopes ?? READ,
      minProtocol: protocol[0],
      maxProtocol: protocol[1],
      credentials: {
        token: "right",
        password: "absent",
        deviceToken: "absent",
        bootstrapToken: "absent",
        ...situation.credentials,
      },
      device:
        device === undefined
          ? null
          : {
              id: "d1",
              proof: device === true ? { ok: true, version: "v3" } : { ok: false, reason: device },
            },
    },
    circumstances: {
      peerIsLoopback: true,
      origin: null,
      originIsAllowed: null,
      isForwarded: false,
      hostIsLoopback: true,
      authMode: "token",
      uiSwitchesAreOn: false,
      pairsLocalDevices: true,
      ...situation.around,
    },
    standing: situation.standing ?? null,
    profile: profileFor(version),
    requestId: "r1",
  });
}

const FAR = { peerIsLoopback: false };
const NEW_DEVICE: DeviceStanding = { kind: "unpaired" };

function paired(scopes: readonly string[], more: object = {}): DeviceStanding {
  return {
    kind: "paired",
    roles: ["operator"],
    approvedScopes: scopes,
    tokenScopes: scopes,
    platform: "linux",
    deviceFamily: "",
    ...more,
  };
}

const accepted = (scopes: readonly string[]) => ({ kind: "accepted", scopes });
const refused = (code: string, detail: object) => ({
  kind: "refused",
  error: { code, details: expect.objectContaining(detail) },
});
const PAIRING = (reason: string) => refused("NOT_PAIRED", { code: "PAIRING_REQUIRED", reason });
const NO_DEVICE = refused("NOT_PAIRED", { code: "DEVICE_IDENTITY_REQUIRED" });
const UI_DEVICE = refused("INVALID_REQUEST", { code: "CONTROL_UI_DEVICE_IDENTITY_REQUIRED" });
const AUTH = (code: string) => refused("INVALID_REQUEST", { code });
const UNKNOWN = (missing: RegExp) => ({
  kind: "unknown",
  missing: expect.stringMatching(missing),
});

type Row = readonly [row: string, situation: Situation, old: object, now?: object];

const device = true;

// By the rows of the table of what was measured; the last column only where 2026.9.6 differs from 2026.5.4.
const ROWS: readonly Row[] = [
  [
    "1: forwarded counts as remote",
    { client: "gateway-client/backend", around: { isForwarded: true } },
    accepted([]),
    UNKNOWN(/trusted proxy/),
  ],
  ["3: an unknown client", { client: "spy/cli" }, UNKNOWN(/spy\/cli/)],
  [
    "5: a protocol too new",
    { protocol: [5, 6] },
    { kind: "refused", close: { code: 1002, reason: "protocol mismatch" } },
  ],
  ["5: 3 alone", { protocol: [3, 3] }, accepted([]), { kind: "refused", close: { code: 1002 } }],
  [
    "5: 3 alone from a probe",
    { client: "openclaw-probe/probe", protocol: [3, 3] },
    { kind: "accepted", protocol: 3 },
    { kind: "accepted", protocol: 4 },
  ],
  [
    "5: 4 alone",
    { protocol: [4, 4] },
    { kind: "refused", error: { message: "protocol mismatch", details: { expectedProtocol: 3 } } },
    accepted(READ),
  ],
  [
    "a role that nobody has",
    { role: "auditor" },
    { kind: "refused", error: { code: "INVALID_REQUEST", message: "invalid role" } },
  ],
  [
    "6: a foreign Origin",
    { around: { origin: "http://x.example", originIsAllowed: false } },
    AUTH("CONTROL_UI_ORIGIN_NOT_ALLOWED"),
  ],
  [
    "6: an Origin that nobody was seen with",
    { around: { origin: "http://x.example" } },
    UNKNOWN(/allowedOrigins/),
  ],
  [
    "6: a browser without Origin",
    { client: "webchat-ui/webchat" },
    refused("INVALID_REQUEST", { reason: "origin missing or invalid" }),
  ],
  ["7: a node without a device", { role: "node" }, NO_DEVICE],
  ["8: no device, no credential", { credentials: { token: "absent" } }, NO_DEVICE],
  ["9: no device, a wrong token", { credentials: { token: "wrong" } }, AUTH("AUTH_TOKEN_MISMATCH")],
  [
    "9: no device, a wrong password",
    { credentials: { token: "absent", password: "wrong" }, around: { authMode: "password" } },
    AUTH("AUTH_PASSWORD_MISMATCH"),
  ],
  ["10: no device, no authentication", { around: { authMode: "none" } }, NO_DEVICE],
  [
    "10: the backend, local, no authentication",
    { client: "gateway-client/backend", around: { authMode: "none" } },
    NO_DEVICE,
    accepted(READ),
  ],
  ["11: a Control UI without a device", { client: "openclaw-tui/ui" }, UI_DEVICE],
  [
    "11: with switches that nobody saw",
    { client: "openclaw-tui/ui", around: { uiSwitchesAreOn: null } },
    UNKNOWN(/configuration/),
    UI_DEVICE,
  ],
  ["12: the backend, local", { client: "gateway-client/backend" }, accepted(READ)],
  [
    "12: the backend, from wherever",
    { client: "gateway-client/backend", around: { peerIsLoopback: null } },
    UNKNOWN(/loopback peer/),
  ],
  ["13: the CLI, local", {}, accepted([]), accepted(READ)],
  ["14: the backend, remote", { client: "gateway-client/backend", around: FAR }, accepted([])],
  [
    "14: the backend, with an Origin",
    { client: "gateway-client/backend", around: { origin: "http://localhost:1" } },
    accepted([]),
  ],
  ["14: anybody else", { client: "test/test" }, accepted([])],
  ["16: another id", { device: "device-id-mismatch" }, AUTH("DEVICE_AUTH_DEVICE_ID_MISMATCH")],
  [
    "16: too old, and a wrong token",
    { device: "device-signature-stale", credentials: { token: "wrong" } },
    AUTH("DEVICE_AUTH_SIGNATURE_EXPIRED"),
  ],
  ["16: no nonce", { device: "device-nonce-missing" }, AUTH("DEVICE_AUTH_NONCE_REQUIRED")],
  ["16: another nonce", { device: "device-nonce-mismatch" }, AUTH("DEVICE_AUTH_NONCE_MISMATCH")],
  ["16: another signature", { device: "device-signature" }, AUTH("DEVICE_AUTH_SIGNATURE_INVALID")],
  [
    "17: a wrong token",
    { device, credentials: { token: "wrong" } },
    refused("INVALID_REQUEST", { code: "AUTH_TOKEN_MISMATCH", canRetryWithDeviceToken: true }),
  ],
  ["17: no token", { device, credentials: { token: "absent" } }, AUTH("AUTH_TOKEN_MISSING")],
  [
    "17: a wrong device token",
    { device, credentials: { token: "absent", deviceToken: "wrong" } },
    AUTH("AUTH_DEVICE_TOKEN_MISMATCH"),
  ],
  [
    "19: its device token is too narrow",
    {
      device,
      scopes: WRITE,
      standing: paired(READ),
      credentials: { token: "absent", deviceToken: "right" },
    },
    AUTH("AUTH_DEVICE_TOKEN_MISMATCH"),
    AUTH("AUTH_SCOPE_MISMATCH"),
  ],
  [
    "19: the same in the token's field",
    { device, scopes: WRITE, standing: paired(READ), credentials: { token: "device-token" } },
    AUTH("AUTH_TOKEN_MISMATCH"),
    AUTH("AUTH_SCOPE_MISMATCH"),
  ],
  [
    "20: the backend's new device, local",
    { client: "gateway-client/backend", device, standing: NEW_DEVICE },
    { ...accepted(READ), tokenScopes: null },
  ],
  [
    "21: a new device, local",
    { device, scopes: WRITE, standing: NEW_DEVICE },
    { ...accepted(WRITE), tokenScopes: ["operator.read", "operator.write"] },
  ],
  [
    "21: where local devices are not paired silently",
    { device, standing: NEW_DEVICE, around: { pairsLocalDevices: false } },
    PAIRING("not-paired"),
  ],
  [
    "22: a new device, remote",
    { device, standing: NEW_DEVICE, around: FAR },
    PAIRING("not-paired"),
  ],
  [
    "22: a new device, with an Origin",
    { device, standing: NEW_DEVICE, around: { origin: "http://localhost:1" } },
    PAIRING("not-paired"),
  ],
  [
    "23: another platform",
    { device, platform: "plan9", standing: paired(READ) },
    PAIRING("metadata-upgrade"),
  ],
  [
    "24: another role, remote",
    { device, role: "node", scopes: [], standing: paired(READ), around: FAR },
    PAIRING("role-upgrade"),
  ],
  [
    "25: more scopes, local",
    { device, scopes: ALL, standing: paired(READ) },
    PAIRING("scope-upgrade"),
    accepted(ALL),
  ],
  [
    "26: more scopes, remote",
    { device, scopes: ALL, standing: paired(READ), around: FAR },
    PAIRING("scope-upgrade"),
  ],
  [
    "27: what is covered",
    { device, scopes: READ, standing: paired(WRITE), around: FAR },
    accepted(READ),
  ],
  ["28: no scopes", { device, scopes: [], standing: paired(ALL) }, accepted([])],
  ["a device of which nothing is known", { device }, UNKNOWN(/paired/)],
];

describe.each([OLD, NEW] as const)("a connect to %s", (version) => {
  const rows = ROWS.map(([row, situation, old, now]) => {
    return { row, situation, expected: version === OLD ? old : (now ?? old) };
  });

  it.each(rows)("row $row", ({ situation, expected }) => {
    expect(decide(version, situation)).toMatchObject(expected);
  });

  it("reports the token's scopes up to 2026.6 and the connection's after", () => {
    const { reported } = Object(decide(version, { device, scopes: READ, standing: paired(ALL) }));
    expect(reported).toEqual(version === OLD ? ALL : READ);
  });

  it("says what is approved and cuts the close reason at 120 bytes", () => {
    const decision = decide(version, { device, scopes: ALL, standing: paired(READ), around: FAR });
    expect(decision).toMatchObject({
      error: {
        message: "pairing required: device is asking for more scopes than currently approved",
        details: { requestId: "r1", approvedScopes: READ, requestedScopes: ALL, deviceId: "d1" },
      },
      close: { code: 1008, reason: expect.stringMatching(/\(requestId: r1\)$/) },
    });
  });
});

const BACKEND = "gateway-client/backend";
const ORIGIN = { origin: "http://elsewhere.example", originIsAllowed: false };
const BY_CODE = (code: string) => UNKNOWN(new RegExp(`in which words .*\\(${code}: `));

/** Of these versions whom they let in was measured; of whom they refuse, the codes alone. */
const OTHERS: readonly (readonly [
  row: string,
  situation: Situation,
  v2026_2_19: object,
  v2026_3_13: object,
  v2026_6_11: object,
])[] = [
  [
    "6: a foreign Origin of no browser",
    { client: "test/test", around: ORIGIN },
    accepted([]),
    BY_CODE("INVALID_REQUEST"),
    BY_CODE("INVALID_REQUEST"),
  ],
  [
    "10: no device, no authentication, the Gateway's own kind",
    { client: BACKEND, around: { authMode: "none" }, credentials: { token: "absent" } },
    BY_CODE("NOT_PAIRED"),
    BY_CODE("NOT_PAIRED"),
    accepted(READ),
  ],
  ["12: no device, backend", { client: BACKEND }, accepted([]), accepted([]), accepted(READ)],
  ["13: no device, CLI", {}, accepted([]), accepted([]), accepted([])],
  [
    "14: no device, far",
    { client: BACKEND, around: FAR },
    accepted([]),
    accepted([]),
    accepted([]),
  ],
  [
    "20: a new device, backend",
    { client: BACKEND, device, standing: NEW_DEVICE },
    { ...accepted(READ), tokenScopes: READ },
    { ...accepted(READ), tokenScopes: null, reported: null },
    { ...accepted(READ), tokenScopes: null, reported: READ },
  ],
  [
    "21: a new device, local",
    { device, standing: NEW_DEVICE },
    { ...accepted(READ), reported: READ },
    { ...accepted(READ), reported: READ },
    { ...accepted(READ), reported: READ },
  ],
  [
    "21: a new device, local but for its Host",
    { device, standing: NEW_DEVICE, around: { hostIsLoopback: false } },
    BY_CODE("NOT_PAIRED"),
    BY_CODE("NOT_PAIRED"),
    accepted(READ),
  ],
  [
    "22: a new device, far",
    { device, standing: NEW_DEVICE, around: FAR },
    BY_CODE("NOT_PAIRED"),
    BY_CODE("NOT_PAIRED"),
    BY_CODE("NOT_PAIRED"),
  ],
  [
    "23: another platform",
    { device, platform: "plan9", standing: paired(READ) },
    accepted(READ),
    BY_CODE("NOT_PAIRED"),
    BY_CODE("NOT_PAIRED"),
  ],
  [
    "25: more scopes, local",
    { device, scopes: ALL, standing: paired(READ) },
    BY_CODE("NOT_PAIRED"),
    accepted(ALL),
    BY_CODE("NOT_PAIRED"),
  ],
  [
    "26: more scopes, far",
    { device, scopes: ALL, standing: paired(READ), around: FAR },
    BY_CODE("NOT_PAIRED"),
    BY_CODE("NOT_PAIRED"),
    BY_CODE("NOT_PAIRED"),
  ],
  [
    "27: what is covered",
    { device, standing: paired(ALL), around: FAR },
    { ...accepted(READ), reported: ALL },
    { ...accepted(READ), reported: ALL },
    { ...accepted(READ), reported: ALL },
  ],
];

describe.each(["2026.2.19", "2026.3.13", "2026.6.11"])("a connect to %s", (version) => {
  const at = ["2026.2.19", "2026.3.13", "2026.6.11"].indexOf(version) + 2;
  it.each(OTHERS.map((row) => [row[0], row[1], row[at]] as const))(
    "row %s",
    (_row, situation, expected) => {
      expect(decide(version, situation)).toMatchObject(Object(expected));
    },
  );
});
