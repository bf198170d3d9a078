import type { Finding } from "../findings/finding.ts";
import type { Connection, Rpc, Trace } from "../trace/model.ts";

/** The document that `gw-trace show --json` prints. A promise to programs: fields may be added, none taken away. */
export function buildShowJson(traces: readonly Trace[], findings: readonly Finding[]): unknown {
  const recordings = traces.map(buildRecording);
  return {
    recording: recordings[0] ?? null,
    ...(recordings.length > 1 ? { recordings } : {}),
    rules: traces.flatMap(({ recording, rules }) =>
      rules.map(({ version, sharedBy, contradicted }) => {
        return { recording: recording.name, version, sharedBy, contradicted };
      }),
    ),
    connections: traces.flatMap(({ recording, connections }) =>
      connections.map((connection) => buildConnection(recording.name, connection)),
    ),
    findings,
  };
}

function buildRecording({ recording: { header, ...told }, gaps }: Trace): unknown {
  return { ...told, ...header, gaps };
}

/** One connection of that document. */
export function buildConnection(recording: string, connection: Connection): unknown {
  const { handshake, scopes, close } = connection;
  const { connect, hello, refusal } = handshake;
  const { implies: _rule, ...sets } = scopes;
  return {
    recording,
    id: connection.id,
    client:
      connect === null
        ? null
        : {
            id: connect.client.id,
            mode: connect.client.mode,
            version: connect.client.version,
            displayName: connect.client.displayName,
            platform: connect.client.platform,
          },
    role: connect?.role ?? null,
    protocol: hello?.protocol ?? null,
    gatewayVersion: hello?.serverVersion ?? null,
    device: connect?.device ?? null,
    auth: connect?.authKinds ?? [],
    peer: { address: connection.peerAddress, loopback: connection.peerIsLoopback },
    origin: connection.upgrade?.origin ?? null,
    outcome: connection.outcome,
    gaps: connection.gaps,
    refusal,
    scopes: {
      ...sets,
      unproven: scopes.effective.filter((scope) => !scopes.proven.includes(scope)),
    },
    openedMs: connection.openedMs,
    close:
      close === null
        ? null
        : { code: close.code, reason: close.reason, by: close.by, atMs: close.atMs },
    rpcs: connection.rpcs.map(buildRpc),
    events: connection.events,
    http: connection.http,
    unreadable: connection.unreadable,
  };
}

function buildRpc(rpc: Rpc): unknown {
  const { id, method, ok, answerLost, error, startMs, durationMs, final } = rpc;
  const { requestEntry, responseEntry } = rpc;
  return {
    id,
    method,
    ok,
    answerLost,
    error,
    startMs,
    durationMs,
    final,
    requestEntry,
    responseEntry,
  };
}
