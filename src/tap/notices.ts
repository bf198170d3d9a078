import { ConnectionBuilder } from "../trace/connection.ts";
import type { Entry } from "../recording/entry.ts";
import type { Connection } from "../trace/model.ts";

/** Something worth a line while recording: a handshake was decided, or a connection ended. */
export interface Notice {
  readonly kind: "decided" | "closed";
  readonly connection: Connection;
}

/** Understands entries as they are stored and says when a connection is worth a line; forgets it when it is closed. */
export class NoticeBoard {
  readonly #onNotice: (notice: Notice) => void;
  readonly #builders = new Map<number, { builder: ConnectionBuilder; decided: boolean }>();

  constructor(onNotice: (notice: Notice) => void) {
    this.#onNotice = onNotice;
  }

  /** Takes in the next entry, in recorded order. */
  add(entry: Entry): void {
    if (entry.connection === 0) return;
    let state = this.#builders.get(entry.connection);
    if (state === undefined) {
      state = { builder: new ConnectionBuilder(entry, null), decided: false };
      this.#builders.set(entry.connection, state);
    }
    state.builder.add(entry);
    if (!state.decided && entry.kind === "message") {
      const connection = state.builder.connection();
      state.decided = connection.outcome !== "incomplete";
      if (state.decided) this.#onNotice({ kind: "decided", connection });
    }
    if (entry.kind === "closed") {
      this.#builders.delete(entry.connection);
      this.#onNotice({ kind: "closed", connection: state.builder.connection() });
    }
  }
}
