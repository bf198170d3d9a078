import type { FindingCode, Severity } from "./catalogue.ts";

/** One thing that went wrong: what, why, what to do, and the entries that prove it. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** The recording's name. */
  readonly recording: string;
  /** Null when the finding is about the recording as a whole. */
  readonly connection: number | null;
  /** The request id, when the finding is about one rpc. */
  readonly rpc: string | null;
  readonly title: string;
  readonly why: string;
  readonly fix: string;
  /** Entry numbers in that recording. */
  readonly evidence: readonly number[];
  /** The most similar connection on which the same method succeeded. */
  readonly contrast: Contrast | null;
}

/** A failed rpc beside the most similar connection where the same method succeeded. */
export interface Contrast {
  readonly method: string;
  readonly recording: string;
  readonly connection: number;
  readonly evidence: readonly number[];
  /** The handshake fields that differ, most likely cause first. */
  readonly differences: readonly Difference[];
}

/** One handshake field that differs between the failing and the succeeding connection. */
export interface Difference {
  readonly field: string;
  readonly failed: string;
  readonly succeeded: string;
}
