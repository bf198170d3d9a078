import { newDeviceKey } from "./device-key.ts";
import type { Meeting } from "./encounter.ts";
import { ALL_SCOPES, BACKEND, CLI, READ, READ_WRITE } from "./identities.ts";
import { SHARED_TOKEN } from "./state.ts";

/** One generated case: a name to find it again, and its meetings in order. */
export interface Case {
  readonly name: string;
  readonly meetings: readonly Meeting[];
}

const TEST = { id: "test", mode: "test" };
const token = { token: SHARED_TOKEN };
const FOREIGN_ORIGIN = { Origin: "http://elsewhere.example" };
const LOCAL_ORIGIN = { Origin: "http://127.0.0.1:5173" };

/** Calls whose answers do not depend on what was called before. */
const CALLS: readonly (readonly [method: string, params: unknown])[] = [
  ["health", {}],
  ["sessions.list", { limit: 1 }],
  ["voicewake.get", {}],
  ["cron.list", {}],
  ["config.get", {}],
  ["device.pair.list", {}],
  ["exec.approvals.get", {}],
  ["exec.approval.list", {}],
  ["talk.config", {}],
  ["agents.list", {}],
  ["last-heartbeat", {}],
  ["node.list", {}],
  ["tts.status", {}],
  ["gateway.identity.get", {}],
  ["no.such.method", {}],
  ["node.pending.pull", {}],
  ["sessions.delete", { key: "agent:main:none" }],
  ["sessions.patch", { sandboxMode: "off" }],
  ["talk.mode", {}],
  ["wake", {}],
  ["cron.run", {}],
  ["device.token.rotate", {}],
  // What these need depends on their params.
  ["talk.config", { includeSecrets: true }],
  ["agent", { message: "/reset" }],
  ["fs.listDir", { nodeId: "none" }],
  ["environments.list", { runtimeId: "none" }],
  ["sessions.patch", { key: "agent:main:none", permissionMode: "full" }],
  // These need the narrow scopes that came with 2026.9.
  ["talk.speak", {}],
  ["sessions.get", { key: "agent:main:none" }],
  ["sessions.abort", {}],
];

const CLIENTS = [
  CLI,
  BACKEND,
  TEST,
  { id: "cli", mode: "probe" },
  { id: "openclaw-probe", mode: "probe" },
  { id: "openclaw-tui", mode: "ui" },
  { id: "openclaw-macos", mode: "ui" },
  { id: "gateway-client", mode: "cli" },
];

const SCOPES: readonly (readonly string[] | undefined)[] = [
  ALL_SCOPES,
  READ,
  ["operator.write"],
  READ_WRITE,
  ["operator.admin"],
  ["operator.pairing"],
  ["operator.approvals"],
  ["operator.read", "operator.talk.secrets"],
  ["operator.root"],
  ["operator.talk"],
  ["operator.sessions.read"],
  ["operator.sessions.write"],
  [],
  undefined,
];

/** The connections that are recorded first, and that the replay knows the Gateway by. */
export function baseCases(): readonly Case[] {
  const all = { client: CLI, scopes: ALL_SCOPES, auth: token, devicePem: newPem(), calls: CALLS };
  const control = { id: "openclaw-control-ui", mode: "ui" };
  return [
    { name: "a paired CLI", meetings: [all] },
    { name: "reader", meetings: [{ ...all, scopes: READ, devicePem: newPem(), calls: [] }] },
    { name: "backend", meetings: [{ client: BACKEND, scopes: ALL_SCOPES, auth: token }] },
    { name: "no device", meetings: [{ client: TEST, scopes: ALL_SCOPES, auth: token }] },
    {
      name: "Control UI without a device",
      meetings: [{ client: control, scopes: ALL_SCOPES, auth: token, headers: LOCAL_ORIGIN }],
    },
    {
      name: "a foreign Origin",
      meetings: [{ client: TEST, scopes: READ, auth: token, headers: FOREIGN_ORIGIN }],
    },
    {
      name: "forwarded",
      meetings: [
        { client: TEST, scopes: READ, auth: token, headers: { "X-Forwarded-For": "203.0.113.9" } },
      ],
    },
  ];
}

/** The connections that are recorded first of a Gateway that sees no loopback peer. Nobody is paired there. */
export function farBaseCases(): readonly Case[] {
  const asked = { scopes: ALL_SCOPES, auth: token };
  return [
    { name: "backend", meetings: [{ ...asked, client: BACKEND, calls: CALLS }] },
    { name: "a new CLI", meetings: [{ ...asked, client: CLI, devicePem: newPem() }] },
  ];
}

/** All cases that a Gateway with a far peer is driven with. It counts wrong credentials of such a peer, and soon hears none: few, and last. */
export function farCases(): readonly Case[] {
  const counted = /a wrong|a password instead/;
  const others = withOtherCredentials().filter(({ meetings }) => meetings.length === 1);
  return withCallsOfTheirOwn([
    ...withoutDevice(),
    ...withNewDevice(),
    ...withBadProof(),
    ...others.filter(({ name }) => !counted.test(name)),
    ...others.filter(({ name }) => counted.test(name)).slice(0, 6),
  ]);
}

/** All cases that a Gateway on a loopback address is driven with, the same in every run but for the devices' keys. */
export function localCases(): readonly Case[] {
  return withCallsOfTheirOwn([
    ...withoutDevice(),
    ...withNewDevice(),
    ...withPairedDevice(),
    ...withBadProof(),
    ...withOtherCredentials(),
    ...withHeaders(),
    ...withOtherParams(),
  ]);
}

function withCallsOfTheirOwn(cases: readonly Case[]): readonly Case[] {
  return cases.map((one, index) => ({
    ...one,
    meetings: one.meetings.map((meeting) => withCalls(meeting, index)),
  }));
}

function withCalls(meeting: Meeting, index: number): Meeting {
  const pick = (step: number): readonly [string, unknown] =>
    CALLS[(index * 5 + step * 7) % CALLS.length] ?? ["health", {}];
  return { calls: [pick(0), pick(1), pick(2)], ...meeting };
}

function withoutDevice(): readonly Case[] {
  return CLIENTS.flatMap((client) =>
    SCOPES.map((scopes) => ({
      name: `${nameOf(client)} without a device asks ${show(scopes)}`,
      meetings: [{ client, ...asking(scopes), auth: token }],
    })),
  );
}

function withNewDevice(): readonly Case[] {
  return CLIENTS.flatMap((client) =>
    SCOPES.map((scopes, index) => ({
      name: `${nameOf(client)} with a new device asks ${show(scopes)}`,
      meetings: [
        {
          client,
          ...asking(scopes),
          auth: token,
          devicePem: newPem(),
          signatureVersion: index % 2 === 0 ? ("v2" as const) : ("v3" as const),
        },
      ],
    })),
  );
}

function withPairedDevice(): readonly Case[] {
  const first = [READ, READ_WRITE, ALL_SCOPES, [] as readonly string[]];
  const then = [READ, ["operator.write"], ALL_SCOPES, ["operator.approvals"], []];
  return [CLI, BACKEND, TEST].flatMap((client) =>
    first.flatMap((before) =>
      then.map((scopes) => {
        const device = { client, auth: token, devicePem: newPem() };
        return {
          name: `${nameOf(client)} paired with ${show(before)} asks ${show(scopes)}`,
          meetings: [
            { ...device, client: client === BACKEND ? CLI : client, scopes: before },
            { ...device, scopes },
          ],
        };
      }),
    ),
  );
}

function withBadProof(): readonly Case[] {
  const wrongs: readonly (readonly [string, object])[] = [
    ["another id", { id: "0".repeat(64) }],
    ["an old signature", { signedAt: Date.now() - 600_000 }],
    ["a future signature", { signedAt: Date.now() + 600_000 }],
    ["another nonce", { nonce: "00000000-0000-4000-8000-000000000000" }],
    ["a blank nonce", { nonce: " " }],
    ["another signature", { signature: "AAAA" }],
  ];
  return [CLI, BACKEND, TEST].flatMap((client) =>
    wrongs.map(([name, device]) => ({
      name: `${nameOf(client)} with ${name}`,
      meetings: [{ client, scopes: READ, auth: token, devicePem: newPem(), changed: { device } }],
    })),
  );
}

function withOtherCredentials(): readonly Case[] {
  const kinds: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ["a wrong token", { token: "wrong" }],
    ["no credential", {}],
    ["a password instead", { password: "secret" }],
    ["a wrong device token", { deviceToken: "wrong" }],
    ["a wrong token and a password", { token: "wrong", password: "secret" }],
  ];
  const clients = [CLI, BACKEND, TEST, { id: "openclaw-tui", mode: "ui" }];
  const plain = clients.flatMap((client) =>
    kinds.flatMap(([name, auth]) =>
      [undefined, newPem()].map((pem) => ({
        name: `${nameOf(client)} ${pem === undefined ? "without" : "with"} a device and ${name}`,
        meetings: [
          { client, scopes: READ, auth, ...(pem === undefined ? {} : { devicePem: pem }) },
        ],
      })),
    ),
  );
  return [...plain, ...withItsToken()];
}

function withItsToken(): readonly Case[] {
  return (["deviceToken", "token"] as const).flatMap((tokenFromBefore) =>
    [READ, READ_WRITE, ALL_SCOPES, []].flatMap((scopes) =>
      [CLI, TEST].map((client) => {
        const device = { client, devicePem: newPem() };
        return {
          name: `${nameOf(client)} paired for write asks ${show(scopes)} by its token in ${tokenFromBefore}`,
          meetings: [
            { ...device, scopes: READ_WRITE, auth: token },
            { ...device, scopes, auth: {}, tokenFromBefore },
          ],
        };
      }),
    ),
  );
}

function withHeaders(): readonly Case[] {
  const headers: readonly (readonly [string, Record<string, string>])[] = [
    ["a loopback Origin", LOCAL_ORIGIN],
    ["a foreign Origin", FOREIGN_ORIGIN],
    ["X-Forwarded-For", { "X-Forwarded-For": "203.0.113.9" }],
    ["X-Real-IP", { "X-Real-IP": "127.0.0.1" }],
    ["another Host", { Host: "gw.example.com" }],
  ];
  const clients = [
    CLI,
    BACKEND,
    TEST,
    { id: "openclaw-control-ui", mode: "ui" },
    { id: "webchat-ui", mode: "webchat" },
  ];
  return clients.flatMap((client) =>
    headers.flatMap(([name, extra]) =>
      [undefined, newPem()].map((pem) => ({
        name: `${nameOf(client)} ${pem === undefined ? "without" : "with"} a device and ${name}`,
        meetings: [
          {
            client,
            scopes: READ_WRITE,
            auth: token,
            headers: extra,
            ...(pem === undefined ? {} : { devicePem: pem }),
          },
        ],
      })),
    ),
  );
}

function withOtherParams(): readonly Case[] {
  const ranges: readonly (readonly [number, number])[] = [
    [1, 2],
    [3, 3],
    [4, 4],
    [5, 9],
  ];
  const protocols = [CLI, { id: "openclaw-probe", mode: "probe" }].flatMap((client) =>
    ranges.map(([minProtocol, maxProtocol]) => ({
      name: `${nameOf(client)} speaks ${String(minProtocol)} to ${String(maxProtocol)}`,
      meetings: [{ client, scopes: READ, auth: token, changed: { minProtocol, maxProtocol } }],
    })),
  );
  const roles = ["node", "auditor"].flatMap((role) =>
    [CLI, TEST].map((client) => ({
      name: `${nameOf(client)} without a device as ${role}`,
      meetings: [{ client, role, scopes: READ, auth: token }],
    })),
  );
  const moved = [CLI, TEST, { id: "openclaw-macos", mode: "ui" }].map((client) => {
    const device = { client, scopes: READ, auth: token, devicePem: newPem() };
    return {
      name: `${nameOf(client)} paired on another platform`,
      meetings: [
        device,
        { ...device, signatureVersion: "v2" as const, changed: { client: { platform: "plan9" } } },
      ],
    };
  });
  return [...protocols, ...roles, ...moved];
}

function asking(scopes: readonly string[] | undefined): { readonly scopes?: readonly string[] } {
  return scopes === undefined ? {} : { scopes };
}

function nameOf({ id, mode }: { readonly id: string; readonly mode: string }): string {
  return `${id}/${mode}`;
}

function show(scopes: readonly string[] | undefined): string {
  if (scopes === undefined) return "nothing";
  return `[${scopes.map((scope) => scope.replace("operator.", "")).join(" ")}]`;
}

function newPem(): string {
  return String(newDeviceKey().privateKey.export({ type: "pkcs8", format: "pem" }));
}
