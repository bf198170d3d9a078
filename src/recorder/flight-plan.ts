/** How much a flight recorder keeps. */
export interface FlightPlan {
  /** All its files together are not larger; saved stretches may take as much again. */
  readonly maxBytes: number;
  /** Older traffic is deleted as well; null to keep what there is room for. */
  readonly maxAgeMs: number | null;
  /** How much before and after the moment is saved. */
  readonly aroundMs: number;
}

/** The size of one file, so that deleting the oldest never takes much of what is kept. */
export function partBytes({ maxBytes }: FlightPlan): number {
  return maxBytes / 8;
}

/** The time that one file covers at most; never ends where only the size counts. */
export function partMs({ maxAgeMs }: FlightPlan): number {
  return maxAgeMs === null ? Number.POSITIVE_INFINITY : maxAgeMs / 4;
}

/** The path of a numbered or named file of a recording: `name.gwtrace` becomes `name-0001.gwtrace`. */
export function partPath(path: string, part: number | string): string {
  const label = typeof part === "number" ? String(part).padStart(4, "0") : part;
  return path.replace(/(\.gwtrace)?$/, `-${label}.gwtrace`);
}
