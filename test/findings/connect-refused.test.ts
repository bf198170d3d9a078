import { expect, test } from "vitest";
import { diagnose } from "../../src/findings/diagnose.ts";
import type { Finding } from "../../src/findings/finding.ts";
import { challenge, connect, conversation, helloOk, refused } from "../support/conversation.ts";
import { traceOf } from "../support/traces.ts";

/** What is found where a Gateway of that version refuses such a connect. */
function findingOf(
  version: string,
  asked: Parameters<typeof connect>[0],
  message: string,
  details: object,
): Finding | undefined {
  const trace = traceOf([
    conversation({}, challenge(), connect({ device: "d", scopes: [] }), helloOk({ version })),
    conversation(
      { connection: 2, startMs: 100 },
      challenge(),
      connect(asked),
      refused("connect-1", "INVALID_REQUEST", message, details),
    ),
  ]);
  return diagnose([trace]).find(({ connection }) => connection === 2);
}

const MISMATCH = { code: "AUTH_TOKEN_MISMATCH" };
const READER = { device: "d", scopes: ["operator.read"] };

test.each([
  ["2026.5.4", READER, true],
  ["2026.6.11", READER, false],
  ["2026.5.4", { scopes: ["operator.read"] }, false],
  ["2026.5.4", { device: "d", scopes: [] }, false],
  ["2026.5.4", { ...READER, auth: { password: "p" } }, false],
] as const)("%s: a token mismatch of %o may be about scopes: %s", (version, asked, expected) => {
  const finding = findingOf(version, asked, "unauthorized: gateway token mismatch", MISMATCH);
  expect(finding?.code).toBe("credential-wrong");
  expect(finding?.why.includes("its scopes may be the cause")).toBe(expected);
});

test("a node that asks for scopes is told so, not that silent pairing is off", () => {
  const asked = { role: "node", device: "n", scopes: ["operator.admin"] };
  const details = { code: "PAIRING_REQUIRED", reason: "not-paired" };
  const finding = findingOf("2026.5.4", asked, "pairing required", details);
  expect(finding).toMatchObject({
    code: "pairing-required",
    why: expect.stringContaining("with the role node is paired silently only when it asks for no scopes"),
  }); // prettier-ignore
});

test.each([
  ["2026.5.4", "credential-misleading"],
  ["2026.6.11", "credential-wrong"],
])("a device token mismatch of %s is %s", (version, expected) => {
  const asked = { ...READER, auth: { deviceToken: "t" } };
  const details = { code: "AUTH_DEVICE_TOKEN_MISMATCH" };
  expect(findingOf(version, asked, "device token mismatch", details)?.code).toBe(expected);
});

test("a device token mismatch of a Gateway that never told its version may be either", () => {
  const asked = connect({ ...READER, auth: { deviceToken: "t" } });
  const details = { code: "AUTH_DEVICE_TOKEN_MISMATCH" };
  const answer = refused("connect-1", "INVALID_REQUEST", "device token mismatch", details);
  const [finding] = diagnose([traceOf([conversation({}, challenge(), asked, answer)])]);
  expect(finding).toMatchObject({
    code: "credential-misleading",
    why: expect.stringContaining("Which version this one is, the recording does not show."),
  });
});
