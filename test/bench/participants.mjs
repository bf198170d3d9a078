// What is measured against what. Each starts before the Gateway's port and says where clients come in.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";

const here = import.meta.dirname;
const cli = join(here, "../../dist/cli/main.js");

/** A process that says on a line of output, as JSON, where it listens or what it measured. */
export async function startNode(args, findPort = ({ port }) => port) {
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const lines = [];
  const reader = createInterface({ input: child.stdout });
  const first = new Promise((resolve, reject) => {
    reader.on("line", (line) => {
      const said = JSON.parse(line);
      // How far a recording is may be told before where it listens.
      if (said.type === undefined || said.type === "listening") resolve(said);
    });
    child.once("exit", (code) => reject(new Error(`${args[0]} ended with ${code}`)));
  });
  reader.on("line", (line) => lines.push(line));
  const ended = once(child, "exit");
  return { child, ended, lines, port: findPort(await first) };
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

async function startTool(command, args, port) {
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "ignore"] });
  const ended = once(child, "exit");
  for (let tries = 0; ; tries++) {
    const socket = connect(port, "127.0.0.1");
    const isThere = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isThere) return { child, ended, lines: [], port };
    if (tries > 200) throw new Error(`${command} does not listen`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function startTap(port, file, ...more) {
  const url = `ws://127.0.0.1:${port}`;
  const args = ["record", "--json", "-o", file, "--listen", "127.0.0.1:0", "--url", url, ...more];
  return startNode([cli, ...args], ({ listen }) => Number(listen.split(":").at(-1)));
}

function versionOf(command, ...args) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  return status === 0 ? (/\d+\.\d+[.\d]*/.exec(stdout || stderr)?.[0] ?? "?") : null;
}

/** Everyone who may take part; `version` is null where a program is not installed. */
export function listParticipants() {
  return [
    {
      name: "straight",
      version: "",
      start: (port) => ({ child: null, ended: null, lines: [], port }),
    },
    {
      name: "bare relay",
      version: "",
      start: (port) => startNode([join(here, "relay-bare.mjs"), String(port)]),
    },
    // Everything is recorded: where the recorder cannot keep up, traffic waits for it.
    { name: "gw-trace", version: "", start: (port, file) => startTap(port, file, "--must-record") },
    // As it comes: traffic never waits; what is not recorded is counted.
    { name: "gw-trace, default", version: "", start: (port, file) => startTap(port, file) },
    {
      name: "obvious way",
      version: "",
      start: (port, file) => startNode([join(here, "relay-obvious.mjs"), String(port), file]),
    },
    {
      name: "haproxy",
      version: versionOf("haproxy", "-v"),
      async start(port, file) {
        const own = await freePort();
        const config = `${file}.cfg`;
        writeFileSync(
          config,
          `defaults\n mode tcp\n timeout connect 5s\n timeout client 60s\n timeout server 60s\nlisten tap\n bind 127.0.0.1:${own}\n server gateway 127.0.0.1:${port}\n`,
        );
        return startTool("haproxy", ["-f", config], own);
      },
    },
    {
      name: "socat",
      version: versionOf("socat", "-V"),
      async start(port) {
        const own = await freePort();
        const listen = `TCP-LISTEN:${own},bind=127.0.0.1,fork,reuseaddr,nodelay`;
        return startTool("socat", [listen, `TCP:127.0.0.1:${port},nodelay`], own);
      },
    },
    {
      name: "mitmdump -w",
      version: versionOf("mitmdump", "--version"),
      async start(port, file) {
        const own = await freePort();
        const args = ["--mode", `reverse:http://127.0.0.1:${port}`, "--listen-host", "127.0.0.1"];
        return startTool("mitmdump", [...args, "-p", String(own), "-q", "-w", file], own);
      },
    },
  ];
}

/** The most memory that a process had, in megabytes, and the processor time that it took, in seconds; null when it is over. */
export function usageOf(pid) {
  if (!existsSync(`/proc/${pid}/status`)) return null;
  const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  if (peak === undefined) return null;
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return {
    megabytes: Number(peak) / 1024,
    cpuSeconds: (Number(stat[11]) + Number(stat[12])) / 100,
  };
}
