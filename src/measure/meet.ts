import { parseHello } from "../gateway/connect.ts";
import { signDevice, type DeviceProof } from "../gateway/device.ts";
import type { FrameError, ResponseFrame } from "../gateway/frame.ts";
import type { WireError } from "../gateway/refusal.ts";
import { deviceOf, SHARED, splitClient, type Case, type Meeting } from "./case.ts";
import { Client, type Close } from "./client.ts";

/** How a `connect` was answered. */
export type Handshake =
  | {
      readonly kind: "hello";
      readonly protocol: number | null;
      readonly role: string | null;
      readonly scopes: readonly string[] | null;
      readonly method: string | null;
      readonly hasToken: boolean;
    }
  | { readonly kind: "refused"; readonly error: WireError; readonly close: Close }
  /** Without an answer. */
  | { readonly kind: "closed"; readonly close: Close };

/** What the client of one meeting saw; null for a call without an answer. */
export interface Seen {
  readonly handshake: Handshake;
  readonly calls: readonly ({ readonly error: WireError | null } | null)[];
}

/** What the clients of a case saw, in order; null for one that could not come, for want of a device token of its own. */
export interface Observation {
  readonly case: Case;
  readonly seen: readonly (Seen | null)[];
}

/** Holds the meetings of a case one after the other. */
export async function meetCase(url: string, one: Case): Promise<Observation> {
  const seen: (Seen | null)[] = [];
  let token: string | null = null;
  for (const meeting of one.meetings) {
    if (Object.values(meeting.auth).includes("own") && token === null) {
      seen.push(null);
      continue;
    }
    const met: Met = await meet(url, one, meeting, token);
    token = met.token ?? token;
    seen.push(met.seen);
  }
  return { case: one, seen };
}

interface Met {
  readonly seen: Seen;
  readonly token: string | null;
}

async function meet(url: string, one: Case, meeting: Meeting, token: string | null): Promise<Met> {
  await using client = new Client(url, meeting.headers);
  const nonce = await client.challenged();
  const answer = nonce === null ? null : await client.call("connect", buildConnect(one, meeting, { nonce, token })); // prettier-ignore
  if (answer === null || answer.error !== null) {
    const close = await client.end();
    const handshake: Handshake =
      answer?.error == null ? { kind: "closed", close } : { kind: "refused", error: wireError(answer.error), close }; // prettier-ignore
    return { token: null, seen: { handshake, calls: [] } };
  }
  const answers = await Promise.all(
    (meeting.calls ?? []).map(([method, params]) => client.call(method, params)),
  );
  const calls = answers.map((called) => called && { error: called.error && wireError(called.error) }); // prettier-ignore
  return { token: tokenIn(answer), seen: { handshake: readHello(answer), calls } };
}

/** The params of a `connect`, with a device's proof where it has one, and what is wrong with that. */
function buildConnect(
  one: Case,
  meeting: Meeting,
  { nonce, token }: { readonly nonce: string; readonly token: string | null },
): object {
  const [id, mode] = splitClient(meeting.client);
  const { auth, device, deviceFamily, platform = "linux", protocol = [3, 4], role = "operator", scopes } = meeting; // prettier-ignore
  const credentials = Object.entries(auth).map(([field, sent]): readonly [string, string] => [
    field,
    sent === "right" ? SHARED : sent === "own" ? (token ?? "") : "gw-trace-measure-wrong",
  ]);
  const params = {
    minProtocol: protocol[0],
    maxProtocol: protocol[1],
    client: { id, mode, version: "1.0.0", platform, ...(deviceFamily === undefined ? {} : { deviceFamily }) },
    role,
    ...(scopes === undefined ? {} : { scopes }),
    caps: [],
    ...(credentials.length === 0 ? {} : { auth: Object.fromEntries(credentials) }),
  }; // prettier-ignore
  if (device === undefined) return params;
  const signedAtMs = Date.now() - (meeting.fault === "device-signature-stale" ? 600_000 : 0);
  const proof = signDevice(deviceOf(one), params, { nonce, signedAtMs });
  return { ...params, device: { ...proof, ...FAULTY[meeting.fault ?? "none"] } };
}

const FAULTY: Readonly<Record<NonNullable<Meeting["fault"]> | "none", Partial<DeviceProof>>> = {
  none: {},
  "device-id-mismatch": { id: "0".repeat(64) },
  "device-signature-stale": {},
  "device-nonce-missing": { nonce: " " },
  "device-nonce-mismatch": { nonce: "00000000-0000-4000-8000-000000000000" },
  "device-signature": { signature: "AAAA" },
};

function readHello({ payload }: ResponseFrame): Handshake {
  const hello = parseHello(payload);
  return {
    kind: "hello",
    protocol: hello?.protocol ?? null,
    role: hello?.auth?.role ?? null,
    scopes: hello?.auth?.scopes ?? null,
    method: hello?.auth?.method ?? null,
    hasToken: hello?.auth?.deviceTokenIssued === true,
  };
}

function wireError({ code, message, details, retryable }: FrameError): WireError {
  const object = typeof details === "object" && details !== null ? { details: { ...details } } : {};
  return { code, message, ...object, ...(retryable === null ? {} : { retryable }) };
}

function tokenIn({ payload }: ResponseFrame): string | null {
  const auth: unknown = Reflect.get(Object(payload), "auth");
  const token: unknown = Reflect.get(Object(auth), "deviceToken");
  return typeof token === "string" ? token : null;
}
