import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readKnownSecrets } from "../../src/redaction/known-beforehand.ts";
import { temporaryFolder } from "../recording/sample.ts";

/** Files of OpenClaw's, by name; each secret has a `!` in it, and nothing else has. */
const FILES: Readonly<Record<string, string>> = {
  "openclaw.json": `{
    // Comments are allowed.
    gateway: { port: 18789, auth: { mode: "token", token: "\${MY_GATEWAY}" }, remote: { token: "remote!token-1" } },
    channels: { $include: ["parts/telegram.json5", "parts/missing.json5"] },
    models: { $include: "./parts/models.json", mode: "merge" },
    env: { vars: { STRIPE_KEY: "stripe!key-1", EDITOR: "/usr/bin/vim-editor" } },
    skills: { entries: { a: { apiKey: { source: "env", provider: "default", id: "NAME_OF_A_VARIABLE" } } } },
    hooks: { token: "short", password: "disabled" },
  }`,
  "parts/telegram.json5": `{ botToken: "telegram!bot-1", accounts: [{ $include: "deep/account.json" }], }`,
  "parts/deep/account.json": `{ "password": "account!1234", "url": "https://me:account!pass1@host/", "again": { "$include": "../telegram.json5" } }`,
  "parts/models.json": `{ "providers": { "x": { "apiKey": "models!key-1", "headers": { "Authorization": "Bearer models!bearer-1" } } } }`,
  ".env": `# what the Gateway reads\nMY_GATEWAY="dotenv!gateway-1"\nOPENAI_API_KEY=dotenv!openai-1\n`,
};

const ENV = {
  HOME: "/home/me",
  PATH: "/usr/bin:/bin",
  GITHUB_TOKEN: "env!github-1",
  DATABASE_URL: "postgres://me:env!database1@host/db",
  SSH_AUTH_SOCK: "/tmp/ssh-agent.1234",
  TOKEN_FILE: "/run/secrets/token-1234",
  SECRET: "/run/secrets/token-1234",
  API_KEY: "development",
  PUBLIC_KEY: "AAAAC3NzaC1lZDI1NTE5AAAAI",
  MAX_TOKENS: "200000",
};

test("they are those of the environment, of the command, and of OpenClaw's configuration with all that it includes", async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, "parts/deep"), { recursive: true });
  for (const [name, text] of Object.entries(FILES)) await writeFile(join(folder, name), text);
  const command = ["openclaw", "gateway", "--token", "flag!token-1", "--password=flag!password-1"];
  const known = { configFile: join(folder, "openclaw.json"), command };
  const secrets = await readKnownSecrets(ENV, known);
  const wanted = JSON.stringify([FILES, ENV, command]).match(/[\w-]+![\w-]+/g) ?? [];
  expect([...secrets.keys()].toSorted()).toEqual([...new Set(wanted)].toSorted());
  expect(secrets.get("models!key-1")).toBe("apikey");
});

test("a configuration that cannot be parsed is a text all the same, and one that is not there says nothing", async () => {
  const folder = await temporaryFolder();
  const file = join(folder, "openclaw.json");
  const read = async () => [...(await readKnownSecrets({ OPENCLAW_CONFIG_PATH: file })).keys()];
  expect(await read()).toEqual([]);
  await writeFile(file, `{ "gateway": { "auth": { "token": "half!token-1" }, `);
  expect(await read()).toEqual(["half!token-1"]);
}); // prettier-ignore
