import type { GwTraceErrorCode } from "../errors.ts";
import type { NewRecordingHeader } from "../recording/entry.ts";
import type { ClosedRecording } from "../recording/writer.ts";
import type { Batch } from "./batch.ts";
import type { Notice } from "./notices.ts";

/** What the splicing thread tells the recording thread. */
export type ToWorker =
  /** The first message: where to write. */
  | { readonly type: "begin"; readonly path: string; readonly header: NewRecordingHeader }
  | { readonly type: "batch"; readonly batch: Batch }
  /** Decode and write what came, and close the recording. */
  | { readonly type: "finish" };

/** What the recording thread tells the splicing thread. */
export type FromWorker =
  | { readonly type: "begun" }
  /** The recording could not be created; the thread is over. */
  | { readonly type: "failed"; readonly error: PlainError }
  /** This many bytes of batches are taken in. */
  | { readonly type: "taken"; readonly sizeBytes: number }
  | { readonly type: "notice"; readonly notice: Notice }
  /** For the first time something could not be written. */
  | { readonly type: "blind"; readonly error: PlainError }
  | { readonly type: "finished"; readonly recording: ClosedRecording };

/** A `GwTraceError` as it crosses threads. */
export interface PlainError {
  readonly code: GwTraceErrorCode;
  readonly message: string;
  readonly hint: string;
}
