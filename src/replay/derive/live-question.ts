import type { ConnectQuestion, Credential } from "../../gateway/connect-question.ts";
import { parseConnectParams, type ConnectParams } from "../../gateway/connect-params.ts";
import { verifyDevice, type DeviceProof } from "../../gateway/device.ts";
import type { Assumptions } from "./assumptions.ts";

/** What the question of a live `connect` is judged with. */
export interface Judge {
  readonly nonce: string;
  readonly nowMs: number;
  readonly assumptions: Assumptions;
  /** The token that this replay issued to a device; undefined when it issued none. */
  readonly issuedToken: (deviceId: string) => string | undefined;
  /** Whether a device is paired with a token that only the recorded Gateway knows. */
  readonly hasForeignToken: (deviceId: string) => boolean;
}

/** Reads a live `connect` as the Gateway would look at it, its device proof verified; null when its params are not valid. */
export function readQuestion(params: unknown, judge: Judge): ConnectQuestion | null {
  const data = parseConnectParams(params);
  if (data === null) return null;
  return {
    client: {
      id: data.client.id,
      mode: data.client.mode,
      platform: data.client.platform,
      deviceFamily: data.client.deviceFamily ?? "",
    },
    role: data.role ?? "operator",
    scopes: data.scopes ?? [],
    minProtocol: data.minProtocol,
    maxProtocol: data.maxProtocol,
    credentials: readCredentials(data, judge),
    device: data.device === undefined ? null : readDevice(data.device, data, judge),
  };
}

function readDevice(
  device: DeviceProof,
  { client, role, scopes, auth }: ConnectParams,
  { nonce, nowMs }: Judge,
): ConnectQuestion["device"] {
  const { id, mode, platform, deviceFamily } = client;
  const signed = {
    client: { id, mode, platform, ...(deviceFamily === undefined ? {} : { deviceFamily }) },
    ...(role === undefined ? {} : { role }),
    ...(scopes === undefined ? {} : { scopes }),
    auth: present(auth ?? {}),
  };
  return { id: device.id, proof: verifyDevice(device, signed, { nonce, nowMs }) };
}

function present(auth: NonNullable<ConnectParams["auth"]>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(auth).filter((field): field is [string, string] => typeof field[1] === "string"),
  );
}

function readCredentials(
  { auth = {}, device }: ConnectParams,
  judge: Judge,
): ConnectQuestion["credentials"] {
  const { assumptions, issuedToken, hasForeignToken } = judge;
  const issued = device === undefined ? undefined : issuedToken(device.id);
  const isIssued = auth.token !== undefined && auth.token === issued;
  return {
    token: isIssued
      ? "device-token"
      : judgeShared(auth.token, assumptions.token ?? assumptions.password),
    password: judgeShared(auth.password, assumptions.password ?? assumptions.token),
    deviceToken: judgeDeviceToken(
      auth.deviceToken,
      issued,
      device !== undefined && hasForeignToken(device.id),
    ),
    bootstrapToken: isAbsent(auth.bootstrapToken) ? "absent" : "unknown",
  };
}

// Where nobody says what is right, a live credential is taken for right, as the recorded one in its place was.
function judgeShared(
  live: string | undefined,
  right: string | undefined,
): "absent" | "right" | "wrong" {
  if (isAbsent(live)) return "absent";
  return right === undefined || live === right ? "right" : "wrong";
}

function judgeDeviceToken(
  live: string | undefined,
  issued: string | undefined,
  isForeign: boolean,
): Credential {
  if (isAbsent(live)) return "absent";
  if (issued !== undefined) return live === issued ? "right" : "wrong";
  return isForeign ? "unknown" : "wrong";
}

function isAbsent(value: string | undefined): boolean {
  return value === undefined || value.trim() === "";
}
