import { describe, expect, test } from "vitest";
import { diagnose, gatewayVersion } from "../../src/findings/diagnose.ts";
import type { Finding } from "../../src/findings/finding.ts";
import { methodScope } from "../../src/gateway/profile.ts";
import { profileFor } from "../support/profiles.ts";
import { holdsScope, parseRoleRefusal, parseScopeRefusal } from "../../src/gateway/scopes.ts";
import type { Connection, Trace } from "../../src/trace/model.ts";
import { buildScopeSets } from "../../src/trace/scopes.ts";
import { traceOf } from "../support/traces.ts";
import { CAPTURES, readCapture } from "../captures/captures.ts";
import { renderScopeLetters } from "../../src/views/scope-letters.ts";
import { DECISIONS, REFUSAL_CODES, REFUSALS } from "./capture-verdicts.ts";

interface Diagnosed {
  readonly trace: Trace;
  readonly findings: readonly Finding[];
}

function read(name: string): Diagnosed {
  const trace = traceOf([readCapture(name)], { name });
  return { trace, findings: diagnose([trace]) };
}

function findingsOf({ findings }: Diagnosed, connection: Connection): readonly Finding[] {
  return findings.filter((finding) => finding.connection === connection.id);
}

test("there are captures of both versions", () => {
  const versions = new Set(CAPTURES.map((name) => name.split("/")[0]));
  expect([...versions]).toEqual(["2026.5.4", "2026.9.6"]);
});

describe.each(CAPTURES)("%s", (name) => {
  const diagnosed = read(name);
  const { trace, findings } = diagnosed;
  const accepted = trace.connections.filter(({ outcome }) => outcome === "accepted");

  test("every refusal for want of a scope has its finding, which names method and scope", () => {
    const refused = trace.connections
      .flatMap(({ rpcs }) => rpcs)
      .flatMap((rpc) => {
        const refusal = rpc.error === null ? null : parseScopeRefusal(rpc.error);
        return refusal === null ? [] : [{ rpc, missing: refusal.missing }];
      });
    const unsaid = refused.filter(
      ({ rpc, missing }) =>
        findings.filter(
          ({ code, connection, title, evidence }) =>
            code.startsWith("missing-scope-") &&
            connection === rpc.connection &&
            title.startsWith(`${rpc.method} was refused`) &&
            title.endsWith(missing) &&
            evidence.includes(rpc.responseEntry ?? 0),
        ).length !== 1,
    );
    expect(unsaid).toEqual([]);
  });

  test("every refused connect has exactly one finding that says why", () => {
    const wrong = trace.connections
      .filter(({ handshake }) => handshake.refusal !== null)
      .map((connection) => ({
        connection: connection.id,
        refusal: connection.handshake.refusal,
        wanted: wantedCode(connection, trace),
        said: findingsOf(diagnosed, connection)
          .filter(({ evidence }) => evidence.includes(connection.handshake.answerEntry ?? 0))
          .map(({ code }) => code),
      }))
      .filter(({ wanted, said }) => said.length !== 1 || said[0] !== wanted);
    expect(wrong).toEqual([]);
  });

  test("every refused connection has one finding that says why, and an accepted one none", () => {
    const wrong = trace.connections
      .map((connection) => ({
        connection: connection.id,
        outcome: connection.outcome,
        said: findingsOf(diagnosed, connection)
          .map(({ code }) => code)
          .filter((code) => REFUSAL_CODES.has(code)),
      }))
      .filter(({ outcome, said }) => said.length !== (outcome === "refused" ? 1 : 0));
    expect(wrong).toEqual([]);
  });

  // What the rules say of the handshake alone has to agree with each later answer: this tests the rules against the calls.
  test("the rules foresee every answer", () => {
    const wrong = accepted.flatMap((connection) => {
      const profile = profileFor(connection.handshake.hello?.serverVersion ?? null);
      const { effective } = buildScopeSets(
        { ...connection.handshake, ...connection, rpcs: [] },
        profile,
      );
      return connection.rpcs.flatMap((rpc) => {
        const scope = methodScope(profile, rpc.method);
        const refusal = rpc.error === null ? null : parseScopeRefusal(rpc.error);
        const holds = scope !== null && holdsScope(effective, scope, profile.implies) === true;
        if (rpc.ok === true && scope !== null && !holds)
          return [{ at: connection.id, method: rpc.method, scope, effective, said: "ok" }];
        if (refusal !== null && holdsScope(effective, refusal.missing, profile.implies) === true)
          return [
            { at: connection.id, method: rpc.method, scope, effective, said: refusal.missing },
          ];
        if (refusal !== null && refusal.missing === scope && holds)
          return [
            { at: connection.id, method: rpc.method, scope, effective, said: refusal.missing },
          ];
        return [];
      });
    });
    expect(wrong).toEqual([]);
  });

  test("the effective scopes agree with every answer", () => {
    const wrong = accepted.flatMap((connection) => {
      const { implies } = profileFor(connection.handshake.hello?.serverVersion ?? null);
      const { effective, proven, refuted } = connection.scopes;
      return [
        ...proven
          .filter((scope) => !holdsScope(effective, scope, implies))
          .map((scope) => ({ id: connection.id, scope, was: "proven", effective })),
        ...refuted
          .filter((scope) => holdsScope(effective, scope, implies))
          .map((scope) => ({ id: connection.id, scope, was: "refuted", effective })),
      ];
    });
    expect(wrong).toEqual([]);
  });

  test("every other refused call has its finding too", () => {
    const unsaid = accepted.flatMap((connection) =>
      connection.rpcs.filter(
        ({ error, responseEntry }) =>
          error !== null &&
          !findingsOf(diagnosed, connection).some(
            ({ evidence, code }) =>
              evidence.includes(responseEntry ?? 0) &&
              (parseRoleRefusal(error) === null || code === "role-not-allowed"),
          ),
      ),
    );
    expect(unsaid.map(({ method, error, connection }) => ({ method, error, connection }))).toEqual(
      [],
    );
  });
});

describe("the decision table", () => {
  const versions = ["2026.5.4", "2026.9.6"] as const;
  const cases = DECISIONS.flatMap(([row, scenario, connection, ...wanted]) =>
    versions.map(
      (version, index) =>
        [row, `${version}/${scenario}`, connection, wanted[index] ?? null] as const,
    ),
  ).filter(([, name, , wanted]) => wanted !== null && CAPTURES.includes(name));

  test.each(cases)("row %s: %s, connection %i is %s", (_row, name, id, wanted) => {
    const diagnosed = read(name);
    const connection = diagnosed.trace.connections.find((candidate) => candidate.id === id);
    expect(connection === undefined ? null : summarize(diagnosed, connection)).toBe(wanted);
  });
});

// Habits and speed differ from run to run; what was granted, what failed and why must not.
const HABITS = new Set(["error-burst", "reconnect-storm", "slow-call"]);

function summarize(diagnosed: Diagnosed, connection: Connection): string {
  const codes = findingsOf(diagnosed, connection)
    .map(({ code }) => code)
    .filter((code) => !HABITS.has(code));
  const { requested, granted, effective } = connection.scopes;
  const scopes = [requested, granted, effective].map(renderScopeLetters);
  return [...(connection.outcome === "accepted" ? scopes : []), ...new Set(codes)].join(" ");
}

function wantedCode(connection: Connection, trace: Trace): string {
  const { refusal } = connection.handshake;
  if (refusal === null) return "none";
  const { detailCode, reason, message } = refusal;
  const version = gatewayVersion(trace);
  if (detailCode === "PAIRING_REQUIRED")
    return `${reason === "not-paired" ? "pairing" : reason}-required`;
  if (
    detailCode === "AUTH_DEVICE_TOKEN_MISMATCH" &&
    (version === null || !profileFor(version).namesScopeMismatch)
  )
    return "credential-misleading";
  if (detailCode === null && message.startsWith("invalid ")) return "invalid-handshake";
  if (detailCode === null && message === "protocol mismatch") return "protocol-mismatch";
  return REFUSALS.get(detailCode ?? "") ?? `unexpected ${JSON.stringify(refusal)}`;
}
