import { constants } from "node:fs";
import { stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { WriteStream } from "node:tty";
import { recordingsFolder } from "../recording/locate.ts";
import type { Checkup } from "../views/doctor.ts";
import { renderSize } from "../views/quantity.ts";
import { speaksUtf8, styleFor } from "./output.ts";
import { canAccess } from "./write-recording.ts";

/** The oldest Node that gw-trace runs on, as package.json says. */
const LEAST_NODE = [20, 19] as const;

/** With less than this on the disk, a busy Gateway fills it within minutes. */
const LITTLE_BYTES = 500e6;

/** Whether this Node is new enough. */
export function checkNode(version: string): Checkup {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isNew = major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
  return {
    name: "node",
    status: isNew ? "ok" : "problem",
    says: `Node ${version}`,
    fix: isNew ? null : `Install Node ${LEAST_NODE.join(".")} or newer.`,
  };
}

/** What the terminal can do, and so how reports and the TUI look. */
export function checkTerminal(stream: WriteStream, env: NodeJS.ProcessEnv): Checkup {
  const name = "terminal";
  const { color } = styleFor(stream, env);
  const facts = [color ? "colours" : "no colours", speaksUtf8(env) ? "Unicode" : "ASCII only"];
  if (!stream.isTTY) {
    const says = `standard output is no terminal: reports are 80 columns wide, ${facts.join(", ")}`;
    return { name, status: "ok", says, fix: null };
  }
  const says = `${stream.columns}x${stream.rows}, ${facts.join(", ")}`;
  if (env["TERM"] === "dumb") {
    const fix = "Set TERM to what your terminal is, such as xterm-256color, for gw-trace tui.";
    return { name, status: "note", says: `${says}; TERM is dumb`, fix };
  }
  if (stream.columns >= 80 && stream.rows >= 24) return { name, status: "ok", says, fix: null };
  return { name, status: "note", says, fix: "Make it 80x24 or larger for gw-trace tui." };
}

/** Where recordings go, whether they can be written there, and how much room there is. */
export async function checkRecordings(env: NodeJS.ProcessEnv, cwd: string): Promise<Checkup> {
  const name = "recordings";
  const folder = recordingsFolder(env, cwd);
  const there = await nearestThere(folder);
  if (!(await stat(there)).isDirectory()) {
    const fix = "Name a folder with GW_TRACE_DIR.";
    return { name, status: "problem", says: `${there} is no folder`, fix };
  }
  if (!(await canAccess(there, constants.W_OK))) {
    const fix = "Name a folder of your own with GW_TRACE_DIR, or a file with --output.";
    return { name, status: "problem", says: `${folder} cannot be written`, fix };
  }
  const { bavail, bsize } = await statfs(there);
  const freeBytes = bavail * bsize;
  const made = there === folder ? "" : ", made when it is needed";
  const says = `${folder}${made}; ${renderSize(freeBytes)} free`;
  if (freeBytes >= LITTLE_BYTES) return { name, status: "ok", says, fix: null };
  const fix = "Make room, or bound a recording with --max-bytes or --keep.";
  return { name, status: "problem", says, fix };
}

async function nearestThere(folder: string): Promise<string> {
  const isThere = await canAccess(folder);
  return isThere || dirname(folder) === folder ? folder : nearestThere(dirname(folder));
}
