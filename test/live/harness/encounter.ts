import { parseHello } from "../../../src/gateway/connect.ts";
import type { SignatureVersion } from "../../../src/gateway/device.ts";
import { deviceKeyFromPem } from "./device-key.ts";
import { DirectClient } from "./direct-client.ts";
import { masked } from "./masked.ts";

/** One connection of a case: who comes, with what, and what it asks. */
export interface Meeting {
  readonly client: { readonly id: string; readonly mode: string };
  readonly role?: string;
  readonly scopes?: readonly string[];
  readonly auth?: Readonly<Record<string, string>>;
  readonly devicePem?: string;
  readonly signatureVersion?: SignatureVersion;
  /** Fields of the params changed after they were signed; `device` is merged. */
  readonly changed?: Readonly<Record<string, unknown>>;
  readonly headers?: Record<string, string>;
  /** Sends the device token that an earlier meeting of the same case was given, in this field. */
  readonly tokenFromBefore?: "deviceToken" | "token";
  readonly calls?: readonly (readonly [method: string, params: unknown])[];
}

/** What the client saw, free of what is new in every run. */
export interface Seen {
  readonly handshake: unknown;
  readonly calls: readonly unknown[];
  readonly closed: unknown;
}

/** Holds the meetings of one case one after the other, and gives what each saw. */
export async function encounter(
  url: string,
  meetings: readonly Meeting[],
): Promise<readonly Seen[]> {
  const seen: Seen[] = [];
  let token: string | null = null;
  for (const meeting of meetings) {
    const { tokenFromBefore, auth = {} } = meeting;
    const own = tokenFromBefore !== undefined && token !== null ? { [tokenFromBefore]: token } : {};
    const met = await meet(url, { ...meeting, auth: { ...auth, ...own } });
    token = met.token ?? token;
    // As JSON, since what was seen from another place comes as that: there an absent field cannot be undefined.
    seen.push(JSON.parse(JSON.stringify(met.seen)));
  }
  return seen;
}

async function meet(
  url: string,
  meeting: Meeting,
): Promise<{ readonly seen: Seen; readonly token: string | null }> {
  let client: DirectClient;
  try {
    client = await DirectClient.open(url, meeting.headers);
  } catch (error) {
    return {
      token: null,
      seen: { handshake: { refused: String(error) }, calls: [], closed: null },
    };
  }
  await using connected = client;
  const { client: who, role, scopes, auth, devicePem, signatureVersion, changed } = meeting;
  const answer = await connected.connect({
    client: who,
    ...(role === undefined ? {} : { role }),
    ...(scopes === undefined ? {} : { scopes }),
    ...(auth === undefined ? {} : { auth }),
    ...(devicePem === undefined ? {} : { device: deviceKeyFromPem(devicePem) }),
    ...(signatureVersion === undefined ? {} : { signatureVersion }),
    tamper: (params) => change(params, changed ?? {}),
  });
  const hello = parseHello(answer.payload);
  const calls = await Promise.all(
    (answer.ok ? (meeting.calls ?? []) : []).map(async ([method, params]) => {
      const { ok, error } = await connected.call(method, params);
      return masked({ method, ok, error });
    }),
  );
  const closed = await (answer.ok ? connected.close() : connected.waitForClose());
  const { role: as, scopes: granted, deviceTokenIssued, method } = hello?.auth ?? {};
  const handshake =
    answer.error === null
      ? { protocol: hello?.protocol, as, granted, deviceTokenIssued, method }
      : { error: masked(answer.error) };
  return { token: tokenIn(answer.payload), seen: { handshake, calls, closed: masked(closed) } };
}

function change(params: object, changed: Readonly<Record<string, unknown>>): object {
  const { device, client, ...others } = changed;
  const merge = (field: "device" | "client", more: unknown): object =>
    field in params && typeof more === "object"
      ? { [field]: { ...Object(Reflect.get(params, field)), ...more } }
      : {};
  return { ...params, ...others, ...merge("device", device), ...merge("client", client) };
}

function tokenIn(payload: unknown): string | null {
  const auth: unknown = Object(Object(payload).auth);
  const token: unknown = Reflect.get(Object(auth), "deviceToken");
  return typeof token === "string" ? token : null;
}
