import { describe, expect, test } from "vitest";
import { diagnose } from "../../src/findings/diagnose.ts";
import type { Finding } from "../../src/findings/finding.ts";
import type { NewEntry } from "../../src/recording/entry.ts";
import {
  challenge,
  client,
  close,
  connect,
  conversation,
  event,
  helloOk,
  ok,
  refused,
  req,
  withGap,
  type ConversationOptions,
  type Step,
} from "../support/conversation.ts";
import { traceOf } from "../support/traces.ts";
import { missing } from "./cases.ts";
import { ALL } from "./connect-cases.ts";

// Each case happened on a real Gateway, where the advice that is asked for here was carried out.

/** The findings about refusals; what is wrong besides is of no interest here. */
function found(...conversations: readonly (readonly NewEntry[])[]): readonly Finding[] {
  return diagnose([traceOf(conversations)]).filter(({ severity }) => severity === "error");
}

function only(...conversations: readonly (readonly NewEntry[])[]): Finding {
  const findings = found(...conversations);
  const [finding] = findings;
  if (finding === undefined || findings.length > 1)
    throw new Error(`not one finding: ${findings.map(({ code }) => code).join()}`);
  return finding;
}

interface Details {
  readonly code?: string;
  readonly reason?: string;
  readonly requestId?: string;
  readonly requestedScopes?: readonly string[];
  readonly approvedScopes?: readonly string[];
  readonly expectedProtocol?: number;
}

function turnedAway(
  options: ConversationOptions,
  asked: Parameters<typeof connect>[0] | Step,
  message: string,
  details: Details,
): readonly NewEntry[] {
  const step = asked !== undefined && "body" in asked ? asked : connect(asked);
  return conversation(
    options,
    challenge(),
    step,
    refused("connect-1", "INVALID_REQUEST", message, details),
    close("gateway", 1008, message),
  );
}

function accepted(
  options: ConversationOptions,
  asked: NonNullable<Parameters<typeof connect>[0]>,
  ...calls: readonly Step[]
): readonly NewEntry[] {
  return conversation(
    options,
    challenge(),
    connect(asked),
    helloOk({ version: asked.version ?? "2026.5.4", scopes: asked.scopes ?? [] }),
    ...calls,
  );
}

const XFF = { headers: [["X-Forwarded-For", "10.0.0.9"]] } as const;
const PAIRING = { code: "PAIRING_REQUIRED", requestId: "r-1" };

describe("a device that asks for more than it is approved for", () => {
  const ask = { device: "d", scopes: ["operator.write"] };
  const upgrade = (details: Details = {}, connection = 2) =>
    turnedAway({ connection, startMs: connection * 100 }, ask, "pairing required", {
      ...PAIRING,
      reason: "scope-upgrade",
      ...details,
    });

  test("what it is approved for is what the details say", () => {
    const { why } = only(upgrade({ approvedScopes: ["operator.read"], requestedScopes: ["operator.write"] })); // prettier-ignore
    expect(why).toContain("is approved for operator.read and asks for operator.write.");
  });

  test("or what an earlier connection of the device was accepted with", () => {
    const { title, why, fix } = only(
      accepted({ connection: 1 }, { device: "d", scopes: ["operator.read"] }),
      upgrade(),
    );
    expect(title).toBe("connect was refused: pairing required");
    expect(why).toContain("asks for operator.write, which is more than it is approved for.");
    expect(why).toContain("On connection 1 it was accepted with operator.read.");
    expect(fix).toContain("openclaw devices approve r-1");
  });

  test("or it is not known, and said so", () => {
    const { why } = only(upgrade());
    expect(why).toContain("For what it is approved, the recording does not show.");
    expect(why).not.toContain("nothing");
  });

  test("one that approves itself leaves a new request each time", () => {
    const approver = { device: "d", scopes: ["operator.pairing"] };
    const again = (connection: number, requestId: string) =>
      turnedAway({ connection, startMs: connection * 100 }, approver, "pairing required", {
        ...PAIRING,
        reason: "scope-upgrade",
        requestId,
      });
    const [first] = found(upgrade({}, 1), again(2, "r-2"), again(3, "r-3"));
    expect(first?.why).toContain("refused on connections 2 and 3 as well");
    expect(first?.why).toContain("takes the place of the one that it was to approve");
    expect(first?.fix).toContain("not through a client of this device");
  });
});

test.each([
  ["2026.5.4", true],
  ["2026.9.6", true],
  ["2026.3.13", false],
])("on %s a backend without a device can approve: %s", (version, can) => {
  const ask = turnedAway({ connection: 2, startMs: 100 }, { device: "d" }, "pairing required", {
    ...PAIRING,
    reason: "scope-upgrade",
  });
  const { fix } = only(accepted({ connection: 1 }, { version }), ask);
  expect(fix.includes("gateway-client/backend")).toBe(can);
});

describe("a device that is not paired silently", () => {
  const NEW = { device: "d", scopes: ALL };
  const notPaired = (options: ConversationOptions, asked: Parameters<typeof connect>[0] = NEW) =>
    turnedAway(options, asked, "pairing required: device is not approved yet", {
      ...PAIRING,
      reason: "not-paired",
    });

  test.each(["Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP"])(
    "%s is the cause, whatever the peer and the Origin",
    (header) => {
      for (const origin of [{}, { origin: "https://host.example" }]) {
        const { why, fix } = only(notPaired({ headers: [[header, "x"]], ...origin }));
        expect(why).toContain(header.toLowerCase());
        expect(why).toContain("remote to the Gateway");
        expect(`${why} ${fix}`).not.toMatch(/autoApproveLocal|Origin/);
        expect(fix).toContain("openclaw devices approve r-1");
      }
    },
  );

  test("the same client without the header is named as proof", () => {
    const { why } = only(
      notPaired({ ...XFF, connection: 1 }),
      accepted({ connection: 2, startMs: 100 }, { device: "e", scopes: ALL }),
    );
    expect(why).toContain("Without one, the same kind of client was accepted on connection 2.");
  });

  test("an operator's screen may send an Origin: that is not the cause", () => {
    const screen = { ...NEW, client: "openclaw-control-ui/webchat" };
    expect(only(notPaired({ origin: "http://127.0.0.1:18789" }, screen)).why).toContain(
      "the recording does not show",
    );
    expect(only(notPaired({ origin: "http://127.0.0.1:18789" })).why).toContain("Origin header");
  });

  test("no switch is blamed that the recording does not show", () => {
    expect(only(notPaired({})).why).toContain("why this one was not, the recording does not show");
  });
});

describe("a device whose platform changed", () => {
  const as = (platform: string, deviceFamily?: string, kind = "cli/cli"): Step => {
    const [id, mode] = kind.split("/");
    const who = { id, mode, version: "1", platform, deviceFamily };
    const device = { id: "d", publicKey: "pk", nonce: "nonce-1" };
    const params = { minProtocol: 3, maxProtocol: 4, client: who, device, scopes: ALL };
    return client({ type: "req", id: "connect-1", method: "connect", params });
  };
  const changed = turnedAway({ connection: 2, startMs: 100 }, as("darwin"), "pairing required", {
    ...PAIRING,
    reason: "metadata-upgrade",
  });

  test("is approved by a connection with operator.admin", () => {
    const { why, fix } = only(changed);
    expect(why).toContain("It says platform darwin and device family (none)");
    expect(fix).toContain("a connection that holds operator.admin");
    expect(fix).toContain("openclaw devices approve r-1");
  });

  test("or says another one from another client, which no approval ends", () => {
    const other = conversation(
      { connection: 1 },
      challenge(),
      as("windows", "Windows", "node-host/node"),
      helloOk({}),
    );
    const { why, fix } = only(other, changed);
    expect(why).toContain(
      "as node-host/node, on connection 1, it says platform windows and device family Windows",
    );
    expect(fix).toContain("send the same platform and deviceFamily");
  });
});

describe("credentials", () => {
  test("without any, a device identity alone is not enough", () => {
    const { why, fix } = only(
      turnedAway({}, { auth: {} }, "device identity required", { code: "DEVICE_IDENTITY_REQUIRED" }), // prettier-ignore
    );
    expect(why).toContain("says nothing about the token");
    expect(fix).toContain("token or password in connect.params.auth");
    expect(fix).not.toMatch(/or a signed device identity/);
  });

  test.each([
    ["token", { password: "x" }, "a password (auth.password) instead"],
    ["token", { deviceToken: "x" }, "a device token (auth.deviceToken) instead"],
    ["password", { token: "x" }, "a token (auth.token) instead"],
    ["password", {}, "none"],
  ])("a missing %s: the connect carries %j", (wanted, auth, carries) => {
    const name = wanted.toUpperCase();
    const { why, fix } = only(
      turnedAway({}, { auth }, `unauthorized: gateway ${wanted} missing`, { code: `AUTH_${name}_MISSING` }), // prettier-ignore
    );
    expect(why).toBe(`The Gateway wants its shared ${wanted}, and the connect carries ${carries}.`);
    expect(fix).toContain(`connect.params.auth.${wanted}`);
  });
});

describe("the Origin header", () => {
  const UI = { client: "webchat-ui/webchat" };
  const refusedFor = (options: ConversationOptions, version?: string) => [
    ...(version === undefined ? [] : [accepted({ connection: 9, startMs: 900 }, { version })]),
    turnedAway(options, UI, "origin not allowed", { code: "CONTROL_UI_ORIGIN_NOT_ALLOWED" }),
  ];

  test("that was not sent cannot be allowed", () => {
    const { why, fix } = only(...refusedFor({}));
    expect(why).toContain("this one sent none");
    expect(fix).not.toMatch(/^Add/);
    expect(fix).toContain("send an Origin header");
  });

  test.each(["app://localhost", "tauri://localhost", "capacitor://x"])(
    "%s is compared as null by some versions, where no entry helps",
    (origin) => {
      for (const version of [undefined, "2026.3.13", "2026.6.11", "2026.8.2"]) {
        const { why, fix } = only(...refusedFor({ origin }, version));
        expect(why).toContain(`the origin ${origin}`);
        expect(why).toContain("compared as null");
        expect(fix).toContain("does not help");
      }
      expect(only(...refusedFor({ origin }, "2026.9.6")).fix).toContain(`Add ${origin} to`);
    },
  );

  test("of a page is added to those that are allowed", () => {
    expect(only(...refusedFor({ origin: "https://x.example" })).fix).toContain(
      "Add https://x.example to gateway.controlUi.allowedOrigins",
    );
    expect(only(...refusedFor({ origin: "null" })).fix).toContain("from an http or https address");
  });
});

describe("methods that the Gateway does not have", () => {
  const reader = { device: "d", scopes: ["operator.read"], version: "2026.4.14" };
  const admin = { ...reader, scopes: ["operator.admin"] };

  test("a scope does not help, and the nearest name is told", () => {
    const { why, fix } = only(
      accepted({}, reader, req("1", "healths"), missing("1", "operator.admin")),
    );
    expect(why).toContain("hello-ok does not list healths");
    expect(fix).toContain("health");
    expect(fix).toContain("To ask for operator.admin does not help");
    expect(fix).not.toMatch(/^Ask for/);
  });

  test("what the Gateway says itself is an error, not a failed call", () => {
    const finding = only(
      accepted({}, admin, req("1", "agents"), refused("1", "INVALID_REQUEST", "unknown method: agents")), // prettier-ignore
    );
    expect(finding).toMatchObject({ code: "unknown-method", severity: "error" });
  });

  test("one that a version keeps to itself is a method, and so is any where nothing is listed", () => {
    const hidden = accepted({}, { ...reader, version: "2026.5.4" }, req("1", "config.set"), missing("1", "operator.admin")); // prettier-ignore
    expect(only(hidden).code).toBe("missing-scope-not-requested");
    const hello = ok("connect-1", { type: "hello-ok", server: { version: "2026.4.14" } });
    const silent = conversation({}, challenge(), connect(reader), hello, req("1", "x"), missing("1", "operator.admin")); // prettier-ignore
    expect(only(silent).code).toBe("missing-scope-not-requested");
  });
});

describe("calls that never ran are errors", () => {
  const admin = { device: "d", scopes: ["operator.admin"] };

  test.each([
    ["INVALID_REQUEST", "invalid agent params: must have message", "rpc-refused", "error"],
    ["INVALID_REQUEST", "unsupported channel: whatsapp", "rpc-refused", "error"],
    ["UNAVAILABLE", "no key", "rpc-failed", "info"],
  ])("%s %s", (code, message, finding, severity) => {
    const talk = accepted({}, admin, req("1", "agent"), refused("1", code, message));
    expect(diagnose([traceOf([talk])])).toMatchObject([{ code: finding, severity }]);
  });

  test("a chat in a browser may not change sessions, whatever its scopes", () => {
    const webchat = { ...admin, client: "webchat-ui/webchat" };
    const message = "webchat clients cannot patch sessions; use chat.send for session-scoped updates"; // prettier-ignore
    const { code, why, fix } = only(
      accepted({ origin: "https://x.example" }, webchat, req("1", "sessions.patch"), refused("1", "INVALID_REQUEST", message)), // prettier-ignore
    );
    expect(code).toBe("caller-denied");
    expect(why).toContain("for who calls, not for its params");
    expect(fix).toContain("chat.send");
  });

  test.each(["node", "operator"])("a method is not for the role %s", (role) => {
    const other = role === "node" ? "operator" : "node";
    const { why, fix } = only(
      accepted({}, { role, device: "d" }, req("1", "x.y"), refused("1", "INVALID_REQUEST", `unauthorized role: ${role}`)), // prettier-ignore
    );
    expect(why).toContain(`x.y is for the role ${other}`);
    expect(fix).toContain(`role ${other}`);
  });
});

test("another device's token is changed by a connection with operator.admin", () => {
  const covered = ["operator.pairing", "operator.read", "operator.write"];
  const rotate = [
    req("1", "device.token.rotate", { deviceId: "target", role: "operator" }),
    refused("1", "INVALID_REQUEST", "device token rotation denied"),
  ];
  const { why, fix } = only(
    accepted({ connection: 1 }, { device: "target", scopes: ["operator.read"] }),
    accepted({ connection: 2, startMs: 100 }, { device: "caller", scopes: covered }, ...rotate),
  );
  expect(why).toContain("which this one covers; but the caller is the device caller");
  expect(why).toContain("without operator.admin");
  expect(fix).toContain("a connection that holds operator.admin");
});

describe("a client without a device identity that is not local", () => {
  const far = { peerAddress: "100.64.0.5:4000", gatewayAddress: "100.64.0.5:18789" };
  const asked = { scopes: ["operator.read"], auth: { token: "t" } };
  const dropped = (options: ConversationOptions, kind: string, version: string) =>
    only(
      conversation(
        options,
        challenge(),
        connect({ ...asked, client: kind }),
        helloOk({ version, scopes: [] }),
        req("1", "sessions.list"),
        missing("1", "operator.read"),
      ),
    );

  test("its peer is the cause where its kind may keep scopes", () => {
    const known = dropped(far, "cli/cli", "2026.9.6");
    expect(known.why).toContain("Its peer, as the Gateway saw it: 100.64.0.5");
    expect(known.fix).toContain("from a loopback address");
    const between = dropped(far, "cli/cli", "2026.8.2");
    expect(between.why).toContain("Its peer, as the Gateway saw it: 100.64.0.5");
    expect(between.why).not.toContain("2026.6.11");
    expect(between.fix).toContain("from a loopback address");
    expect(between.fix).toContain("was not measured");
  });

  test("its kind is the cause where that was measured", () => {
    const { why, fix } = dropped(far, "cli/cli", "2026.6.11");
    expect(why).toContain("This client is cli/cli.");
    expect(fix).not.toContain("loopback");
  });
});

test("a peer that forwards is told to be trusted, with its address and the header", () => {
  const entries = conversation({ ...XFF, ends: true }).map((entry) =>
    entry.kind === "http-response" ? { ...entry, status: 403, reason: "Forbidden" } : entry,
  );
  const { title, why, fix } = only(entries);
  expect(title).toContain("HTTP 403");
  expect(why).toContain("x-forwarded-for");
  expect(`${why}${fix}`).not.toMatch(/2026\.\d/);
  expect(fix).toContain('gateway.trustedProxies to the proxy\'s address, ["127.0.0.1"]');
});

describe("clocks", () => {
  const ts = Date.UTC(2026, 10, 23, 12, 0, 0);
  const signed = (aheadMs: number | null, nonce = "nonce-1") =>
    only(
      turnedAway(
        {},
        client({
          type: "req",
          id: "connect-1",
          method: "connect",
          params: {
            client: { id: "node-host", mode: "node", version: "1", platform: "linux" },
            auth: { token: "t" },
            device: { id: "d", nonce, ...(aheadMs === null ? {} : { signedAt: ts + aheadMs }) },
          },
        }),
        "device signature expired",
        { code: "DEVICE_AUTH_SIGNATURE_EXPIRED" },
      ),
    );

  test("a new signature that is far from the challenge comes from a wrong clock", () => {
    expect(signed(130_000).why).toContain("130 s ahead of the ts");
    expect(signed(-3_600_000).why).toContain("3600 s behind the ts");
    expect(signed(130_000).fix).toContain("to sign again changes nothing");
  });

  test("one for another nonce is an old one, and without times it is unknown", () => {
    expect(signed(-500_000, "another").fix).toContain("Sign the nonce");
    expect(signed(null).why).toContain("The recording does not show which.");
  });
});

test("a connect that came too late is told with the time that passed", () => {
  const entries = conversation({}, challenge(), close("gateway", 1000)).map((entry) =>
    entry.kind === "message" && entry.message.type === "close"
      ? { ...entry, atMs: 3001 }
      : entry.kind === "closed"
        ? { ...entry, atMs: 3002 }
        : entry,
  );
  const other = accepted({ connection: 2, startMs: 5000 }, { version: "2026.3.13" });
  const { why, fix } = only(entries, other);
  expect(why).toContain("no connect request within 3.0 s");
  expect(why).toContain("OpenClaw 2026.3.13 waits 3 s");
  expect(fix).toContain("as soon as connect.challenge comes");
});

test("a message that was too large is told, recorded or not", () => {
  const talk = conversation(
    {},
    challenge(),
    connect({ scopes: [] }),
    helloOk({ maxPayload: 500 }),
    close("gateway", 1009),
  );
  const { why, fix } = only(withGap(talk, 5));
  expect(why).toContain("policy.maxPayload is 500 bytes");
  expect(why).toContain("leaves out 999 bytes before that");
  expect(fix).toContain("closes the connection again");
});

test("a protocol that the Gateway speaks is known from the recording, not from a version's name", () => {
  const mismatch = turnedAway({}, { protocol: [3, 3] }, "protocol mismatch", {
    code: "PROTOCOL_MISMATCH",
    expectedProtocol: 4,
  });
  const { why, fix } = only(mismatch);
  expect(why).toBe("The client speaks protocol 3 to 3, the Gateway 4.");
  expect(fix).toContain("advertise protocol 3 to 4");
  const silent = turnedAway({}, { protocol: [3, 3] }, "protocol mismatch", {});
  const other = conversation(
    { connection: 2, startMs: 100 },
    challenge(),
    connect(),
    helloOk({ version: "2026.5.12", protocol: 4 }),
  );
  expect(only(silent, other).why).toContain("the Gateway 4.");
});

test("a Gateway that ends inside of a message may have given a slow reader up", () => {
  const talk = conversation({ endedBy: "gateway" }, challenge(), connect(), helloOk({}), req("1", "chat.history")); // prettier-ignore
  const end = talk.at(-1) ?? { atMs: 0, wallMs: 0 };
  const cut: NewEntry = {
    atMs: end.atMs - 0.5,
    wallMs: end.wallMs,
    connection: 1,
    kind: "undecodable",
    from: "gateway",
    reason: "ended inside a message",
    sizeBytes: 10,
    bytes: new Uint8Array(),
  };
  const finding = diagnose([traceOf([[...talk, cut]])]).find(
    ({ code }) => code === "closed-abnormally",
  );
  expect(finding?.why).toContain("inside of a message, while 1 call waited");
  expect(finding?.why).toContain("policy.maxBufferedBytes");
  expect(finding?.fix).toContain("outbound-buffer-exceeded");
});

test.each([
  ["2026.5.4", true],
  ["2026.3.13", false],
  ["2026.4.14", false],
  ["2025.1.1", false],
])("numbers that %s skips are missing events: %s", (version, areMissing) => {
  const talk = conversation({}, challenge(), connect(), helloOk({ version }), event("tick", {}, 1), event("tick", {}, 5)); // prettier-ignore
  const codes = diagnose([traceOf([talk])]).map(({ code }) => code);
  expect(codes.includes("sequence-gap")).toBe(areMissing);
});
