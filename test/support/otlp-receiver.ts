import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";

/** A message type as protobufjs makes it of the official definitions. */
interface MessageType {
  decode(bytes: Uint8Array): unknown;
  fromObject(value: object): unknown;
  verify(value: object): string | null;
  toObject(message: unknown, options: object): ExportRequest;
}

interface AnyValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: string;
  readonly doubleValue?: number;
  readonly arrayValue?: { readonly values?: readonly AnyValue[] };
}

interface KeyValue {
  readonly key: string;
  readonly value: AnyValue;
}

interface WireSpan {
  readonly traceId: Buffer;
  readonly spanId: Buffer;
  readonly parentSpanId?: Buffer;
  readonly flags: number;
  readonly name: string;
  readonly kind: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: readonly KeyValue[];
  readonly events?: readonly {
    readonly name: string;
    readonly timeUnixNano: string;
    readonly attributes?: readonly KeyValue[];
  }[];
  readonly links?: readonly { readonly traceId: Buffer; readonly spanId: Buffer }[];
  readonly status?: { readonly code?: string; readonly message?: string };
}

interface ExportRequest {
  readonly resourceSpans?: readonly {
    readonly resource: { readonly attributes?: readonly KeyValue[] };
    readonly scopeSpans?: readonly {
      readonly scope: { readonly name: string; readonly version: string };
      readonly spans?: readonly WireSpan[];
    }[];
  }[];
}

/** A span as a tracing system has it after it was received. Ids are hex; times are nanoseconds of the Unix epoch. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly flags: number;
  readonly name: string;
  readonly kind: string;
  readonly start: bigint;
  readonly end: bigint;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly {
    readonly name: string;
    readonly time: bigint;
    readonly attributes: Readonly<Record<string, unknown>>;
  }[];
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status: { readonly code: string; readonly message: string };
  readonly resource: Readonly<Record<string, unknown>>;
  readonly scope: string;
}

/** An OTLP/HTTP receiver that listens on loopback. */
export interface OtlpReceiver extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly spans: readonly ReceivedSpan[];
  readonly requests: readonly {
    readonly path: string;
    readonly type: string;
    readonly headers: IncomingMessage["headers"];
    readonly body: Uint8Array;
  }[];
}

// What the official packages had pbjs make of the official .proto files, until they wrote their own encoder.
const { opentelemetry } = createRequire(import.meta.url)(
  "otlp-definitions/build/src/generated/root.js",
);
const { ExportTraceServiceResponse: RESPONSE } = opentelemetry.proto.collector.trace.v1;
const REQUEST: MessageType = opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;

/** What an OTLP/HTTP body says by the official protobuf definitions; throws when it is none. */
export function decodeOtlp(body: Uint8Array, contentType: string): readonly ReceivedSpan[] {
  const message =
    contentType === "application/json"
      ? fromJson(JSON.parse(new TextDecoder().decode(body)))
      : REQUEST.decode(Buffer.from(body));
  const options = { longs: String, enums: String, bytes: Buffer };
  return spansOf(REQUEST.toObject(message, options));
}

// OTLP/JSON is protobuf's JSON, but for ids, which are hex (OTLP specification, JSON Protobuf Encoding).
function fromJson(document: object): unknown {
  const plain: object = JSON.parse(JSON.stringify(document), (key, value: unknown) =>
    /^(?:traceId|spanId|parentSpanId)$/.test(key) && typeof value === "string"
      ? Buffer.from(value, "hex").toString("base64")
      : value,
  );
  const message = REQUEST.fromObject(plain);
  assertNothingUnknown(plain, REQUEST.toObject(message, { defaults: true, longs: String }));
  return message;
}

// A field that the definitions do not have would be dropped without a word.
function assertNothingUnknown(given: unknown, known: unknown, path = ""): void {
  if (typeof given !== "object" || given === null) return;
  for (const [key, value] of Object.entries(given)) {
    if (typeof known !== "object" || known === null || !(key in known)) {
      throw new Error(`${path}.${key} is no field of OTLP`);
    }
    assertNothingUnknown(value, Reflect.get(known, key), `${path}.${key}`);
  }
}

/** What a receiver says that takes a batch, but not all spans in it. */
export interface PartialSuccess {
  readonly rejectedSpans: number;
  readonly errorMessage: string;
}

/** Starts a receiver; `status` is what it answers, or null to answer nothing. `partial` goes with what it takes. */
export async function startOtlpReceiver(
  status: () => number | null = () => 200,
  port = 0,
  partial: PartialSuccess | null = null,
): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const requests: OtlpReceiver["requests"][number][] = [];
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { headers, url: path = "" } = request;
    const type = headers["content-type"] ?? "";
    const raw = await buffer(request);
    const body = headers["content-encoding"] === "gzip" ? gunzipSync(raw) : raw;
    requests.push({ path, type, headers, body });
    const code = status();
    if (code === null) return;
    if (code === 200) spans.push(...decodeOtlp(body, type));
    const said = partial === null ? "" : RESPONSE.encode({ partialSuccess: partial }).finish();
    response.writeHead(code, { "content-type": type }).end(code === 200 ? said : "");
  };
  // What it cannot decode is answered as any receiver would, so that the sender's test fails.
  const server = createServer((request, response) => {
    receive(request, response).catch((error: Error) =>
      response.writeHead(400, error.message).end(),
    );
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const listening = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${listening}`,
    port: listening,
    spans,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function spansOf({ resourceSpans = [] }: ExportRequest): readonly ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans = [] }) =>
    scopeSpans.flatMap(({ scope, spans = [] }) =>
      spans.map((span) => ({
        traceId: span.traceId.toString("hex"),
        spanId: span.spanId.toString("hex"),
        parentSpanId: span.parentSpanId?.toString("hex") ?? "",
        flags: span.flags,
        name: span.name,
        kind: span.kind,
        start: BigInt(span.startTimeUnixNano),
        end: BigInt(span.endTimeUnixNano),
        attributes: valuesOf(span.attributes),
        events: (span.events ?? []).map((event) => ({
          name: event.name,
          time: BigInt(event.timeUnixNano),
          attributes: valuesOf(event.attributes),
        })),
        links: (span.links ?? []).map((link) => ({
          traceId: link.traceId.toString("hex"),
          spanId: link.spanId.toString("hex"),
        })),
        status: {
          code: span.status?.code ?? "STATUS_CODE_UNSET",
          message: span.status?.message ?? "",
        },
        resource: valuesOf(resource.attributes),
        scope: `${scope.name} ${scope.version}`,
      })),
    ),
  );
}

function valuesOf(pairs: readonly KeyValue[] = []): Record<string, unknown> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, valueOf(value)]));
}

function valueOf(value: AnyValue): unknown {
  if (value.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(valueOf);
  if (value.intValue !== undefined) return Number(value.intValue);
  return value.stringValue ?? value.boolValue ?? value.doubleValue;
}
