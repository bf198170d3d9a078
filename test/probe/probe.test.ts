import { describe, expect, test } from "vitest";
import { PROFILES, profileFor } from "../support/profiles.ts";
import { namesIn, NOT_MEASURED } from "../../src/gateway/measured.ts";
import { NO_SCOPE } from "../../src/gateway/profile.ts";
import { probeProfile } from "../../src/probe/probe.ts";
import { advertisedBy, gatewayOf, namesOf, seenIn } from "../support/profile-gateway.ts";
import { startScriptedGateway } from "../support/scripted-gateway.ts";

const OLD = profileFor("2026.5.4");

describe("a probe", () => {
  test.each(PROFILES.map((profile) => [profile.version, profile] as const))(
    "finds the profile of a Gateway that behaves as %s",
    async (_version, profile) => {
      await using gateway = await startScriptedGateway(gatewayOf({ profile }));
      const probed = await probeProfile({ url: gateway.url, auth: { token: "t" } });
      expect(seenIn(probed.profile)).toEqual(seenIn(profile));
    },
  );

  test("asks for no scopes, as a client that nobody trusts, and sends no params", async () => {
    await using gateway = await startScriptedGateway(gatewayOf({ profile: OLD }));
    await probeProfile({ url: gateway.url, auth: { token: "t" } });
    const [connect, ...calls] = gateway.asked;
    expect(connect?.params).toMatchObject({
      scopes: [],
      client: { id: "test", mode: "test" },
      role: "operator",
    });
    expect(connect?.params).not.toHaveProperty("device");
    expect(calls.filter(({ params }) => Object.keys(params).length > 0)).toEqual([]);
    expect(calls[0]?.method).toBe("status");
  });

  test("says of every rule where it is from, and of what it cannot see that it was not measured", async () => {
    await using gateway = await startScriptedGateway(gatewayOf({ profile: OLD }));
    const { profile } = await probeProfile({ url: gateway.url, auth: {} });
    const { version, sources, ...rules } = profile;
    expect(version).toBe(OLD.version);
    const unseen = Object.entries(rules).filter(([, rule]) => rule === NOT_MEASURED);
    expect(unseen.map(([name]) => name).filter((name) => name in sources)).toEqual([]);
    expect(unseen.map(([name]) => name)).toContain("keepsScopesWithoutDevice");
    expect(Object.keys(sources).length).toBe(Object.keys(rules).length - unseen.length + 1);
  });

  test("says which methods it takes for such though they only look like unknown ones", async () => {
    await using gateway = await startScriptedGateway(gatewayOf({ profile: OLD }));
    const { assumed } = await probeProfile({ url: gateway.url, auth: {} });
    expect(assumed).toEqual([
      "chat.inject",
      "connect",
      "nativeHook.invoke",
      "web.login.start",
      "web.login.wait",
    ]);
  });

  test("a method that is not advertised any more is gone, unless it is refused for another scope", async () => {
    const gone = ["config.set", "sessions.reset"];
    const hidden = ["sessions.list"];
    const advertised = advertisedBy(OLD).filter((name) => ![...gone, ...hidden].includes(name));
    await using gateway = await startScriptedGateway(gatewayOf({ profile: OLD, advertised }));
    const { profile } = await probeProfile({ url: gateway.url, auth: {} });
    expect(namesOf(OLD).filter((name) => !namesOf(profile).includes(name))).toEqual(gone);
    expect(namesIn(profile.hiddenMethods).toSorted()).toEqual(
      [...namesIn(OLD.hiddenMethods), ...hidden].toSorted(),
    );
  });

  test("takes a method that it never heard of from what is advertised", async () => {
    const profile = {
      ...OLD,
      methods: { ...Object(OLD.methods), "new.method": "operator.new", "new.free": NO_SCOPE },
    };
    await using gateway = await startScriptedGateway(gatewayOf({ profile }));
    const probed = await probeProfile({ url: gateway.url, auth: {} });
    expect(seenIn(probed.profile)).toEqual(seenIn(profile));
    expect(probed.letThrough).toEqual(["health", "new.free"]);
  });

  test.each([
    ["status", ["status"], ["status"]],
    ["a listing behind another scope", ["device.pair.list"], ["status", "device.pair.list"]],
  ])("stops before the sweep when %s is let through", async (_name, lets, asked) => {
    await using gateway = await startScriptedGateway(gatewayOf({ profile: OLD, lets }));
    const probing = probeProfile({ url: gateway.url, auth: {} });
    await expect(probing).rejects.toMatchObject({ code: "PROBE_UNSAFE" });
    expect(gateway.methods).toEqual(asked);
  });

  test("stops at the first method that measured versions refuse and this one does not", async () => {
    const lets = ["sessions.list", "config.set"];
    await using gateway = await startScriptedGateway(gatewayOf({ profile: OLD, lets }));
    const probing = probeProfile({ url: gateway.url, auth: {} });
    await expect(probing).rejects.toThrow(/let sessions\.list through/);
    // What only reads is tried first, so nothing that writes was called.
    expect(gateway.methods).not.toContain("config.set");
    expect(gateway.methods.at(-1)).toBe("sessions.list");
  });

  test("stops when many methods unknown to every version are let through", async () => {
    const lets = Array.from({ length: 40 }, (_, index) => `stranger.${index}`);
    const advertised = [...advertisedBy(OLD), ...lets];
    await using gateway = await startScriptedGateway(gatewayOf({ profile: OLD, lets, advertised }));
    const probing = probeProfile({ url: gateway.url, auth: {} });
    await expect(probing).rejects.toMatchObject({ code: "PROBE_UNSAFE" });
    expect(gateway.methods.filter((method) => lets.includes(method)).length).toBeLessThan(8);
  });

  test("calls nothing when scopes were granted that were not asked for", async () => {
    const play = { profile: profileFor("2026.9.6"), granted: ["operator.read"] };
    await using gateway = await startScriptedGateway(gatewayOf(play));
    const probing = probeProfile({ url: gateway.url, auth: {} });
    await expect(probing).rejects.toThrow(/granted operator\.read although/);
    expect(gateway.methods).toEqual([]);
  });

  test("says how the Gateway refused it", async () => {
    const error = { code: "INVALID_REQUEST", message: "unauthorized: gateway token mismatch" };
    await using gateway = await startScriptedGateway(() => ({ error, close: 1008 }));
    await expect(probeProfile({ url: gateway.url, auth: {} })).rejects.toMatchObject({
      code: "GATEWAY_REFUSED",
      message: expect.stringContaining("gateway token mismatch"),
    });
  });

  test("says that nobody listens there", async () => {
    await expect(probeProfile({ url: "ws://127.0.0.1:9", auth: {} })).rejects.toMatchObject({
      code: "GATEWAY_UNREACHABLE",
      message: expect.stringContaining("ECONNREFUSED"),
    });
  });

  test("does not wait for ever for a Gateway that says nothing more", async () => {
    await using gateway = await startScriptedGateway(() => null);
    await expect(probeProfile({ url: gateway.url, auth: {}, maxWaitMs: 50 })).rejects.toMatchObject(
      {
        code: "GATEWAY_UNREACHABLE",
        message: expect.stringContaining("did not come within 50 ms"),
      },
    );
  });
});
