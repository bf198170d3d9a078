import { ConnectionWatch } from "./connection-watch.ts";
import { FindingWatch } from "./finding-watch.ts";
import type { Finding } from "../findings/finding.ts";
import type { Entry } from "../recording/entry.ts";
import type { Connection } from "../trace/model.ts";

/** Something worth a line while recording: a handshake was decided, or a connection ended. */
export interface Notice {
  readonly kind: "decided" | "closed";
  /**
   * Of a long connection the calls and events are those of its beginning, and later on the calls that failed; `messageCount` counts
   * all.
   */
  readonly connection: Connection;
  /** How many requests there were, `connect` aside. */
  readonly calls: number;
  /** How many of them were refused. */
  readonly failed: number;
}

/** What a board tells. */
export interface NoticeListener {
  readonly onNotice: (notice: Notice) => void;
  readonly onFinding: (finding: Finding) => void;
  /** Hears of all that is found on a connection by now, whenever it was looked at. */
  readonly onLooked?: (connection: Connection, findings: readonly Finding[]) => void;
}

/** Understands entries as they are stored and says when a connection is worth a line; forgets it when it is closed. */
export class NoticeBoard {
  readonly #listener: NoticeListener;
  readonly #watches = new Map<number, ConnectionWatch>();
  readonly #findings = new FindingWatch();
  /** Open connections on which something was refused since they were diagnosed last. */
  readonly #suspicious = new Set<ConnectionWatch>();

  constructor(listener: NoticeListener) {
    this.#listener = listener;
  }

  /** Takes in the next entry, in recorded order. */
  add(entry: Entry): void {
    if (entry.connection === 0) return;
    let watch = this.#watches.get(entry.connection);
    if (watch === undefined) {
      watch = new ConnectionWatch(entry);
      this.#watches.set(entry.connection, watch);
    }
    if (watch.add(entry)) this.#listener.onNotice({ kind: "decided", ...watch.sum() });
    if (tellsOfFailure(entry)) this.#suspicious.add(watch);
    if (entry.kind !== "closed") return;
    this.#watches.delete(entry.connection);
    this.#diagnose(watch);
    this.#findings.forget(entry.connection);
    this.#listener.onNotice({ kind: "closed", ...watch.sum() });
  }

  /** Looks for what is to be found on connections where something was refused: too much work to be done for every entry. */
  look(): void {
    for (const watch of this.#suspicious) this.#diagnose(watch);
  }

  /** What is known of the connections that are open. */
  open(): readonly Omit<Notice, "kind">[] {
    return Array.from(this.#watches.values(), (watch) => watch.sum());
  }

  #diagnose(watch: ConnectionWatch): void {
    this.#suspicious.delete(watch);
    const { connection } = watch.sum();
    const { all, news } = this.#findings.look(connection);
    for (const finding of news) this.#listener.onFinding(finding);
    this.#listener.onLooked?.(connection, all);
  }
}

/** A response says how it went before it says what. */
const HEAD_CHARACTERS = 300;

function tellsOfFailure(entry: Entry): boolean {
  if (entry.kind !== "message") return entry.kind === "undecodable";
  const { from, message } = entry;
  return (
    from === "gateway" &&
    message.type === "text" &&
    /"ok":\s*false/.test(message.text.slice(0, HEAD_CHARACTERS))
  );
}
