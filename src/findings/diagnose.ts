import { rulesOf } from "../trace/build.ts";
import type { Trace } from "../trace/model.ts";
import {
  diagnoseDeniedCallers,
  diagnoseFailedEnds,
  diagnoseFailedRpcs,
  diagnoseRoleRefusals,
  diagnoseUnanswered,
  diagnoseTokenChanges,
  diagnoseUnknownMethods,
} from "./refused-rpcs.ts";
import { CATALOGUE, type Severity } from "./catalogue.ts";
import { diagnoseConnectRefused } from "./connect-refused.ts";
import type { Finding } from "./finding.ts";
import {
  diagnoseAbnormalEnd,
  diagnoseEarlyRpcs,
  diagnoseErrorBurst,
  diagnoseRepeatedKeys,
  diagnoseTooLarge,
} from "./habits.ts";
import { diagnoseOverstatedScopes, diagnoseScopesNotGranted } from "./granted-scopes.ts";
import { diagnoseLocality, diagnoseLosses, diagnoseUnredacted } from "./losses.ts";
import { diagnoseMissingScopes } from "./missing-scope.ts";
import { diagnoseOddities } from "./oddities.ts";
import { diagnoseRecurrence } from "./recurrence.ts";
import { createRelatives } from "./relatives.ts";
import type { ConnectionRule, FindingDraft, RuleContext } from "./rule.ts";
import { createSuccesses } from "./contrast.ts";
import {
  diagnoseBrokenHandshake,
  diagnoseStrayResponses,
  diagnoseUnansweredUpgrade,
  diagnoseUnreadable,
} from "./transport.ts";

const TRACE_RULES: readonly ((trace: Trace) => FindingDraft | null)[] = [
  diagnoseLosses,
  diagnoseUnredacted,
  diagnoseLocality,
];

const CONNECTION_RULES: readonly ConnectionRule[] = [
  diagnoseConnectRefused,
  diagnoseBrokenHandshake,
  diagnoseUnansweredUpgrade,
  diagnoseMissingScopes,
  diagnoseRoleRefusals,
  diagnoseTokenChanges,
  diagnoseDeniedCallers,
  diagnoseScopesNotGranted,
  diagnoseOverstatedScopes,
  diagnoseUnknownMethods,
  diagnoseFailedRpcs,
  diagnoseFailedEnds,
  diagnoseUnanswered,
  diagnoseUnreadable,
  diagnoseStrayResponses,
  diagnoseOddities,
  diagnoseRepeatedKeys,
  diagnoseEarlyRpcs,
  diagnoseErrorBurst,
  diagnoseAbnormalEnd,
  diagnoseTooLarge,
];

const SEVERITIES: readonly Severity[] = ["error", "warning", "info"];

/** Everything that went wrong in these traces, worst first, then in order of arrival. */
export function diagnose(traces: readonly Trace[]): readonly Finding[] {
  const successes = createSuccesses(traces);
  const findings = traces.flatMap((trace) => [
    ...TRACE_RULES.flatMap((rule) => rule(trace) ?? []).map((draft) => finish(draft, trace, null)),
    ...diagnoseConnections(trace, successes),
    ...diagnoseRecurrence(trace).map((draft) => finish(draft, trace, draft.connection)),
  ]);
  return findings.toSorted(
    (left, right) => SEVERITIES.indexOf(left.severity) - SEVERITIES.indexOf(right.severity),
  );
}

function diagnoseConnections(
  trace: Trace,
  successes: RuleContext["successes"],
): readonly Finding[] {
  const relatives = createRelatives(trace);
  return trace.connections.flatMap((connection) => {
    const { profile } = rulesOf(trace, connection);
    const context = { trace, successes, relatives, profile };
    return CONNECTION_RULES.flatMap((rule) => rule(connection, context) ?? []).map((draft) =>
      finish(draft, trace, connection.id),
    );
  });
}

/** The Gateway's version as any hello-ok of this trace says it, or null. */
export function gatewayVersion({ connections }: Pick<Trace, "connections">): string | null {
  const told = connections.find(({ handshake }) => handshake.hello?.serverVersion != null);
  return told?.handshake.hello?.serverVersion ?? null;
}

/** Titles and sentences quote what peers say, which may be any text of any length. */
const MAX_TITLE = 300;
const MAX_TEXT = 2000;

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

function finish(draft: FindingDraft, trace: Trace, connection: number | null): Finding {
  return {
    code: draft.code,
    severity: CATALOGUE[draft.code].severity,
    recording: trace.recording.name,
    connection,
    rpc: draft.rpc ?? null,
    title: cut(draft.title, MAX_TITLE),
    why: cut(draft.why, MAX_TEXT),
    fix: cut(draft.fix, MAX_TEXT),
    evidence: [...new Set(draft.evidence.filter((entry) => entry !== null))].toSorted(
      (left, right) => left - right,
    ),
    contrast: draft.contrast ?? null,
  };
}
