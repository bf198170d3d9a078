import { createHash, createPrivateKey } from "node:crypto";
import { isForwardingHeader, isLoopbackAddress } from "../gateway/address.ts";
import type { Circumstances, ConnectQuestion } from "../gateway/connect-question.ts";
import { deviceKeyOf, type DeviceKey, type DeviceVerdict } from "../gateway/device.ts";

/** Which of the throw-away Gateways a case is for: by how it authenticates, and `far` for one that sees no loopback peer. */
export type Setup = "token" | "password" | "none" | "far";

/** A credential that is sent: the Gateway's, another, or the device's own token, once the case was given one. */
export type Sent = "right" | "wrong" | "own";

/** One connection of a case: who comes, with what, and what it asks. Data only, the same in every run. */
export interface Meeting {
  /** `id/mode`. */
  readonly client: string;
  readonly platform?: string;
  readonly deviceFamily?: string;
  readonly role?: string;
  /** Left out of the params when absent. */
  readonly scopes?: readonly string[];
  readonly auth: Partial<Record<"token" | "password" | "deviceToken" | "bootstrapToken", Sent>>;
  /** Whether it comes with the device identity of this case. */
  readonly device?: true;
  /** What is wrong with the proof of that identity. */
  readonly fault?: Extract<DeviceVerdict, { ok: false }>["reason"];
  readonly protocol?: readonly [min: number, max: number];
  readonly headers?: Readonly<Record<string, string>>;
  readonly calls?: readonly Call[];
}

/** A method and the params it is called with. */
export type Call = readonly [method: string, params: object];

/** Connections that come one after the other, from one device. Its name is unique. */
export interface Case {
  readonly name: string;
  readonly setup: Setup;
  readonly meetings: readonly Meeting[];
}

/** The shared token or password of every throw-away Gateway. */
export const SHARED = "gw-trace-measure-shared-secret";

/** The address of a far Gateway (100.64.0.0/10 is for carrier-grade NAT, RFC 6598). */
export const FAR_ADDRESS = "100.64.0.5";

/** Origins that throw-away Gateways with a password allow: an ordinary one, and one of a custom scheme. */
export const ALLOWED_ORIGIN = "https://allowed.example";
export const CUSTOM_ORIGIN = "app://gw-trace";

// RFC 8410, section 7: the DER before the 32 bytes of a private key.
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");

/** The device identity of a case, the same in every run. */
export function deviceOf({ name, setup }: Case): DeviceKey {
  const seed = createHash("sha256").update(`gw-trace measure ${setup} ${name}`).digest();
  const der = Buffer.concat([PKCS8_PREFIX, seed]);
  return deviceKeyOf(createPrivateKey({ key: der, type: "pkcs8", format: "der" }));
}

/** The id and the mode of a client. */
export function splitClient(client: string): readonly [id: string, mode: string] {
  const [id = "", mode = ""] = client.split("/");
  return [id, mode];
}

/** What the Gateway is asked, as its rules see it. */
export function questionOf(meeting: Meeting, deviceId: string): ConnectQuestion {
  const [id, mode] = splitClient(meeting.client);
  const { auth, device, fault, protocol = [3, 4], role = "operator", scopes = [] } = meeting;
  const sent = (field: "password" | "deviceToken" | "bootstrapToken"): "absent" | "right" | "wrong" => {
    const value = auth[field];
    return value === undefined ? "absent" : value === "wrong" ? "wrong" : "right";
  }; // prettier-ignore
  return {
    client: { id, mode, platform: meeting.platform ?? "linux", deviceFamily: meeting.deviceFamily ?? "" },
    role,
    scopes,
    minProtocol: protocol[0],
    maxProtocol: protocol[1],
    credentials: {
      token: auth.token === "own" ? "device-token" : (auth.token ?? "absent"),
      password: sent("password"),
      deviceToken: sent("deviceToken"),
      bootstrapToken: sent("bootstrapToken"),
    },
    device:
      device === undefined
        ? null
        : { id: deviceId, proof: fault === undefined ? { ok: true, version: "v3" } : { ok: false, reason: fault } },
  }; // prettier-ignore
}

/** Where it comes from, and how that Gateway is configured. */
export function circumstancesOf({ headers = {} }: Meeting, setup: Setup): Circumstances {
  const origin = headers["Origin"] ?? null;
  const host = headers["Host"] ?? (setup === "far" ? FAR_ADDRESS : "127.0.0.1");
  return {
    peerIsLoopback: setup !== "far",
    origin,
    originIsAllowed: setup === "password" && origin === ALLOWED_ORIGIN,
    isForwarded: Object.keys(headers).some(isForwardingHeader),
    hostIsLoopback: isLoopbackAddress(host),
    authMode: setup === "far" ? "token" : setup,
    uiSwitchesAreOn: setup === "password",
    pairsLocalDevices: true,
  };
}
