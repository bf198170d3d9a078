import { expect, test } from "vitest";
import { diffProfiles, isSameProfile } from "../../src/gateway/diff-profiles.ts";
import { parseProfile } from "../../src/gateway/profile.ts";
import { PROFILES, profileFor } from "../support/profiles.ts";

const diff = diffProfiles(profileFor("2026.5.4"), profileFor("2026.9.6"));
const OTHER = { ...profileFor("2026.5.4"), protocol: 0 };

test("from 2026.5.4 to 2026.9.6 it is what was measured", () => {
  expect(diff.protocol).toEqual({ from: "3", to: "4" });
  expect(diff.changed).toContainEqual({
    method: "sessions.patch",
    from: "operator.admin",
    to: "operator.write",
  });
  expect(diff.changed).toContainEqual({
    method: "talk.speak",
    from: "operator.write",
    to: "operator.talk",
  });
  expect(diff.added).toContainEqual({ method: "device.scopes.requestUpgrade", needs: "no scope" });
  expect(diff.removed).toContainEqual({
    method: "node.canvas.capability.refresh",
    needs: "role node",
  });
  expect(diff.addedEvents).toContain("terminal.data");
  expect(diff.removedEvents).toEqual([]);
});

test("the error shapes and the rules for scopes are part of it", () => {
  expect(diff.rules).toContainEqual({
    rule: "refusal: missing-scope",
    from: "INVALID_REQUEST, no details: missing scope: <scope>",
    to: "FORBIDDEN, details.code MISSING_SCOPE: missing scope: <scope> (code, missingScope, requiredScopes)",
  });
  expect(diff.rules).toContainEqual({
    rule: "clients that keep their scopes without a device",
    from: "gateway-client/backend",
    to: "cli/cli, gateway-client/backend",
  });
});

test("the way back is the same, turned around", () => {
  const back = diffProfiles(profileFor("2026.9.6"), profileFor("2026.5.4"));
  expect(back.added).toEqual(diff.removed);
  expect(back.removed).toEqual(diff.added);
  expect(back.changed).toEqual(
    diff.changed.map(({ method, from, to }) => ({ method, from: to, to: from })),
  );
});

test.each(PROFILES.map((profile) => [profile.version, profile] as const))(
  "%s does not differ from itself, read back from a file",
  (_version, profile) => {
    const parsed = parseProfile(JSON.stringify(profile));
    expect(parsed).toEqual({ ok: true, profile });
    const read = parsed.ok ? parsed.profile : OTHER;
    expect(isSameProfile(diffProfiles(profile, read))).toBe(true);
  },
);

test("what else stands in a profile is let be, and not read", () => {
  const [profile] = PROFILES;
  const parsed = parseProfile(JSON.stringify({ ...profile, measuredOn: "a Tuesday" }));
  expect(parsed).toEqual({ ok: true, profile });
});

test.each([
  ["no JSON", "{", "it is not JSON"],
  ["a list", "[]", "it is missing or of the wrong type"],
  ["a profile without events", { events: undefined }, "events is missing or of the wrong type"],
  ["methods that are no texts", { methods: { a: 1 } }, "methods is missing or of the wrong type"],
])("%s is no profile", (_name, change, reason) => {
  const text = typeof change === "string" ? change : JSON.stringify({ ...PROFILES[0], ...change });
  expect(parseProfile(text)).toEqual({ ok: false, reason });
});
