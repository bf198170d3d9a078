import type { GwTraceErrorCode } from "../errors.ts";
import type { Finding } from "../findings/finding.ts";
import type { NewRecordingHeader } from "../recording/entry.ts";
import type { FlightPlan } from "../recorder/flight-plan.ts";
import type { KnownBeforehand } from "../redaction/known-beforehand.ts";
import type { ClosedRecording } from "../recorder/writer.ts";
import type { Batch } from "./batch.ts";
import type { Notice } from "./notices.ts";

/** How what is recorded is kept. */
export interface RecorderPlan {
  /** Keeps the newest traffic only; null to keep all. */
  readonly flight: (FlightPlan & { readonly saveOn: readonly string[] }) | null;
  /** Records the bodies of plain HTTP too. */
  readonly httpBodies: boolean;
  /** From where secrets are known beforehand; by default from where OpenClaw has its configuration. */
  readonly known?: KnownBeforehand;
}

/** How far a recording has come. */
export interface RecordStatus {
  /** WebSocket messages recorded. */
  readonly frames: number;
  readonly findings: number;
  /** Bytes on the disk. */
  readonly sizeBytes: number;
  readonly missedEntries: number;
}

/** What the splicing thread tells the recording thread. */
export type ToWorker =
  /** The first message: where to write. */
  | {
      readonly type: "begin";
      readonly path: string;
      readonly header: NewRecordingHeader;
      readonly plan: RecorderPlan;
      /** No message is larger, deflated or not. */
      readonly maxMessageBytes: number;
    }
  | { readonly type: "batch"; readonly batch: Batch }
  /** Decode and write what came, and close the recording. */
  | { readonly type: "finish" };

/** What the recording thread tells the splicing thread. */
export type FromWorker =
  | { readonly type: "begun" }
  /** The recording could not be created; the thread is over. */
  | { readonly type: "failed"; readonly error: PlainError }
  /** The oldest batch that is under way is taken in; its memory can be used again. */
  | { readonly type: "taken"; readonly memory: ArrayBuffer }
  | { readonly type: "notice"; readonly notice: Notice }
  | { readonly type: "finding"; readonly finding: Finding }
  | { readonly type: "status"; readonly status: RecordStatus }
  /** A flight recorder saved a stretch. */
  | { readonly type: "saved"; readonly path: string }
  /** For the first time something could not be written. */
  | { readonly type: "blind"; readonly error: PlainError }
  | { readonly type: "finished"; readonly recording: ClosedRecording };

/** A `GwTraceError` as it crosses threads. */
export interface PlainError {
  readonly code: GwTraceErrorCode;
  readonly message: string;
  readonly hint: string;
}
