import { z } from "zod";

const headers = z
  .array(z.object({ name: z.string(), value: z.string().catch("") }))
  .catch([])
  // HTTP/2 has fields of its own for the request line, and HTTP/1.1 had none.
  .transform((pairs) =>
    pairs
      .filter(({ name }) => !name.startsWith(":"))
      .map(({ name, value }) => [name, value] as const),
  );
const text = z.string().nullable().catch(null);
const duration = z.number().nonnegative().catch(0);

/** Fields of gw-trace's own: what HAR has no place for. */
const ownSchema = z.object({
  opened: z
    .looseObject({
      time: z.number(),
      clientAddress: text,
      peerAddress: text,
      gatewayAddress: text,
    })
    .nullable()
    .catch(null),
  closed: z
    .looseObject({
      time: z.number(),
      by: z.enum(["client", "gateway", "tap"]),
      how: z.enum(["fin", "reset", "unreachable", "stopped"]),
      error: text,
    })
    .nullable()
    .catch(null),
});

const entrySchema = z
  .object({
    startedDateTime: z.string(),
    time: duration,
    connection: text,
    serverIPAddress: text,
    _resourceType: text,
    _fromCache: text,
    request: z.object({
      method: z.string(),
      url: z.string(),
      headers,
      _redacted: z.boolean().catch(false),
    }),
    response: z.object({
      status: z.int().nonnegative().catch(0),
      statusText: z.string().catch(""),
      headers,
      content: z.object({ _file: text }).catch({ _file: null }),
      _transferSize: z.number().nullable().catch(null),
      _redacted: z.boolean().catch(false),
    }),
    timings: z
      .object({
        blocked: duration,
        dns: duration,
        connect: duration,
        send: duration,
        wait: duration,
      })
      .catch({ blocked: 0, dns: 0, connect: 0, send: 0, wait: 0 }),
    _webSocketMessages: z.array(z.unknown()).nullable().catch(null),
    _gwTrace: ownSchema.nullable().catch(null),
  })
  // An underscore marks what HAR leaves to its writers; here it would only be in the way.
  .transform(
    ({
      request: { _redacted: isRequestRedacted, ...request },
      response: {
        _redacted: isResponseRedacted,
        _transferSize: transferBytes,
        content,
        ...response
      },
      _resourceType: resourceType,
      _fromCache: fromCache,
      _webSocketMessages: messages,
      _gwTrace: own,
      ...entry
    }) => ({
      ...entry,
      resourceType,
      request: { ...request, redacted: isRequestRedacted },
      response: { ...response, redacted: isResponseRedacted },
      /** True for an answer that a browser had already: nothing of it crossed the wire. */
      isCached: fromCache !== null || (response.status > 0 && transferBytes === 0),
      hasMessages: messages !== null,
      /** Where Playwright put the messages when it was told not to embed them. */
      messagesFile: content["_file"],
      own,
    }),
  );

/** An entry of a HAR, as far as it matters here. */
export type HarEntry = z.infer<typeof entrySchema>;

const harSchema = z.object({
  log: z
    .object({
      creator: z.object({ name: z.string(), version: text }).nullable().catch(null),
      comment: text,
      entries: z.array(z.unknown()),
      _gwTrace: z.unknown().optional(),
    })
    .transform(({ _gwTrace: own, ...log }) => ({ ...log, /** The recording's header. */ own })),
});

/** The outside of a HAR, its entries not looked at yet. */
export type HarLog = z.infer<typeof harSchema>["log"];

/** Reads the outside of a HAR; null when it is none. */
export function parseHarLog(value: unknown): HarLog | null {
  const parsed = harSchema.safeParse(value);
  return parsed.success ? parsed.data.log : null;
}

/** Reads an entry, or says which field makes it none. */
export function parseHarEntry(value: unknown): HarEntry | string {
  const parsed = entrySchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return `${issue?.path.join(".") ?? "it"} is wrong (${issue?.message ?? ""})`;
}
