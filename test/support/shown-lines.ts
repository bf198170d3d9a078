import { spawn } from "node:child_process";
import { profileFor } from "./profiles.ts";
import { runPty } from "../tui/pty.ts";
import { startOtlpReceiver } from "./otlp-receiver.ts";
import { gatewayOf } from "./profile-gateway.ts";
import type { Sandbox } from "./sandbox.ts";
import { startScriptedGateway, type Answer, type Asked } from "./scripted-gateway.ts";

/** What stands where lines that users are shown expect the Gateway of this machine and its OTLP receiver. */
export interface Neighbours extends AsyncDisposable {
  readonly gatewayPort: string;
  readonly otlpPort: string;
}

/** How a line ended. */
export interface Ended {
  readonly code: number | null;
  readonly stderr: string;
}

/** Starts a Gateway that answers by the rules of 2026.9.6, and an OTLP receiver. */
export async function startNeighbours(): Promise<Neighbours> {
  const byConnection = new Map<number, (asked: Asked) => Answer>();
  const gateway = await startScriptedGateway((asked) => {
    const known = byConnection.get(asked.connection);
    const answer = known ?? gatewayOf({ profile: profileFor("2026.9.6") });
    byConnection.set(asked.connection, answer);
    return answer(asked);
  });
  const receiver = await startOtlpReceiver();
  return {
    gatewayPort: new URL(gateway.url).port,
    otlpPort: String(receiver.port),
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await receiver[Symbol.asyncDispose]();
    },
  };
}

/** Whether a line needs a terminal. */
export function needsTerminal(line: string): boolean {
  return /^gw-trace tui\b/.test(line);
}

/** Whether a line needs a real OpenClaw: the live tests run what it does. */
export function needsOpenClaw(line: string): boolean {
  return /^gw-trace measure\b/.test(line);
}

/** Runs a line that users are shown, as it stands but for the ports of this machine's own OpenClaw and of a tap that may be there. */
export function runShownLine(sandbox: Sandbox, neighbours: Neighbours, line: string): Promise<Ended> {
  return needsTerminal(line)
    ? runInTerminal(sandbox, neighbours, line)
    : runInShell(sandbox, neighbours, line);
} // prettier-ignore

/** What went wrong with a line, or null: it may do well, find something (1), or be interrupted as it should be (130). */
export function complaintAbout({ code, stderr }: Ended): string | null {
  const wellEnded = code === 0 || code === 1 || code === 130;
  return wellEnded && !/^gw-trace: (?!a |mind|no token)/m.test(stderr)
    ? null
    : `exit code ${code}\n${stderr}`;
}

function onFreePorts({ gatewayPort, otlpPort }: Neighbours, line: string): string {
  const moved = line.replace("--listen 127.0.0.1:18789", "--listen 127.0.0.1:0");
  const listens = /^gw-trace record(?!.* -- )/.test(line) ? " --listen 127.0.0.1:0" : "";
  return moved.replaceAll(/18789|18777/g, gatewayPort).replaceAll("4318", otlpPort) + listens;
}

/** Runs a line in bash; one that waits for clients is interrupted when it says that it is ready. */
function runInShell({ folder, env }: Sandbox, neighbours: Neighbours, line: string): Promise<Ended> {
  const options = {
    cwd: folder,
    env: { ...env, OPENCLAW_GATEWAY_PORT: neighbours.gatewayPort },
    detached: true,
  };
  const child = spawn("bash", ["-c", onFreePorts(neighbours, line)], options);
  let waits = !/ -- |^OPENCLAW/.test(line) && / record|--listen/.test(line);
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
    if (!waits || !/stop with Ctrl-C|point clients there/.test(stderr)) return;
    waits = false;
    if (child.pid !== undefined) process.kill(-child.pid, "SIGINT");
  });
  child.stdout.resume();
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, stderr })));
} // prettier-ignore

/** Runs a line on a terminal until its keys are told, and quits. */
async function runInTerminal(
  { folder, env }: Sandbox,
  { gatewayPort }: Neighbours,
  line: string,
): Promise<Ended> {
  const options = { ...env, OPENCLAW_GATEWAY_PORT: gatewayPort };
  await using terminal = await runPty(`cd ${folder}; exec ${line}`, options);
  await terminal.until("its keys are told", (screen) => screen.text().includes("? help"));
  terminal.type("q");
  return { code: await terminal.exit, stderr: "" };
}
