import type { JsonPath } from "../redaction/rewrite-json.ts";
import { isPlainNumber, isTrivial } from "./vocabulary.ts";

/** Names of fields that hold an identifier, and its kind. The first that fits counts. */
const KINDS: readonly (readonly [name: RegExp, kind: string])[] = [
  [/session_?(?:key|id)s?$|^(?:spawnedBy|ownerKey|childSessions)$/i, "session"],
  [
    /(?:run|request|idempotency|task|job|turn|call|message|trace|span|conn|boot|entry|approval|correlation|reply_?to)_?(?:id|key)s?$/i,
    "run",
  ],
  [/^(?:traceparent|tracestate|nonce|lifecycleRevision|deltaCursor|cursor|sourceId)$/i, "run"],
  [
    /(?:device|node|instance|machine|hardware|host)_?ids?$|public_?key$|fingerprint$|serial(?:_?number)?$/i,
    "device",
  ],
  [
    /(?:user|owner|sender|author|profile|member|person|actor|creator|approver|contact|customer)_?(?:id|name|key|handle|tag)?s?$|^(?:login|handle)$/i,
    "user",
  ],
  [
    /(?:account|tenant|organi[sz]ation|org|team|workspace)_?(?:id|name|slug)s?$|account$/i,
    "account",
  ],
  [
    /(?:channel|chat|thread|group|guild|room|conversation|peer|topic|server|recipient)_?(?:id|name|key|jid)s?$/i,
    "channel",
  ],
  [/^(?:displayName|deviceName|fullName|firstName|lastName|nickName|modelIdentifier)$/i, "name"],
  [/e?mail(?:_?address)?s?$/i, "email"],
  [/phone(?:_?number)?s?$|^msisdn$/i, "phone"],
  [/(?:^|remote_?|client_?|peer_?|local_?)(?:ip|address|addr)(?:es|s)?$/i, "ip"],
  [/(?:^|_)(?:host|hostname|host_?name|machine_?name|server_?name|tailnet\w*|domain)s?$/i, "host"],
  [/hash$|digest$|checksum$|etag$|^(?:configRevision|snapshotRevision)$/i, "hash"],
];

/** Names that end in `Id` and are words of OpenClaw: kinds of clients, models, plugins and the like. */
const PUBLIC_IDS =
  /^(?:client|model|provider|plugin|runtime|action|tool|skill|default|default_?agent|effective_?agent|agent|build|gateway_?build|app|bundle|locale|voice|hook|extension|transport)_?ids?$/i;

const ANY_ID = /[a-z](?:Id|ID|Ids|IDs|_ids?)$/;
/** Names of places from where or to where something goes: an identifier only when it looks like one. */
const PARTIES =
  /^(?:id|key|to|from|target|recipient|peer|group|channel|chat|user|owner|sender|account|members|participants|source|ref|slug|subject)s?$/i;
const PATHS = /(?:path|dir|cwd|folder|home|root|workspace|file)s?$/i;

/** The kind of identifier that a field of that name and value holds, or null. */
export function identifierKindAt(path: JsonPath, value: string): string | null {
  const key = lastKey(path);
  if (key === null || isTrivial(value)) return null;
  // The root's id ties a response to its request; a small number there names nothing.
  if (path.length === 1 && key === "id") return isPlainNumber(value) ? null : "frame";
  if (key === "id" && path.at(-2) === "device") return "device";
  for (const [name, kind] of KINDS) if (name.test(key)) return kind;
  if (PUBLIC_IDS.test(key)) return null;
  if (ANY_ID.test(key)) return "id";
  if (PARTIES.test(key) && looksLikeId(value)) return "id";
  return PATHS.test(key) && /[\\/]/.test(value) && !/^[\^(]/.test(value) ? "path" : null;
}

/** The same for a number: one of so many digits, where an identifier belongs, is one. */
export function numberKindAt(path: JsonPath, digits: string): string | null {
  return /^-?\d{5,}$/.test(digits) ? identifierKindAt(path, digits) : null;
}

function lastKey(path: JsonPath): string | null {
  const key = path.findLast((step) => typeof step === "string");
  return typeof key === "string" ? key : null;
}

function looksLikeId(value: string): boolean {
  if (/\s/.test(value) || value.length > 256) return false;
  return (
    /\d{5,}|[@#+]|^[0-9a-f-]{12,}$/i.test(value) ||
    (value.length >= 8 && /\d.*\d/.test(value) && /[a-z]/i.test(value) && !/[./]/.test(value))
  );
}
