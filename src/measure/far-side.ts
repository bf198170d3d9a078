import { observe } from "./observe.ts";

/** Run as a process of its own, inside a network namespace: observes a Gateway with far peers, and writes down what it saw. */
const [, , entry = "", node = ""] = process.argv;
// Whoever started this is gone: so must the Gateway be.
process.stdin.resume().on("end", () => process.exit(1));
try {
  const observed = await observe({ entry, node }, "far");
  process.stdout.write(JSON.stringify(observed), () => process.exit(0));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`, () => process.exit(1)); // prettier-ignore
}
