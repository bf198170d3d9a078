import { describe, expect, test } from "vitest";
import { SECRET_NAMES, SECRET_WORDS } from "../../src/gateway/secrets.ts";
import { findSecrets, mayHoldSecret } from "../../src/redaction/find-secrets.ts";

describe("mayHoldSecret", () => {
  test.each([...SECRET_NAMES, ...SECRET_WORDS])("misses no spelling of the name %s", (name) => {
    const camel = name[0]?.toUpperCase() + name.slice(1);
    for (const spelled of [name, `${name}s`, name.toUpperCase(), `my_${name}`, `my${camel}`]) {
      const texts = [
        `{"${spelled}":"x"}`,
        `{"${spelled}" : ["x"]}`,
        `{"raw":"{ \\"${spelled}\\": \\"x\\" }"}`,
        `{"raw":"{ ${spelled}: 'x' }"}`,
        `{"text":"${spelled}=x"}`,
        `{"text":"--${spelled} 12ab34"}`,
        `["--${spelled}","x"]`,
        `{"name":"${spelled}","value":"x"}`,
      ];
      expect({ spelled, missed: texts.filter((text) => !mayHoldSecret(text)) }).toEqual({
        spelled,
        missed: [],
      });
    }
  });
  test.each([
    '{"auth":{"x":"y"}}',
    '{"token":"a"}',
    '{"token" : [ "a" ]}',
    '{"raw":"{ \\"token\\": \\"a\\" }"}',
    '{"raw":"{ token: \'a\' }"}',
    '{"OPENAI_API_KEY":"a"}',
    '{"method":"secrets.resolve"}',
    '{"method":"config.set"}',
    '{"text":"curl -H Authorization: Bearer abc123"}',
    '{"url":"http://127.0.0.1/#token=abc"}',
    '{"url":"postgres://me:pass@host/db"}',
    '{"canvas":"http://h/__openclaw__/cap/w7pJd3_l22NhFwjTSyNBLD2Z"}',
    '{"text":"sk-ant-0123456789abcdef"}',
    "-----BEGIN OPENSSH PRIVATE KEY-----",
    '{"passphrase":"a","x":1}',
    '{"encryptKey":"a"}',
    '{"pairing_code":"a"}',
  ])("looks closer at %s", (text) => {
    expect(mayHoldSecret(text)).toBe(true);
  });

  test.each([
    '{"type":"event","event":"tick","payload":{"ts":1795403421997},"seq":4}',
    '{"usage":{"totalTokens":12,"maxTokens":5}}',
    '{"methods":["device.token.rotate","talk.secrets"],"scopes":["operator.talk.secrets"]}',
    '{"error":{"code":"INVALID_REQUEST","message":"missing scope: operator.talk.secrets"}}',
    '{"sessionKey":"agent:main:main","key":"a","publicKey":"b"}',
    '{"text":"Tokens are counted; a secret is kept."}',
  ])("passes over %s", (text) => {
    expect(mayHoldSecret(text)).toBe(false);
  });
});

describe("findSecrets", () => {
  const A = "AbC1dEf2GhI3jKl4MnO5pQr6StU7vWx8YzA9";
  const hex = "0123456789abcdef".repeat(5);

  /** Tokens of vendors, as OpenClaw's own log redaction lists them, and some more. */
  const TOKENS: readonly string[] = [
    ...(
      "sk- ghp_ github_pat_ gho_ ghu_ ghs_ ghr_ glpat- gldt- glptt- glft- glimt- glagent- glwt- glsoat- glffct- glrt- GR1348941 xoxb- xoxa- xoxp- " +
      "xoxr- xoxs- xapp- gsk_ AIza pplx- fal_ fc- bb_live_ gAAAA sk_live_ sk_test_ rk_live_ npm_ pypi- dop_v1_ doo_v1_ dor_v1_ dckr_pat_ " +
      "dckr_oat_ bkua_ sbp_ ddp_ ddw_ nfp_ CFPAT- ATBB HRKU-AA apify_api_ fio-u- am_ sk_ tvly- exa_ syt_ retaindb_ hsk- mem0_ brv_ xai- fw- " +
      "fw_ fpk_ AKID LTAI hf_ api_org_ r8_ whsec_ shpat_ lin_api_ ntn_ figd_ glsa_ hvs. dp.pt. dp.st. sk-ant-api03- sk-proj- sk-or-v1-"
    )
      .split(" ")
      .map((prefix) => prefix + A),
    `gloas-${hex.slice(0, 65)}`,
    `glcbt-a1_${A}`,
    `_gitlab_session=${A}`,
    `dp.st.dev.${A}`,
    `CCIPAT_${A.slice(0, 22)}_${hex.slice(0, 40)}`,
    `glc_eyJ${A}${A}`,
    `ATCTT3xFfG${A}=12345678`,
    `ATATT${A}=12345678`,
    `BBDC-${A}+/@`.replace("@", "A"),
    `pat-na1-${hex.slice(0, 8)}-${hex.slice(0, 4)}-${hex.slice(0, 4)}-${hex.slice(0, 4)}-${hex.slice(0, 12)}`,
    `FlyV1 fm2_${A}${A}${A}`,
    `ya29.${A}`,
    `1//0${A}`,
    `eyJhbGciOiJIUzI1NiJ9.${A}.${A}`,
    `SG.${A.slice(0, 22)}.${A}`,
    "AKIAIOSFODNN7EXAMPLE",
    "ASIAIOSFODNN7EXAMPLE",
    `123456789:AA${A.slice(0, 33)}`,
    `MTE5${A.slice(0, 20)}.GaBcDe.${A.slice(0, 30)}`,
    `SK${hex.slice(0, 32)}`,
    `-----BEGIN RSA PRIVATE KEY-----\n${A}\n-----END RSA PRIVATE KEY-----`,
    `-----BEGIN PGP PRIVATE KEY BLOCK-----\n${A}\n-----END PGP PRIVATE KEY BLOCK-----`,
  ];

  test.each(TOKENS)("finds all of %s, wherever it stands", (token) => {
    for (const [before, after] of [
      ["", ""],
      ["the key is ", " for you"],
      ["(", ")"],
      ["\n", "\n"],
      ['"', '"'],
      ["`", "`"],
      ["url=", ","],
    ] as const) {
      const text = before + token + after;
      const covered = findSecrets(text)
        .map(({ start, end }) => text.slice(start, end))
        .join("");
      expect({ text, covered: covered.includes(token.replace("_gitlab_session=", "")) }).toEqual({
        text,
        covered: true,
      });
      expect(mayHoldSecret(JSON.stringify({ text }))).toBe(true);
    }
  });

  test.each([
    ["token = Xk29sk22", "Xk29sk22"],
    ["--token Xk29sk22", "Xk29sk22"],
    ["--api-key 'two words'", "two words"],
    ["--token=Xk29sk22", "Xk29sk22"],
    ["Authorization: token Xk29sk22", "Xk29sk22"],
    ["Authorization: Bot Xk29sk22", "Xk29sk22"],
    ["curl -u me:Xk29sk22 https://h", "Xk29sk22"],
    ["Cookie: a=Xk29sk22; b=c", "a=Xk29sk22; b=c"],
    ["https://h/?user[password]=Xk29sk22&x=1", "Xk29sk22"],
    ["https://h/?a=1&jwt=Xk29sk22", "Xk29sk22"],
    ["https://h/?a=1&pass=Xk29sk22#top", "Xk29sk22"],
    ["https://h/?next=%2Fcb%3Ftoken%3DXk29sk22%26x%3D1", "Xk29sk22"],
    ["https://h/?next=%252Fcb%253Ftoken%253DXk29sk22", "Xk29sk22"],
    ["https://h/?q=%7B%22token%22%3A%22Xk29sk22%22%7D", "Xk29sk22"],
    ["{ token: 'Xk29sk22' }", "Xk29sk22"],
    ['password := "Xk29\\"sk22"', 'Xk29\\"sk22'],
    ["passwords: ['Xk29', 'sk22']", "'Xk29', 'sk22'"],
    ["env['API_KEY'] = 'Xk29sk22'", "Xk29sk22"],
    ["password: 123456", "123456"],
    ["https://me:Xk29sk22@h/", "Xk29sk22"],
    ["https://Xk29sk22Xk29sk22Xk29@h/", "Xk29sk22Xk29sk22Xk29"],
    [
      "https://hooks.slack.com/services/T0000/B0000/Xk29sk22Xk29sk22Xk29sk22",
      "T0000/B0000/Xk29sk22Xk29sk22Xk29sk22",
    ],
    [`key AKIAIOSFODNN7EXAMPLE secret ${A}/abc`, `${A}/abc`],
  ])("finds in %s: %s", (text, secret) => {
    expect(findSecrets(text).map(({ start, end }) => text.slice(start, end))).toContain(secret);
  });

  test.each([
    "the token: a word that nobody keeps secret",
    "max_tokens=4096 tokens: 123456 total",
    "use --token or --password",
    "token=$GATEWAY_TOKEN password=${PASS}",
    "if (token === null) return;",
    "the task-list of a risk-free desk-top",
    "<redacted:token:0123abcd>",
    "see https://example.com/@someone/post",
    "12:30:45 and 2026-11-23T02:29:24.575Z",
    "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
    "public key: abcdef123456",
  ])("leaves %s", (text) => {
    expect(findSecrets(text)).toEqual([]);
  });
});
