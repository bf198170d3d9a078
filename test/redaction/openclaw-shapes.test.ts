import { describe, expect, test } from "vitest";
import { createRedactor } from "../../src/redaction/redaction.ts";
import { textEntry } from "../recording/sample.ts";

/*
 * What OpenClaw 2026.9.6 takes out of its own logs, argument lists, URLs and fields (`redact`, `redact-argv`, `redact-sensitive-url`,
 * `sensitive-paths` in its dist), written down from there. The prefixes of vendors' tokens are in find-secrets.test.ts.
 */

const RANDOM = "Xk29sk22Lq7Wm40z";

function redact(text: string): string {
  const entry = createRedactor("credentials").redact(textEntry(text));
  return entry.kind === "message" && entry.message.type === "text" ? entry.message.text : "";
}

function words(text: string): readonly string[] {
  return text.split(" ");
}

/** Names under which it takes a value out of a log. */
const NAMES = words(
  "api_key api-key apikey apiKey api_token apiToken bearerToken bearer_token token secret password passwd pass passphrase aws_secret_access_key " +
    "awsSecretAccessKey SecretAccessKey credential authorization proxy-authorization cookie set-cookie x-api-key x-auth-token accessToken " +
    "access_token access-token refresh_token refreshToken id_token idToken auth_token authToken hook_token hook-token client_secret clientSecret " +
    "app_secret appSecret private_key privateKey secret_value raw_secret secret_input key_material secret_key api_secret jwt card_number " +
    "cardNumber card_cvc cardCvc cvc cvv security_code securityCode payment_credential shared_payment_token x-goog-api-key x-api-token " +
    "x-access-token X-OpenClaw-Token x-pomerium-jwt-assertion gateway.auth.token db-password my_pass STRIPE_KEY MY_TOKEN DB_PASSWD CARD_NUMBER",
);

/** Names that it knows in a query string or a form only. */
const QUERY_NAMES = words("key code auth sig session signature x_amz_signature X-Amz-Security-Token token_0123456789abcdef id_token+ to%6ben"); // prettier-ignore

/** Flags after which it takes the next argument out. */
const FLAGS = words(
  "token api-key apikey secret password provider-env auth-token access-token refresh-token client-secret hook-token gateway-token bot-token " +
    "app-token remote-token push-token webhook-secret webhook-token service-account-token op-service-account-token bearer bearer-token pat " +
    "personal-access-token oauth-token id-token identity-token session-token service-token private-key recovery-key gateway-key active-key " +
    "passwd passphrase pin api-secret secret-key secret-access-key access-key access-key-id account-key client-key consumer-key license-key " +
    "subscription-key credential creds authorization cookie signing-key encryption-key master-key service-key hook-key",
);

/** Fields that it takes out of objects. */
const FIELDS = words(
  "apiKey apiToken bearerToken token secret password passwd credential authorization privateKey accessToken refreshToken idToken authToken " +
    "clientSecret appSecret secretValue rawSecret secretInput keyMaterial jwt signature cookie setCookie cardNumber cardCvc securityCode " +
    "paymentCredential sharedPaymentToken STRIPE_KEY encryptKey serviceAccount serviceAccountRef webhookSecret botToken appPassword",
);

/** How a name and its value are written in logs, command lines and bodies. */
const FORMS: readonly ((name: string) => string)[] = [
  (name) => `${name}=@`,
  (name) => `${name}: @`,
  (name) => `${name}:@`,
  (name) => `${name} = @`,
  (name) => `log line, ${name}=@ done`,
  (name) => `log line ${name}: @ done`,
  (name) => `{"${name}":"@"}`,
  (name) => `x {"${name}": "@"} y`,
  (name) => `{'${name}': '@'}`,
  (name) => `${name}='@'`,
  (name) => `${name}: "@"`,
  (name) => `--${name} @`,
  (name) => `--${name}=@`,
  (name) => String.raw`{\"${name}\":\"@\"}`,
  (name) => String.raw`{\\\"${name}\\\":\\\"@\\\"}`,
];

const QUERY_FORMS: readonly ((name: string) => string)[] = [
  (name) => `https://h/p?${name}=@&x=1`,
  (name) => `see https://h/p?x=1&${name}=@`,
  (name) => `${name}=@&grant=x`,
  (name) => `grant=x&${name}=@`,
  (name) => `body: ${name}=@`,
  (name) => `sent grant=x&${name}=@ ok`,
];

/** The forms in which a name with that value stays in clear. */
function left(names: readonly string[], forms: readonly ((name: string) => string)[], value: string): readonly string[] {
  const texts = names.flatMap((name) => forms.map((form) => form(name).replace("@", value)));
  return texts.filter((text) => redact(text).includes(value));
} // prettier-ignore

describe("OpenClaw's own redactor", () => {
  test("names that it knows in logs are known, in each form", () => {
    expect(left(NAMES, FORMS, RANDOM)).toEqual([]);
    expect(left(NAMES, FORMS, "4111222233")).toEqual([]);
    expect(left(NAMES, QUERY_FORMS, "hunter")).toEqual([]);
  });

  test("a short word of letters after a colon is left, unlike there: every sentence about a token would lose one", () => {
    expect(redact("gateway token: missing")).toBe("gateway token: missing");
    expect(left(NAMES.filter((name) => !/cookie/.test(name)), FORMS.slice(1, 2), "correcthorse").length).toBeGreaterThan(40);
    expect(left(NAMES, [FORMS[0] ?? String, ...FORMS.slice(6, 11)], "correcthorse")).toEqual([]);
  }); // prettier-ignore

  test("names that it knows in query strings and forms are known", () => {
    expect(left(QUERY_NAMES, QUERY_FORMS, RANDOM)).toEqual([]);
  });

  test("keys and ids of sessions in a query are left, unlike there: they are no secret", () => {
    for (const session of ["agent:main:main", "main", "7f0884de-8983-4530-9e96-a7fe0d71c104"]) {
      expect(redact(`GET /chat?session=${session}`)).toBe(`GET /chat?session=${session}`);
    }
  });

  test("flags of command lines are known, alone and in lists of arguments", () => {
    expect(left(FLAGS, [(name) => `run x --${name} @ now`, (name) => `run --${name}=@`], RANDOM)).toEqual([]);
    expect(left(FLAGS, [(name) => JSON.stringify({ argv: ["x", `--${name}`, "@"] })], "correcthorse")).toEqual([]);
    // OpenClaw's `--auth` says a mode, and `--session-key` a session.
    expect(redact("openclaw gateway --auth token --session-key main")).toBe("openclaw gateway --auth token --session-key main");
  }); // prettier-ignore

  test("fields of objects are known", () => {
    expect(
      left(FIELDS, [(name) => JSON.stringify({ a: { [name]: "@" } })], "correcthorse"),
    ).toEqual([]);
    const account = { serviceAccount: { client_email: `${RANDOM}@x`, private_key_id: RANDOM } };
    expect(redact(JSON.stringify(account))).not.toContain(RANDOM);
  });

  test.each([
    `https://me:@@h/x`,
    `//me:@@h/x`,
    `amqps://me:p/@@h`,
    `redis://:@@h:1/0`,
    `mongodb+srv://me:@@h/d`,
    `https://me:@/more@h/`,
    `https://h/bot123456789:AAAA@@/getMe`,
    `https://h/bot123456789%3aAAAA@@/getMe`,
    `https://h/?next=${encodeURIComponent("https://i/?token=@")}`,
    `https://h/?next=${encodeURIComponent(encodeURIComponent("https://i/?token=@"))}`,
    `https://h/#access_token=@&x=1`,
    `https://h/p;token=@`,
    `wss://h/?auth=@`,
    `https://discord.com/api/webhooks/12345678901234567/@@@@`,
    `Authorization: Custom @`,
    `Authorization: Digest username="me", response="@"`,
    `Authorization: AWS4-HMAC-SHA256 Credential=x, SignedHeaders=a;b, Signature=@`,
    `Authorization: Hawk id="me", mac="@"`,
    `Proxy-Authorization: Negotiate @`,
    `Bearer @`,
    `Cookie: a=@; b=@`,
    `FlyV1 fm2_@@,fm2_@@`,
    `dapi0123456789abcdef0123456789abcdef`,
    `secret wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY here`,
    `password abcd-efgh-ijkl-mnop ok`,
  ])("%s", (text) => {
    const written = text.replaceAll(/@(?=@|\W|$)/g, (at, index: number) => (text.startsWith("@h", index) ? at : RANDOM));
    const secret = /dapi\w+|wJalr[\w/]+|abcd-[\w-]+/.exec(text)?.[0] ?? RANDOM;
    for (const around of [written, `see ${written}`, JSON.stringify({ url: written })]) {
      expect(redact(around)).not.toContain(secret);
    }
  }); // prettier-ignore

  test.each([
    "https://127.0.0.1:18789/chat/@me",
    "http://h:8080/a@b",
    "npm i openclaw@2026.9.6 // see https://x.dev/a:b",
    "unauthorized: gateway token mismatch (set gateway.remote.token to match gateway.auth.token)",
    "the well-know-step-over rule of main-open-file-name",
    "sha1 da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "0123456789012345678901234567890123456789",
  ])("leaves %s", (text) => {
    expect(redact(text)).toBe(text);
  });
});
