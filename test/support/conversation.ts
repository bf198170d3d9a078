import type { Entry, NewEntry } from "../../src/recording/entry.ts";
import type { Side } from "../../src/wire/message.ts";

/** A step of a scripted conversation: something one side does. */
export interface Step {
  readonly from: Side;
  readonly body:
    | { readonly text: string }
    | { readonly close: readonly [code: number | null, reason: string] };
}

/** How the scripted connection came about. */
export interface ConversationOptions {
  readonly connection?: number;
  readonly clientAddress?: string;
  readonly peerAddress?: string;
  readonly gatewayAddress?: string;
  readonly origin?: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly startMs?: number;
  /** False leaves the TCP connection open at the end. */
  readonly ends?: boolean;
  /** Who ends the TCP connection; the client unless said otherwise. */
  readonly endedBy?: Side;
}

const WALL_START_MS = Date.UTC(2026, 10, 23, 12, 0, 0);

/** Writes one connection as a script: the upgrade, then each step one millisecond after the other, then the end. */
export function conversation(
  options: ConversationOptions,
  ...steps: readonly Step[]
): readonly NewEntry[] {
  const connection = options.connection ?? 1;
  let atMs = options.startMs ?? 0;
  const next = () => {
    atMs += 1;
    return { atMs, wallMs: WALL_START_MS + atMs, connection };
  };
  const entries: NewEntry[] = [
    {
      ...next(),
      kind: "opened",
      clientAddress: options.clientAddress ?? "127.0.0.1:50001",
      peerAddress: options.peerAddress ?? "127.0.0.1:50002",
      gatewayAddress: options.gatewayAddress ?? "127.0.0.1:18789",
    },
    {
      ...next(),
      kind: "http-request",
      method: "GET",
      target: "/",
      headers: [
        ["Host", "127.0.0.1:18777"],
        ["Upgrade", "websocket"],
        ["Connection", "Upgrade"],
        ...(options.origin === undefined ? [] : [["Origin", options.origin] as const]),
        ...(options.headers ?? []),
      ],
      redacted: false,
    },
    {
      ...next(),
      kind: "http-response",
      status: 101,
      reason: "Switching Protocols",
      headers: [["Upgrade", "websocket"]],
      redacted: false,
    },
    ...steps.map((step) => messageEntry(step, next())),
  ];
  if (options.ends !== false)
    entries.push({
      ...next(),
      kind: "closed",
      by: options.endedBy ?? "client",
      how: "fin",
      error: null,
    });
  return entries;
}

/** What a recorder that was blind writes down: here just after the entry at that place, of one connection or (0) of them all. */
export function withGap(
  entries: readonly NewEntry[],
  place: number,
  gap: { readonly connection?: number; readonly missingEntries?: number } = {},
): readonly NewEntry[] {
  const { atMs, wallMs, connection } = entries[place] ?? { atMs: 0, wallMs: 0, connection: 1 };
  const times = { atMs: atMs + 0.25, wallMs, untilMs: atMs + 0.5 };
  const told: NewEntry = {
    ...times,
    kind: "gap",
    connection: gap.connection ?? connection,
    reason: "the disk was too slow",
    missingEntries: gap.missingEntries ?? 5,
    missingBytes: 999,
  };
  return [...entries.slice(0, place + 1), told, ...entries.slice(place + 1)];
}

/** Numbers entries as a recording would: sorted by time, from 1 without holes. */
export function numbered(...conversations: readonly (readonly NewEntry[])[]): readonly Entry[] {
  return conversations
    .flat()
    .toSorted((left, right) => left.atMs - right.atMs)
    .map((entry, index) => ({ ...entry, entry: index + 1 }));
}

/** Something the client sends. */
export function client(frame: unknown): Step {
  return {
    from: "client",
    body: { text: typeof frame === "string" ? frame : JSON.stringify(frame) },
  };
}

/** Something the Gateway sends. */
export function gateway(frame: unknown): Step {
  return {
    from: "gateway",
    body: { text: typeof frame === "string" ? frame : JSON.stringify(frame) },
  };
}

/** A WebSocket close frame. */
export function close(from: Side, code: number | null = 1000, reason = ""): Step {
  return { from, body: { close: [code, reason] } };
}

/** The Gateway's first event. */
export function challenge(nonce = "nonce-1"): Step {
  return gateway({
    type: "event",
    event: "connect.challenge",
    payload: { nonce, ts: WALL_START_MS },
  });
}

/** The client's `connect`; `device` is a device id. */
export function connect(
  options: {
    readonly client?: string;
    readonly role?: string;
    readonly scopes?: readonly string[];
    readonly device?: string;
    readonly auth?: object;
    readonly version?: string;
    readonly protocol?: readonly [min: number, max: number];
    readonly id?: string;
  } = {},
): Step {
  const [id = "cli", mode = "cli"] = (options.client ?? "cli/cli").split("/");
  const [minProtocol, maxProtocol] = options.protocol ?? [3, 3];
  return client({
    type: "req",
    id: options.id ?? "connect-1",
    method: "connect",
    params: {
      minProtocol,
      maxProtocol,
      client: { id, mode, version: options.version ?? "2026.5.4", platform: "linux" },
      role: options.role ?? "operator",
      ...(options.scopes === undefined ? {} : { scopes: options.scopes }),
      auth: options.auth ?? { token: "<redacted:token:00000000>" },
      ...(options.device === undefined
        ? {}
        : { device: { id: options.device, publicKey: "pk", nonce: "nonce-1" } }),
    },
  });
}

/** The Gateway's `hello-ok`; `scopes` null leaves the `auth` field out. */
export function helloOk(
  options: {
    readonly scopes?: readonly string[] | null;
    readonly version?: string;
    readonly protocol?: number;
    readonly deviceToken?: string;
    readonly id?: string;
    readonly tickIntervalMs?: number;
    readonly maxPayload?: number;
  } = {},
): Step {
  const auth =
    options.scopes === null
      ? {}
      : {
          auth: {
            role: "operator",
            scopes: options.scopes ?? [],
            ...(options.deviceToken === undefined ? {} : { deviceToken: options.deviceToken }),
          },
        };
  return ok(options.id ?? "connect-1", {
    type: "hello-ok",
    protocol: options.protocol ?? 3,
    server: { version: options.version ?? "2026.5.4", connId: "conn-1" },
    features: { methods: ["health", "agent"], events: ["tick"] },
    policy: {
      maxPayload: options.maxPayload ?? 26_214_400,
      tickIntervalMs: options.tickIntervalMs ?? 30_000,
    },
    ...auth,
  });
}

/** A request of the client. */
export function req(id: string, method: string, params: unknown = {}): Step {
  return client({ type: "req", id, method, params });
}

/** A good answer of the Gateway. */
export function ok(id: string, payload: unknown = {}): Step {
  return gateway({ type: "res", id, ok: true, payload });
}

/** A refusal by the Gateway. */
export function refused(id: string, code: string, message: string, details?: unknown): Step {
  return gateway({
    type: "res",
    id,
    ok: false,
    error: { code, message, ...(details === undefined ? {} : { details }) },
  });
}

/** An event pushed by the Gateway. */
export function event(name: string, payload: unknown = {}, seq?: number): Step {
  return gateway({ type: "event", event: name, payload, ...(seq === undefined ? {} : { seq }) });
}

function messageEntry(
  step: Step,
  times: { atMs: number; wallMs: number; connection: number },
): NewEntry {
  const base = { ...times, kind: "message", from: step.from, redacted: false } as const;
  if ("close" in step.body) {
    const [code, reason] = step.body.close;
    return {
      ...base,
      message: { type: "close", code, reason },
      sizeBytes: (code === null ? 0 : 2) + Buffer.byteLength(reason),
    };
  }
  return {
    ...base,
    message: { type: "text", text: step.body.text },
    sizeBytes: Buffer.byteLength(step.body.text),
  };
}
