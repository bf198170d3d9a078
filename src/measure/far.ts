import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { FAR_ADDRESS } from "./case.ts";
import type { Observed } from "./observe.ts";

const FAR_SIDE = fileURLToPath(new URL("./far-side.js", import.meta.url));

/** The namespace has its own loopback and one address that is none; no packet leaves it. */
const INSIDE = `ip link set lo up; ip address add ${FAR_ADDRESS}/32 dev lo; echo inside >&2; exec "$@"`;

/** What a Gateway with far peers was seen to do, in a network namespace; or why that cannot be seen here. */
export async function observeFar(openClaw: { readonly entry: string; readonly node: string }): Promise<Observed | { readonly whyNot: string }> {
  const failures: string[] = [];
  // Root needs no user namespace, which many containers forbid; everybody else needs one.
  for (const flags of process.getuid?.() === 0 ? [[], ["--map-current-user", "--keep-caps"]] : [["--map-current-user", "--keep-caps"]]) {
    const { code, stdout, stderr } = await run(["--net", ...flags, "sh", "-euc", INSIDE, "sh", process.execPath, FAR_SIDE, openClaw.entry, openClaw.node]);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own child wrote it
    if (code === 0) return JSON.parse(stdout) as Observed;
    const said = stderr.trim().split("\n");
    if (said.includes("inside")) return { whyNot: said.filter((line) => line !== "inside").join(" ") };
    failures.push(said.join(" "));
  }
  return { whyNot: `no network namespace can be made here: ${failures.join("; ")}` };
} // prettier-ignore

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The child ends when its input does, so nothing of the namespace outlives this process. */
async function run(args: readonly string[]): Promise<Ran> {
  const child = spawn("unshare", args, { env: { ...process.env, PATH: `/usr/sbin:/sbin:${process.env["PATH"] ?? ""}` }, stdio: ["pipe", "pipe", "pipe"] }); // prettier-ignore
  const [stdout, stderr]: [string[], string[]] = [[], []];
  child.stdout.setEncoding("utf8").on("data", (text: string) => stdout.push(text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => stderr.push(text));
  child.stdin.on("error", () => undefined);
  const code = await new Promise<number | null>((done) => {
    child
      .once("error", (error) => {
        stderr.push(error.message);
        done(null);
      })
      .once("close", done);
  });
  return { code, stdout: stdout.join(""), stderr: stderr.join("") };
}
