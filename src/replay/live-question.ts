import { z } from "zod";
import type { ConnectQuestion, Credential } from "../gateway/connect-question.ts";
import { verifyDevice, type DeviceProof } from "../gateway/device.ts";
import type { Assumptions } from "./assumptions.ts";

const text = z.string();

const paramsSchema = z.looseObject({
  minProtocol: z.number(),
  maxProtocol: z.number(),
  client: z.looseObject({
    id: text,
    mode: text,
    version: text,
    platform: text,
    deviceFamily: text.optional(),
  }),
  role: text.optional(),
  scopes: z.array(text).optional(),
  auth: z
    .looseObject({
      token: text.optional(),
      password: text.optional(),
      deviceToken: text.optional(),
      bootstrapToken: text.optional(),
    })
    .optional(),
  device: z
    .looseObject({
      id: text,
      publicKey: text,
      signature: text,
      signedAt: z.number(),
      nonce: text,
    })
    .optional(),
});

type Params = z.infer<typeof paramsSchema>;

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
  const parsed = paramsSchema.safeParse(params);
  if (!parsed.success) return null;
  const { data } = parsed;
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
  { client, role, scopes, auth }: Params,
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

function present(auth: NonNullable<Params["auth"]>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(auth).filter((field): field is [string, string] => typeof field[1] === "string"),
  );
}

function readCredentials(
  { auth = {}, device }: Params,
  judge: Judge,
): ConnectQuestion["credentials"] {
  const { assumptions, issuedToken, hasForeignToken } = judge;
  const issued = device === undefined ? undefined : issuedToken(device.id);
  const isIssued = auth.token !== undefined && auth.token === issued;
  return {
    token: isIssued ? "device-token" : judgeShared(auth.token, assumptions.token),
    password: judgeShared(auth.password, assumptions.password),
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
