import { dirname, join } from "node:path";
import { recordingName } from "./reader.ts";

/**
 * Names for recordings that are looked at together, in order. Where two files have one name, folders stand before it, as many as
 * it takes; one file given twice gets a number.
 */
export function distinctNames(paths: readonly string[]): readonly string[] {
  const parts = paths.map((path) => ({ name: recordingName(path), folder: dirname(path) }));
  const names = parts.map(({ name }) => name);
  for (let depth = 1; depth < 32 && hasTwins(names); depth++) {
    const alike = names.map((name) => names.filter((other) => other === name).length > 1);
    for (const [index, { name, folder }] of parts.entries()) {
      if (alike[index] === true) names[index] = join(lastFolders(folder, depth), name);
    }
  }
  return names.map((name, index) => {
    const before = names.slice(0, index).filter((other) => other === name).length;
    return before === 0 ? name : `${name} (${before + 1})`;
  });
}

function hasTwins(names: readonly string[]): boolean {
  return new Set(names).size < names.length;
}

function lastFolders(folder: string, count: number): string {
  return folder.split("/").filter(Boolean).slice(-count).join("/");
}
