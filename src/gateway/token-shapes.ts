/** A credential that is known by how it begins, whatever stands around it. */
export interface TokenShape {
  readonly prefix: string;
  /** How many characters must follow at least. */
  readonly min: number;
  /** What may follow. */
  readonly body: TokenBody;
  /** It counts only where no letter or digit stands before, and where what follows looks random: short prefixes are parts of words. */
  readonly isShort: boolean;
}

/**
 * What a token is made of after its prefix: letters, digits, `_` and `-`; `dotted` also `.`; `padded` also `.`, `+`, `/` and `=`. In a
 * URL, a `segment` of its path is the secret without the prefix, or all of the `path` that follows.
 */
export type TokenBody = "word" | "dotted" | "padded" | "path" | "segment";

/** The prefixes of vendors' tokens, by what follows them (what OpenClaw's own log redaction knows, and more of the kind). */
const PREFIXES: readonly (readonly [body: TokenBody, min: number, prefixes: string])[] = [
  [
    "word",
    10,
    // GitHub, npm, Hugging Face, Slack, Stripe, DigitalOcean, Shopify, Linear, Notion, and providers of models and search.
    "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ npm_ hf_ api_org_ r8_ xoxa- xoxb- xoxc- xoxd- xoxe- xoxo- xoxp- xoxr- xoxs- xoxe.xoxp- " +
      "xoxe.xoxb- xapp- sk_live_ sk_test_ rk_live_ rk_test_ whsec_ dop_v1_ doo_v1_ dor_v1_ shpat_ shpca_ shppa_ shpss_ lin_api_ " +
      "lin_oauth_ ntn_ gsk_ pplx- fal_ fc- bb_live_ pypi- am_ sk_ tvly- exa_ syt_ retaindb_ hsk- mem0_ brv_ xai- fw- fw_ fpk_ AKID " +
      "LTAI sbp_ sb_secret_ figd_ rubygems_ sntrys_ sntryu_ nvapi- csk- rpa_ jina_ tgp_v1_ phx_ PMAK- NRAK- lsv2_pt_ lsv2_sk_ " +
      "pscale_tkn_ pscale_pw_ pscale_oauth_ glsa_ nfp_ ddp_ ddw_ dckr_pat_ dckr_oat_ bkua_ CCIPAT_ apify_api_ fio-u- sq0atp- sq0csp- " +
      "AGE-SECRET-KEY- GOCSPX- ops_eyJ tskey- vercel_ ya29_",
  ],
  ["word", 12, "sk-"],
  ["word", 16, "AIza GR1348941 HRKU-AA pat-eu1- pat-na1- ATBB CFPAT- gAAAA key-"],
  [
    "dotted",
    16,
    "glpat- gloas- gldt- glcbt- glptt- glft- glimt- glagent- glwt- glsoat- glffct- glrt- glrtr- _gitlab_session= hvs. hvb. hvr. SG. dp.ct. " +
      "dp.pt. dp.sa. dp.scim. dp.audit. dp.st. amzn.mws.",
  ],
  ["padded", 10, "ya29. 1//0"],
  ["word", 16, "AKIA ASIA ABIA ACCA"],
  ["word", 32, "dapi SK"],
  ["padded", 16, "fm2_ glc_eyJ ATATT ATCTT3xFfG BBDC- FlyV1&fm"],
  [
    "path",
    20,
    "hooks.slack.com/services/ hooks.slack.com/workflows/ hooks.slack.com/triggers/ discord.com/api/webhooks/ " +
      "discordapp.com/api/webhooks/ api.telegram.org/bot",
  ],
  ["segment", 1, "/__openclaw__/cap/"],
];

/** Prefixes of four characters and more that words begin or end with too. */
const ALSO_IN_WORDS: ReadonlySet<string> = new Set(
  "key- fal_ exa_ rpa_ hsk- csk- ntn_ vercel_ AKIA ASIA ABIA ACCA".split(" "),
);

/** All of them, the longest first. */
export const TOKEN_SHAPES: readonly TokenShape[] = PREFIXES.flatMap(([body, min, prefixes]) =>
  prefixes.split(" ").map((one): TokenShape => {
    const prefix = one.replace("&", " ");
    return { prefix, min, body, isShort: prefix.length < 4 || ALSO_IN_WORDS.has(prefix) };
  }),
).toSorted((left, right) => right.prefix.length - left.prefix.length);
