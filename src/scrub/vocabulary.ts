import { measuredProfiles } from "../gateway/measured-profiles.ts";
import { namesIn } from "../gateway/measured.ts";
import type { JsonPath } from "../redaction/rewrite-json.ts";

/** Words of which refusals, close reasons and other sentences of Gateways are made; none tells about anybody. */
const SENTENCE_WORDS =
  "a accepted after agent allowed already an and any approval approve approved as at attempts auth authentication authorization authorized be before " +
  "bootstrap bound browser by call caller calls cannot client close closed code config configuration connect connected connection consumer " +
  "content control credentials denied device did disabled does duplicate empty error exceeded expected expired failed first for forbidden found " +
  "frame from gateway handshake has health hello identity in insecure internal invalid is key large limit load local loopback match max message " +
  "method mismatch missing model must need needed no nonce not object of ok old open operator or origin overrides owner page pairing params " +
  "password payload peer pending permission please policy profile property protocol provider proxy public query rate read reason refused reload remote " +
  "removed repeated request requested required requires restart revocation role rotation scope scopes secret secure server service session " +
  "setup shutdown signature slow starting state string swapped switching protocols the this tick ticks time timeout to token too trusted type " +
  "unauthorized unavailable unknown unexpected unsupported untrusted update upgrade use user valid value verified version via was websocket " +
  "while with write wrong you your bad gone created upgraded found moved";

const WORDS: ReadonlySet<string> = new Set(SENTENCE_WORDS.split(" "));

/** Values in places of identifiers that are everybody's. */
const TRIVIAL: ReadonlySet<string> = new Set(
  (
    "main default global unknown none null true false self system gateway agent assistant user local remote all any auto anonymous owner admin " +
    "operator node host redacted cli telegram whatsapp discord slack signal imessage matrix webchat stable direct group vm localhost"
  ).split(" "),
);

/** True for a value that names nobody, wherever it stands. */
export function isTrivial(value: string): boolean {
  if (TRIVIAL.has(value.toLowerCase())) return true;
  // OpenClaw's name for what it calls itself, as in `gateway:agent`.
  return /^gateway(?:-client|:[a-z.-]+)?$/i.test(value);
}

/** True for the id of a request that was just counted on: `7`, `c7`, `connect-1`. */
export function isPlainNumber(id: string): boolean {
  return /^(?:[a-z]{0,8}-?)?\d{1,6}$/i.test(id);
}

/** True for a word that, taken for a name, would garble what Gateways say. */
export function isCommonWord(value: string): boolean {
  return isTrivial(value) || WORDS.has(value.toLowerCase()) || knownMethods().has(value);
}

/** Fields of which only words of the protocol are values: methods, codes, scopes, roles, states. */
const WORD_FIELDS = new RegExp(
  "^(?:type|method|methods|event|events|code|reason|role|roles|scope|scopes|requestedScopes|approvedScopes|requiredScopes|missingScope|" +
    "requestedRole|approvedRoles|authReason|authMode|recommendedNextStep|mode|status|state|stream|phase|stopReason|caps|capabilities|commands|" +
    "clientId|clientMode|platform|deviceFamily|kind|runtime|id)$",
);

const WORD = /^[A-Za-z]+(?:[._:-][A-Za-z]+)*$/;
const VERSION = /^v?\d{1,4}(?:\.\d{1,4}){1,3}(?:-(?:alpha|beta|rc|dev)(?:[.-]?\d{1,4})?)?$/;
/** `2026.9.6-release-eb377ac59e6c-2026-09-23T03:14:15.926Z`: which release it is, the same for everybody. */
const BUILD = /^\d{4}\.\d{1,2}\.\d{1,3}-release-[0-9a-f]{7,40}-\d{4}-\d{2}-\d{2}T[\d:.]+Z$/;
const PLATFORM = /^(?:[a-z]+)(?: \d{1,3}(?:\.\d{1,4}){0,3})?$/i;

/** What a tool or a node was given, and what it gave back; and what somebody said. */
const CONTENT_FIELDS = /^(?:args|arguments|input|output|results?|partialResult|content|params)$/;

/** True inside of what the protocol only carries: nothing there is a word of its own, whatever its name. */
export function isCarried(path: JsonPath): boolean {
  return path.some(
    (step, index) => CONTENT_FIELDS.test(String(step)) && (index > 0 || step !== "params"),
  );
}

/** True for the kind of a part of what somebody said: what the protocol itself fixes there. */
function isPartOfContent(path: JsonPath, value: string): boolean {
  const isPart = path.at(-1) === "type" && path.at(-3) === "content";
  return isPart && /^(?:text|thinking|image|toolCall|toolResult|tool_use|tool_result)$/.test(value);
}

/** Words of which the names of fields are made that are seen in what is carried. */
const FIELD_WORDS: ReadonlySet<string> = new Set(
  (
    "type text kind event name args arguments input output result results params status state mode role action task runtime command path file url " +
    "thinking data details label limit count ms at in to is max min number index size total timeout seconds"
  ).split(" "),
);

/** True for the name of a field, and not for what somebody made a name. */
export function isFieldName(path: JsonPath, key: string): boolean {
  if (knownMethods().has(key)) return true;
  if (key.length > 120 || !/^[A-Za-z_$]+\d{0,4}$/.test(key)) return false;
  if (!isCarried(path)) return true;
  // By what a client asks, its requests are told apart when they are replayed.
  if (path[0] === "params" && /^[a-z]/.test(key)) return true;
  const words = key.match(/[A-Z]?[a-z]+|[A-Z]+/g) ?? [];
  return words.every((word) => isOfProtocol(word.toLowerCase()));
}

function isOfProtocol(word: string): boolean {
  return FIELD_WORDS.has(word) || WORDS.has(word);
}

/** True at places that name what was asked or happened, and never who: no rule looks at values there that fit. */
export function isProtocolPlace(path: JsonPath, value: string): boolean {
  if (path.length === 1 && (path[0] === "method" || path[0] === "event" || path[0] === "type"))
    return /^[A-Za-z][\w.:-]{0,79}$/.test(value);
  if (value.length > 80 || isCarried(path)) return false;
  const key = path.findLast((step) => typeof step === "string");
  if (typeof key !== "string") return false;
  if (/buildId$/i.test(key)) return BUILD.test(value);
  return /^(?:methods|events|scopes|(?:requested|approved|required)Scopes|missingScope)$/.test(key)
    ? WORD.test(value) || knownMethods().has(value)
    : false;
}

/** True for a value that stays even where all content is taken out. */
export function isVocabulary(path: JsonPath, value: string): boolean {
  if (value === "" || isProtocolPlace(path, value)) return true;
  if (isCarried(path)) return isPartOfContent(path, value);
  const key = path.findLast((step) => typeof step === "string");
  if (typeof key !== "string" || value.length > 48) return false;
  if (/version$/i.test(key)) return VERSION.test(value);
  if (key === "platform") return PLATFORM.test(value);
  // The ids of clients are words; those of all else are identifiers or content.
  if (key === "id" && path.at(-2) !== "client") return path.length === 1 && isPlainNumber(value);
  return WORD_FIELDS.test(key) && WORD.test(value);
}

const REFUSAL = /^(?:missing scope|unauthorized role): [a-z][a-z._-]*$/i;

/** A sentence of a Gateway with `hide` in place of every word that is not one of the protocol's own. */
export function keepWords(sentence: string, hide: (word: string) => string): string {
  if (REFUSAL.test(sentence)) return sentence;
  return sentence.replaceAll(/[\p{L}\p{N}~<](?:[_.'@:/<>~-]{0,8}[\p{L}\p{N}~>])*/gu, (word) => {
    const bare = word.toLowerCase();
    const stays =
      WORDS.has(bare) ||
      /^\d{1,5}$|^operator\.[a-z.]+$/.test(bare) ||
      bare.split(/[/:-]/).every((part) => WORDS.has(part)) ||
      knownMethods().has(word);
    return stays ? word : hide(word);
  });
}

let methods: ReadonlySet<string> | null = null;

function knownMethods(): ReadonlySet<string> {
  methods ??= new Set(
    measuredProfiles().flatMap((profile) => [
      ...namesIn(profile.methods),
      ...namesIn(profile.events),
    ]),
  );
  return methods;
}
