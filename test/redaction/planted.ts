import { createRandom } from "../support/random.mjs";

/** What is said with secrets in it. */
export interface Planted {
  readonly kind: string;
  readonly secrets: readonly string[];
  /** What must be nowhere; the secrets themselves unless said otherwise. */
  readonly needles?: readonly string[];
  readonly client?: readonly unknown[];
  readonly gateway?: readonly unknown[];
  readonly http?: {
    readonly target?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly type?: string;
  };
  readonly env?: Readonly<Record<string, string>>;
  readonly config?: unknown;
}

const random = createRandom(20_261_201);
const LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

function letters(length: number, from = LETTERS): string {
  return Array.from({ length }, () => from[Math.floor(random() * from.length)] ?? "").join("");
}

/** A text that nobody says by chance. */
function secret(): string {
  return `Zq7${letters(13)}`;
}

function words(text: string): readonly string[] {
  return text.split(" ");
}

let ids = 0;

function call(method: string, params: unknown): object {
  return { type: "req", id: `c${++ids}`, method, params };
}

function said(text: unknown): object {
  return { type: "event", event: "chat", payload: { state: "final", message: text } };
}

/** One planting for each name, of the secrets that `plant` is given. */
function each(kind: string, names: readonly string[], plant: (name: string, secret: string) => Omit<Planted, "kind" | "secrets">): readonly Planted[] {
  return names.map((name) => {
    const planted = secret();
    return { kind: `${kind}: ${name}`, secrets: [planted], ...plant(name, planted) };
  });
} // prettier-ignore

const FIELD_NAMES = words(
  "token password secret apiKey deviceToken bootstrapToken accessToken refresh_token client_secret privateKey OPENAI_API_KEY dbPassword signingKey " +
    "passphrase authorization cookie credential setupCode connectionString jwt x-api-key botToken STRIPE_KEY",
);

/** How a text is put into JSON in JSON. */
function nested(value: unknown, depth: number): unknown {
  return depth === 0 ? value : nested(JSON.stringify({ inner: value, n: depth }), depth - 1);
}

const PROSE: readonly ((secret: string) => string)[] = [
  (one) => `run it with --token ${one} please`,
  (one) => `run it with --api-key=${one}`,
  (one) => `token = ${one}`,
  (one) => `token: ${one}, and more`,
  (one) => `Authorization: token ${one}`,
  (one) => `Authorization: Bearer ${one}`,
  (one) => `Authorization: Custom ${one}`,
  (one) => `curl -u me:${one} https://example.com`,
  (one) => `curl -H 'X-Api-Key: ${one}' https://example.com`,
  (one) => `export GITHUB_TOKEN=${one}\nexport PATH=/bin`,
  (one) => `HOME=/root\nDB_PASSWORD="${one}"\nSHELL=/bin/sh`,
  (one) => `{ token: '${one}', port: 1 }`,
  (one) => `password := "${one}"`,
  (one) => `see https://me:${one}@example.com/x`,
  (one) => `see postgres://me:${one}@db/x`,
  (one) => `Cookie: a=b; sid=${one}`,
  (one) => `-----BEGIN RSA PRIVATE KEY-----\n${one}\n-----END RSA PRIVATE KEY-----`,
  (one) => `http://127.0.0.1/__openclaw__/cap/${one}/index.html`,
  (one) => `passwords: ["${one}", "x"]`,
  (one) => `env["API_KEY"] = "${one}"`,
  // As in reports about OpenClaw's logs: issues 85049 and 120411, and pull request 70029.
  (one) =>
    `[tools] exec failed: exec denied: allowlist miss raw_params={"command":"export MOONSHOT_API_KEY=\\"${one}\\" && run"}`,
  (one) =>
    JSON.stringify({ argv: ["openclaw", "config", "set", "env.vars.KEYRING_PASSWORD", one] }),
  (one) => `openclaw config set gateway.remote.token ${one}`,
  (one) => `Dashboard URL: http://127.0.0.1:18789/#token=${one}`,
];

const QUERIES: readonly ((secret: string) => string)[] = [
  (one) => `?token=${one}`,
  (one) => `?a=1&jwt=${one}`,
  (one) => `?pass=${one}#top`,
  (one) => `?user[password]=${one}`,
  (one) => `?user%5Bpassword%5D=${one}`,
  (one) => `?tokens[]=${one}`,
  (one) => `?auth.token=${one}`,
  (one) => `?next=${encodeURIComponent(`https://example.com/?token=${one}`)}`,
  (one) => `?next=${encodeURIComponent(encodeURIComponent(`/cb?api_key=${one}`))}`,
  (one) => `?q=${encodeURIComponent(JSON.stringify({ token: one }))}`,
  (one) => `?x=1;auth=${one}`,
  (one) => `?to%6ben=${one}`,
  (one) => `?code=${one}&state=1`,
];

/** The beginnings of vendors' tokens, one of each vendor. */
const VENDORS = words(
  "sk- sk-ant-api03- sk-proj- ghp_ github_pat_ gho_ glpat- xoxb- xoxp- xapp- gsk_ AIza pplx- npm_ pypi- dop_v1_ hf_ r8_ shpat_ lin_api_ ntn_ figd_ hvs. " +
    "sk_live_ rk_live_ whsec_ sbp_ tvly- xai- fw_ LTAI AKID ya29. glsa_ dckr_pat_ nfp_ apify_api_ GOCSPX- PMAK- lsv2_pt_ dp.pt.",
);

const HEADERS = words("Authorization Proxy-Authorization Cookie X-Api-Key X-OpenClaw-Token X-Auth-Token X-Goog-Api-Key X-Access-Token Api-Key"); // prettier-ignore

const ENCODINGS: readonly (readonly [name: string, encode: (secret: string) => string, found: (encoded: string) => string])[] = [
  ["base64", (one) => Buffer.from(`me:${one}`).toString("base64"), (encoded) => encoded.slice(4, -4)],
  ["base64url", (one) => Buffer.from(`{"x":"${one}"}`).toString("base64url"), (encoded) => encoded.slice(8, -4)],
  ["hex", (one) => Buffer.from(one).toString("hex"), (encoded) => encoded],
  ["HEX", (one) => Buffer.from(one).toString("hex").toUpperCase(), (encoded) => encoded],
  ["percent", (one) => [...Buffer.from(one)].map((byte) => `%${byte.toString(16)}`).join(""), (encoded) => encoded],
  ["percent twice", (one) => encodeURIComponent(encodeURIComponent(`"${one}"`)), (encoded) => encoded.slice(7, -7)],
  ["unicode escapes", (one) => one.replaceAll(/./g, (at) => `\\u00${at.charCodeAt(0).toString(16)}`), (encoded) => encoded],
  ["prose", (one) => `it is ${one}!`, (encoded) => encoded.slice(6, -1)],
]; // prettier-ignore

function handshakes(): readonly Planted[] {
  const connect = (auth: unknown): Omit<Planted, "kind" | "secrets"> => ({ client: [call("connect", { role: "operator", scopes: [], auth })] });
  const numeric = (): string => `4${letters(9, "0123456789")}`;
  const hello = (auth: object): object => ({ type: "res", id: "c0", ok: true, payload: { type: "hello-ok", protocol: 4, auth: { role: "operator", scopes: [], ...auth } } });
  return [
    ...each("connect auth", words("token password deviceToken bootstrapToken approvalRuntimeToken somethingNew"), (name, one) => connect({ [name]: one })),
    ...each("connect auth as a text", words("1 2"), (_, one) => connect(one)),
    ...each("connect auth as a list", words("1 2"), (_, one) => connect([one, { x: [one] }])),
    ...[numeric(), numeric()].map((one) => ({ kind: "connect auth as a number", secrets: [one], ...connect({ password: Number(one) }) })),
    ...each("device signature", words("1 2"), (_, one) => ({ client: [call("connect", { device: { id: "d", publicKey: "k", signature: one, nonce: "n" } })] })),
    ...each("hello-ok", words("deviceToken recoveryScope"), (name, one) => ({ gateway: [hello({ [name]: one })] })),
    ...each("hello-ok deviceTokens", words("1 2"), (_, one) => ({ gateway: [hello({ deviceTokens: [{ deviceToken: one, role: "node", scopes: [] }] })] })),
  ];
} // prettier-ignore

/** More requests than a client ever has under way, all of which are answered late. */
function secretAnswers(): readonly Planted[] {
  const methods = ["secrets.resolve", "config.get", "config.patch", "secrets.read"];
  const asked = Array.from({ length: 80 }, (_, index) => {
    const { id, ...rest } = { id: `s${index}`, type: "req", method: methods[index % 4] ?? "", params: { value: secret() } };
    return { request: { ...rest, id }, id, value: rest.params.value, answer: secret() };
  }); // prettier-ignore
  return [
    {
      kind: "answers to secrets.* and config.*, 80 under way",
      secrets: asked.flatMap(({ value, answer }) => [value, answer]),
      client: asked.map(({ request }) => request),
      gateway: asked.map(({ id, answer }, index) => ({
        type: "res",
        id,
        ok: true,
        payload: index % 4 === 0 ? { list: [{ plain: answer }] } : { config: { a: { token: answer } }, value: answer },
      })),
    },
  ]; // prettier-ignore
}

/** Secrets that are known, said again in another form and on the other side. */
function saidAgain(): readonly Planted[] {
  return ENCODINGS.flatMap(([name, encode, found]) =>
    Array.from({ length: 6 }, (_, index) => {
      const one = secret();
      const encoded = encode(one);
      return {
        kind: `said again in ${name}`,
        secrets: [one],
        needles: [one, found(encoded)],
        client: [call("connect", { auth: { token: one } })],
        gateway: [said(index % 2 === 0 ? encoded : { note: `x ${encoded} y` })],
      };
    }),
  );
}

function bodies(): readonly Planted[] {
  const multipart = (name: string, one: string): string =>
    `--b1\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n--b1\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${one}\r\n--b1--\r\n`;
  const names = FIELD_NAMES.slice(0, 10);
  return [
    ...each("form body", names, (name, one) => ({ http: { body: `a=1&${name}=${one}&b=2`, type: "application/x-www-form-urlencoded" } })),
    ...each("multipart body", names, (name, one) => ({ http: { body: multipart(name, one), type: "multipart/form-data; boundary=b1" } })),
    ...each("multipart JSON", words("token apiKey"), (name, one) => ({ http: { body: multipart("data", JSON.stringify({ [name]: one })), type: "multipart/form-data; boundary=b1" } })),
    ...each("JSON body", names, (name, one) => ({ http: { body: JSON.stringify({ tool: "x", args: { [name]: one } }), type: "application/json" } })),
  ];
} // prettier-ignore

const CONFIG_FIELDS = words("gateway.auth.token gateway.remote.password channels.telegram.botToken models.providers.x.apiKey skills.entries.y.apiKey hooks.token"); // prettier-ignore

/** All that a redactor can know to be secret, planted. */
export function knowable(): readonly Planted[] {
  const env = words("OPENCLAW_GATEWAY_TOKEN OPENCLAW_GATEWAY_PASSWORD OPENAI_API_KEY GITHUB_TOKEN AWS_SECRET_ACCESS_KEY STRIPE_KEY DB_PASSWORD NPM_TOKEN"); // prettier-ignore
  return [
    ...handshakes(),
    ...secretAnswers(),
    ...saidAgain(),
    ...bodies(),
    ...each("environment", env, (name, one) => ({ env: { [name]: one }, gateway: [said(`found ${one} there`)], client: [call("agent", { message: Buffer.from(one).toString("base64") })] })),
    ...each("configuration", CONFIG_FIELDS, (name, one) => ({
      config: name.split(".").reduceRight<unknown>((value, key) => ({ [key]: value }), one),
      gateway: [said(`and ${one} here`)],
    })),
    ...each("tool arguments", FIELD_NAMES, (name, one) => ({ gateway: [{ type: "event", event: "agent", payload: { stream: "tool", data: { phase: "start", name: "x", args: { deep: [{ [name]: one }] } } } }] })),
    ...each("tool results", FIELD_NAMES, (name, one) => ({ gateway: [{ type: "event", event: "agent", payload: { stream: "tool", data: { phase: "result", result: { content: [{ type: "text", text: JSON.stringify({ [name]: one }) }] } } } }] })),
    ...each("params", FIELD_NAMES, (name, one) => ({ client: [call("node.invoke", { paramsJSON: JSON.stringify({ [name]: one }) })] })),
    ...each("objects under a name", FIELD_NAMES, (name, one) => ({ client: [call("x.set", { [name]: { main: one, other: [one] } })] })),
    ...each("name and value", FIELD_NAMES, (name, one) => ({ client: [call("x.set", { env: [{ name, value: one }] })] })),
    ...each("argument lists", FIELD_NAMES.filter((name) => !/authorization|cookie/.test(name)), (name, one) => ({ client: [call("x.run", { argv: ["x", `--${name}`, one] })] })),
    ...[1, 2, 3, 4, 5, 6].flatMap((depth) => each(`JSON in JSON, ${depth} deep`, words("token password apiKey secret"), (name, one) => ({ client: [call("chat.send", { message: nested({ [name]: one }, depth) })] }))),
    ...PROSE.flatMap((write, index) => each(`prose ${index}`, words("client gateway in-JSON"), (way, one) => {
      const text = write(one);
      if (way === "client") return { client: [call("chat.send", { message: text })] };
      return { gateway: [said(way === "gateway" ? text : { text: JSON.stringify({ stdout: text }) })] };
    })),
    ...VENDORS.flatMap((prefix) => Array.from({ length: 2 }, (_, index) => {
      const one = prefix + letters(40);
      return { kind: `vendor ${prefix}`, secrets: [one], needles: [one.slice(prefix.length)], ...(index === 0 ? { client: [call("chat.send", { message: `use ${one}, please` })] } : { gateway: [said({ text: `\n${one}\n` })] }) };
    })),
    ...QUERIES.flatMap((write, index) => each(`query ${index}`, words("target text"), (way, one) =>
      way === "target" ? { http: { target: `/x${write(one)}` } } : { gateway: [said(`see https://example.com/x${write(one)} there`)] })),
    ...each("header", HEADERS, (name, one) => ({ http: { headers: { [name]: name === "Cookie" ? `a=b; c=${one}` : one } } })),
    ...each("header with a scheme", words("Bearer token Basic Custom Digest"), (scheme, one) => ({ http: { headers: { Authorization: scheme === "Digest" ? `Digest username="me", response="${one}"` : `${scheme} ${one}` } } })),
  ];
} // prettier-ignore

/** What nothing tells from ordinary text, by kind, and why. It stays: a reader of a recording has to know so. */
export const UNKNOWABLE: Readonly<Record<string, readonly [why: string, say: (secret: string) => unknown]>> = {
  "a random word in prose": ["no name and no vendor's form is near it", (one) => `the magic one is ${one}`],
  "a word of letters after a colon": ["every sentence about a token would lose a word", () => "the password: correcthorse"],
  "a value under an ordinary name": ["names are all that tells of values", (one) => ({ note: one, label: one })],
  "a number that counts": ["numbers under `tokens` are counts", () => ({ tokens: 71_400_911, maxTokens: 71_400_911 })],
  "a name in base64 with a value that is not known": ["decoding all that might be base64 costs more than recording; scrub does it", (one) => Buffer.from(JSON.stringify({ token: one })).toString("base64")],
  "a secret turned around": ["it has to be spelled as it is", (one) => one.split("").toReversed().join("")],
}; // prettier-ignore

/** Puts configurations together. */
export function merged(parts: readonly unknown[]): unknown {
  return parts.reduce<Record<string, unknown>>((all, part) => {
    for (const [key, value] of Object.entries(part ?? {})) {
      const before = all[key];
      all[key] = typeof before === "object" && before !== null ? merged([before, value]) : value;
    }
    return all;
  }, {});
}
