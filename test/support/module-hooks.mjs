// Loader hooks that write down what an ES module graph resolves to, one URL a line, in the file that LOADED_MODULES names.
import { appendFileSync } from "node:fs";

export async function resolve(specifier, context, nextResolve) {
  const resolved = await nextResolve(specifier, context);
  appendFileSync(process.env["LOADED_MODULES"], `${resolved.url}\n`);
  return resolved;
}
