import { OPERATOR_SCOPES as ALL } from "../gateway/scopes.ts";
import { ALLOWED_ORIGIN, type Call, type Case, type Meeting, type Setup } from "./case.ts";

const READ = ["operator.read"];
const WRITE = ["operator.write"];
const IDS = ["cli", "fingerprint", "gateway-client", "node-host", "openclaw-android", "openclaw-control-ui", "openclaw-ios", "openclaw-linux", "openclaw-macos", "openclaw-probe", "openclaw-tui", "openclaw-watchos", "test", "webchat", "webchat-ui"]; // prettier-ignore
const MODES = ["backend", "cli", "node", "probe", "test", "ui", "webchat"];
const [CLI, BACKEND, TEST, TUI, MACOS] = ["cli/cli", "gateway-client/backend", "test/test", "openclaw-tui/ui", "openclaw-macos/ui"] as const; // prettier-ignore
const BROWSERS = ["openclaw-control-ui/ui", "openclaw-control-ui/webchat", "webchat-ui/webchat", "webchat/webchat"] as const; // prettier-ignore

/** Clients as they really come, and two that nobody knows. */
const CLIENTS = [CLI, BACKEND, TEST, TUI, MACOS, ...BROWSERS, "cli/probe", "fingerprint/ui", "gateway-client/cli", "gateway-client/ui", "node-host/node", "openclaw-android/ui", "openclaw-ios/ui", "openclaw-linux/ui", "openclaw-probe/probe", "openclaw-tui/cli", "openclaw-watchos/ui", "gw-trace/cli", "cli/gw-trace"]; // prettier-ignore

const SCOPES: readonly (readonly string[])[] = [
  ALL,
  ...["read", "write", "admin", "pairing", "approvals", "root", "talk", "questions"].map((name) => [`operator.${name}`]),
  ["operator.sessions.read"],
  ["operator.sessions.write"],
  ["operator.read", "operator.talk.secrets"],
  [],
]; // prettier-ignore

/** Calls whose answers do not depend on what was called before. */
const CALLS: readonly Call[] = [
  ["health", {}],
  ["sessions.list", { limit: 1 }],
  ["voicewake.get", {}],
  ["cron.list", {}],
  ["config.get", {}],
  ["device.pair.list", {}],
  ["exec.approvals.get", {}],
  ["exec.approval.list", {}],
  ["exec.approval.resolve", {}],
  ["talk.config", {}],
  ["agents.list", {}],
  ["last-heartbeat", {}],
  ["node.list", {}],
  ["tts.status", {}],
  ["gateway.identity.get", {}],
  ["no.such.method", {}],
  ["node.pending.pull", {}],
  ["sessions.delete", { key: "agent:main:none" }],
  ["talk.mode", {}],
  ["wake", {}],
  ["cron.run", {}],
  ["device.token.rotate", {}],
  ["question.list", {}],
  ["talk.speak", {}],
  ["sessions.github.publish", {}],
  ["sessions.get", { key: "agent:main:none" }],
  ["sessions.abort", {}],
];

/** Calls whose params decide what they need, in some version. */
const PARAM_CALLS: readonly Call[] = [
  ["talk.config", { includeSecrets: true }],
  ["agent", { message: "/reset" }],
  ["agent", { message: "/reset", idempotencyKey: "gw-trace" }],
  ["channels.pairing.approve", { bootstrapCommandOwner: true }],
  ["environments.list", { runtimeId: "none" }],
  ["fs.listDir", { nodeId: "none" }],
  ["sessions.create", { incognito: true }],
  ["sessions.create", { execNode: "none" }],
  ["sessions.create", { toolOverrides: {} }],
  ["sessions.create", { permissionMode: "full" }],
  ["sessions.delete", { key: "agent:main:none", archivedOnly: true }],
  ["sessions.patch", { key: "agent:main:none", permissionMode: "full" }],
  ["sessions.patch", { key: "agent:main:none", sandboxMode: "off" }],
  ["sessions.patch", { key: "agent:main:none", gwTrace: 1 }],
  ["sessions.patch", { key: "agent:main:none", label: "x" }],
  ["sessions.patchMany", { patch: { permissionMode: "full" } }],
  ["sessions.patchMany", { patch: { gwTrace: 1 } }],
];

const LOCAL_ORIGIN = { Origin: "http://127.0.0.1:5173" };
const HEADERS: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ["a loopback Origin", LOCAL_ORIGIN],
  ["a foreign Origin", { Origin: "http://elsewhere.example" }],
  ["an Origin that is none", { Origin: "null" }],
  ["X-Forwarded-For", { "X-Forwarded-For": "203.0.113.9" }],
  ["X-Real-IP", { "X-Real-IP": "127.0.0.1" }],
  ["another Host", { Host: "gw.example.com" }],
];

const FAULTS = ["device-id-mismatch", "device-signature-stale", "device-nonce-missing", "device-nonce-mismatch", "device-signature"] as const; // prettier-ignore

const CREDENTIALS: readonly (readonly [string, Meeting["auth"]])[] = [
  ["no credential", {}],
  ["a right password", { password: "right" }],
  ["a wrong token", { token: "wrong" }],
  ["a wrong password", { password: "wrong" }],
  ["a wrong device token", { deviceToken: "wrong" }],
  ["a wrong token and a right password", { token: "wrong", password: "right" }],
];

/** All cases that one throw-away Gateway is driven with. Their order and their names are the same in every run. */
export function casesFor(setup: Setup): readonly Case[] {
  const build: Readonly<Record<Setup, () => readonly Draft[]>> = {
    token: () => [
      ...everyClient(ALL),
      ...scopesOf([CLI, BACKEND, TEST]),
      ...newDevices([ALL, READ, []]),
      ...pairedBefore(),
      ...otherRoles(),
      ...faults([CLI, BACKEND, TEST]),
      ...credentials([CLI, BACKEND, TEST, TUI, BROWSERS[0]]),
      ...ownTokens(),
      ...headers([CLI, BACKEND, TEST, TUI, ...BROWSERS]),
      ...protocols(),
      ...callsByScope(),
    ],
    password: () => [
      ...credentials([CLI, BACKEND, TEST, TUI, BROWSERS[0]]),
      ...[...BROWSERS, TUI].flatMap((client) => [
        draft(`${client} without a device where switches let it in`, { client, scopes: READ, auth: { password: "right" }, headers: LOCAL_ORIGIN }),
        draft(`${client} with an allowed Origin`, { client, scopes: READ, auth: { password: "right" }, device: true, headers: { Origin: ALLOWED_ORIGIN } }),
      ]),
    ],
    none: () => [...everyClient(READ), ...newDevices([READ])],
    far: () => [
      ...scopesOf([CLI, BACKEND, TEST]),
      ...CLIENTS.map((client) => draft(`${client} without a device`, { ...asks(client), scopes: READ })),
      ...newDevices([ALL]),
      ...otherRoles().filter(({ meetings }) => meetings.length === 1),
      ...faults([CLI]),
      ...protocols(),
      ...headers([CLI, BACKEND, ...BROWSERS]),
      // A Gateway counts wrong credentials of a far peer, and soon hears none: few, and last.
      ...credentials([CLI, TEST]).filter(({ name }) => /and no credential$|without a device and a wrong token$/.test(name)),
    ],
  }; // prettier-ignore
  const wrong = (value: Meeting["auth"]): boolean => Object.values(value).includes("wrong");
  return build[setup]().map(({ name, meetings }, index) => ({
    name: `${setup}: ${name}`,
    setup,
    meetings: meetings.map((meeting) => withCalls(setup === "none" && !wrong(meeting.auth) ? { ...meeting, auth: {} } : meeting, index)),
  })); // prettier-ignore
}

interface Draft {
  readonly name: string;
  readonly meetings: readonly Meeting[];
}

function draft(name: string, ...meetings: readonly Meeting[]): Draft {
  return { name, meetings };
}

/** A client with the right token, and with an Origin where it is a browser. */
function asks(client: string): Meeting {
  const isBrowser = BROWSERS.some((browser) => browser === client);
  return { client, auth: { token: "right" }, ...(isBrowser ? { headers: LOCAL_ORIGIN } : {}) };
}

function withCalls(meeting: Meeting, index: number): Meeting {
  const pick = (step: number): Call => CALLS[(index * 5 + step * 7) % CALLS.length] ?? ["health", {}];
  return { calls: [pick(0), pick(1), pick(2)], ...meeting };
} // prettier-ignore

function everyClient(scopes: readonly string[]): readonly Draft[] {
  const clients = [...IDS.flatMap((id) => MODES.map((mode) => `${id}/${mode}`)), "gw-trace/cli", "cli/gw-trace"]; // prettier-ignore
  return clients.map((client) => draft(`${client} without a device`, { client, scopes, auth: { token: "right" } })); // prettier-ignore
}

function scopesOf(clients: readonly string[]): readonly Draft[] {
  return clients.flatMap((client) =>
    SCOPES.map((scopes) => draft(`${client} without a device asks ${show(scopes)}`, { client, scopes, auth: { token: "right" } })),
  ); // prettier-ignore
}

function newDevices(asked: readonly (readonly string[])[]): readonly Draft[] {
  return CLIENTS.flatMap((client) =>
    asked.map((scopes) => draft(`${client} with a new device asks ${show(scopes)}`, { ...asks(client), scopes, device: true })),
  ); // prettier-ignore
}

function pairedBefore(): readonly Draft[] {
  const first = [READ, [...READ, ...WRITE], ALL, []];
  const then = [READ, WRITE, ALL, ["operator.approvals"], []];
  const upgrades = [CLI, BACKEND, TEST].flatMap((client) =>
    first.flatMap((before) =>
      then.map((scopes) =>
        draft(
          `${client} paired with ${show(before)} asks ${show(scopes)}`,
          { ...asks(client === BACKEND ? CLI : client), scopes: before, device: true },
          { ...asks(client), scopes, device: true },
        ),
      ),
    ),
  );
  const others = CLIENTS.flatMap((client) => {
    const one = { ...asks(client), scopes: READ, device: true } as const;
    const { headers: _none, ...plain } = one;
    return [
      draft(`${client} paired for reading asks all`, { ...plain, client: CLI }, { ...one, scopes: ALL }),
      draft(`${client} on another platform`, one, { ...one, platform: "plan9" }),
      draft(`${client} of another family`, { ...one, deviceFamily: "Mac" }, { ...one, deviceFamily: "iPad" }),
      draft(`${client} on another platform without an Origin`, one, { ...plain, platform: "plan9" }),
    ];
  }); // prettier-ignore
  return [...upgrades, ...others];
}

function otherRoles(): readonly Draft[] {
  return ["node-host/node", CLI, TEST, MACOS, TUI].flatMap((client) => {
    const one = { ...asks(client), scopes: [], device: true } as const;
    const calls = [["health", {}], ["status", {}], ["node.pending.pull", {}], ["sessions.list", {}]] as const; // prettier-ignore
    const node = { ...one, role: "node", calls };
    const { device: _none, ...bare } = node;
    return [
      draft(`${client} with a new device as node`, node),
      draft(`${client} without a device as node`, bare),
      draft(`${client} without a device as auditor`, { ...bare, role: "auditor" }),
      draft(`${client} with a new device as node asks for reading`, { ...node, scopes: READ }),
      draft(`${client} paired as operator comes as node`, { ...one, scopes: READ }, node),
      draft(`${client} paired as node comes as operator`, node, { ...one, scopes: READ }),
    ];
  });
}

function faults(clients: readonly string[]): readonly Draft[] {
  return clients.flatMap((client) =>
    FAULTS.map((fault) => draft(`${client} with ${fault}`, { ...asks(client), scopes: READ, device: true, fault })),
  ); // prettier-ignore
}

function credentials(clients: readonly string[]): readonly Draft[] {
  return withAndWithoutDevice(clients, CREDENTIALS.map(([what, auth]) => [what, { auth }])); // prettier-ignore
}

function ownTokens(): readonly Draft[] {
  const asked = [READ, [...READ, ...WRITE], ALL, [], ["operator.sessions.read"], ["operator.talk"]];
  const paired = (client: string, before: readonly string[], scopes: readonly string[], field: string): Draft =>
    draft(
      `${client} paired with ${show(before)} asks ${show(scopes)} by its token in ${field}`,
      { ...asks(client), scopes: before, device: true },
      { ...asks(client), scopes, device: true, auth: { [field]: "own" } },
    );
  return [
    ...(["deviceToken", "token"] as const).flatMap((field) =>
      asked.flatMap((scopes) => [CLI, TEST, TUI].map((client) => paired(client, [...READ, ...WRITE], scopes, field))),
    ),
    ...[READ, ["operator.sessions.write"]].map((before) => paired(CLI, before, ["operator.sessions.read"], "deviceToken")),
  ];
} // prettier-ignore

function headers(clients: readonly string[]): readonly Draft[] {
  return withAndWithoutDevice(clients, HEADERS.map(([what, extra]) => [what, { headers: extra }])); // prettier-ignore
}

function withAndWithoutDevice(
  clients: readonly string[],
  variants: readonly (readonly [what: string, differs: Partial<Meeting>])[],
): readonly Draft[] {
  return clients.flatMap((client) =>
    variants.flatMap(([what, differs]) => {
      const one = { ...asks(client), scopes: READ, ...differs };
      return [
        draft(`${client} with a device and ${what}`, { ...one, device: true }),
        draft(`${client} without a device and ${what}`, one),
      ];
    }),
  );
}

function protocols(): readonly Draft[] {
  const ranges = [[1, 2], [3, 3], [4, 4], [5, 9], [1, 9]] as const; // prettier-ignore
  return ranges.flatMap((protocol) => [
    ...[CLI, "openclaw-probe/probe"].map((client) =>
      draft(`${client} speaks ${protocol.join(" to ")}`, { ...asks(client), scopes: READ, protocol }),
    ),
    draft(`a node speaks ${protocol.join(" to ")}`, { ...asks("node-host/node"), role: "node", scopes: [], device: true, protocol }),
  ]); // prettier-ignore
}

function callsByScope(): readonly Draft[] {
  return SCOPES.map((scopes) =>
    draft(`a paired CLI with ${show(scopes)} calls what it may and may not`, {
      ...asks(CLI),
      scopes,
      device: true,
      calls: scopes.includes("operator.admin") ? CALLS : [...CALLS, ...PARAM_CALLS],
    }),
  );
}

function show(scopes: readonly string[]): string {
  if (scopes === ALL) return "all";
  return scopes.map((scope) => scope.replace("operator.", "")).join(" ") || "nothing";
}
