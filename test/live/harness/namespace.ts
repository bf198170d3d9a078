import type { Place } from "./place.ts";
import { RunningProcess } from "./process.ts";
import { until } from "./until.ts";

const READY_TIMEOUT_MS = 10_000;

/** The address inside a namespace that is no loopback address (100.64.0.0/10 is for carrier-grade NAT, RFC 6598). */
export const FAR_ADDRESS = "100.64.0.5";

// Inside, nobody else holds the ports that OpenClaw and gw-trace listen on by default.
const DEFAULT_GATEWAY_PORT = 18_789;
const DEFAULT_TAP_PORT = 18_777;

// With the same user id inside, since OpenClaw looks at who owns its files.
const USER_NAMESPACE: readonly string[] = ["--map-current-user", "--keep-caps"];

// The host name goes into recordings, so it must not be that of the machine they were made on. `cat` ends with
// its input, that is, with us: whatever happens, nothing of the namespace outlives this process.
const INSIDE = [
  "hostname gateway-host || true",
  "ip link set lo up",
  `ip address add ${FAR_ADDRESS}/32 dev lo`,
  "echo ready",
  "exec cat",
].join("; ");

/** A network namespace with loopback and one far address, and nothing else: no packet leaves it. */
export interface Namespace extends Place, AsyncDisposable {}

/** Makes a network namespace, or says why that is not possible here. */
export async function createNamespace(): Promise<Namespace | { readonly whyNot: string }> {
  const failures: string[] = [];
  // Root needs no user namespace, which many containers forbid; everybody else needs one.
  for (const flags of process.getuid?.() === 0 ? [[], USER_NAMESPACE] : [USER_NAMESPACE]) {
    const made = await tryToCreate(flags);
    if ("wrap" in made) return made;
    failures.push(made.whyNot);
  }
  return { whyNot: `no network namespace can be made here: ${failures.join("; ")}` };
}

async function tryToCreate(
  flags: readonly string[],
): Promise<Namespace | { readonly whyNot: string }> {
  const holder = new RunningProcess(["unshare", "--net", "--uts", ...flags, "sh", "-euc", INSIDE], {
    cwd: "/",
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
  });
  try {
    await until(
      "the namespace",
      READY_TIMEOUT_MS,
      () => holder.ended || holder.stdout === "ready\n",
    );
  } catch {
    await holder.stop("SIGKILL");
  }
  if (holder.ended) {
    // Never rejects here but for a missing `unshare`, and that is an answer too.
    const result = await holder.finished.catch((error: unknown) => ({ stderr: String(error) }));
    return { whyNot: result.stderr.trim() || "unshare ended without a word" };
  }
  const enter = flags.length === 0 ? [] : ["--user", "--preserve-credentials"];
  const target = String(holder.pid);
  return {
    wrap: (command) => ["nsenter", "--target", target, "--net", "--uts", ...enter, ...command],
    gatewayPort: () => Promise.resolve(DEFAULT_GATEWAY_PORT),
    tapPort: () => Promise.resolve(DEFAULT_TAP_PORT),
    [Symbol.asyncDispose]: async () => {
      await holder.stop("SIGKILL");
    },
  };
}
