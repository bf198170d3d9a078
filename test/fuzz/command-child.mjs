/*
 * Runs whole commands of the built CLI one after the other in this process, since starting a process for each would take most of the
 * time. Each message from the parent is the words of one command; the answer is what it printed, its exit code, and the memory held.
 */
import { peakMemory } from "../support/peak-memory.mjs";

const MAIN = new URL("../../dist/cli/main.js", import.meta.url).href;

/** What ends a command that calls process.exit. */
class Exited extends Error {}

const write = process.stderr.write.bind(process.stderr);
let printed = { stdout: "", stderr: "" };
for (const name of ["stdout", "stderr"]) {
  process[name].write = (chunk, encoding, done) => {
    printed[name] += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
    const callback = typeof encoding === "function" ? encoding : done;
    if (typeof callback === "function") setImmediate(() => callback());
    return true;
  };
}
process.exit = (code) => {
  process.exitCode = code ?? process.exitCode;
  throw new Exited();
};
process.on("uncaughtException", (error) => {
  write(`uncaught: ${error instanceof Error ? error.stack : String(error)}\n`);
  process.kill(process.pid, "SIGABRT");
});

let runs = 0;

async function run(words) {
  printed = { stdout: "", stderr: "" };
  process.exitCode = 0;
  process.argv = [process.argv[0], MAIN, ...words];
  process.stdout.removeAllListeners("error");
  process.stderr.removeAllListeners("error");
  try {
    // Each import is an instance of the main module of its own; what it imports is shared.
    runs += 1;
    await import(`${MAIN}?run=${runs}`);
  } catch (error) {
    if (!(error instanceof Exited)) printed.stderr += `thrown: ${error?.stack ?? String(error)}\n`;
  }
  const code = process.exitCode ?? 0;
  process.exitCode = 0;
  return { ...printed, code, peakBytes: peakMemory() * 1024 };
}

process.on("message", (words) => {
  void run(words).then((ended) => process.send?.(ended));
});
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
