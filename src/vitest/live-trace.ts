import type { Profile } from "../gateway/profile.ts";
import type { Entry, NewEntry, NewRecordingHeader } from "../recording/entry.ts";
import { FORMAT_VERSION } from "../recording/format.ts";
import { createRedactor } from "../redaction/redaction.ts";
import { TraceBuilder } from "../trace/build.ts";
import type { Trace } from "../trace/model.ts";
import { TOOL_VERSION } from "../version.ts";

/** Understands what happens while it happens, without a file; credentials are taken out all the same. */
export class LiveTrace {
  readonly #name: string;
  readonly #header: NewRecordingHeader;
  readonly #redactor;
  readonly #builder: TraceBuilder;
  #entries = 0;

  constructor(name: string, header: NewRecordingHeader, profiles: readonly Profile[] = []) {
    this.#name = name;
    this.#header = header;
    this.#redactor = createRedactor(header.redaction);
    this.#builder = new TraceBuilder(header, { profiles });
  }

  /** Takes in what happened next. */
  append(entry: NewEntry): Entry {
    const kept = { ...this.#redactor.redact(entry), entry: this.#entries + 1 };
    this.add(kept);
    return kept;
  }

  /** Takes in an entry as a recording stores it. */
  add(entry: Entry): void {
    this.#entries = entry.entry;
    this.#builder.add(entry);
  }

  /** What it means so far. */
  trace(): Trace {
    return this.#builder.trace({
      name: this.#name,
      header: {
        formatVersion: FORMAT_VERSION,
        toolVersion: TOOL_VERSION,
        localityChange: null,
        part: null,
        scrubbed: null,
        ...this.#header,
      },
      complete: true,
      missing: [],
      entryCount: this.#entries,
    });
  }
}
