import type { ParsedFrame } from "../gateway/frame.ts";
import { amendRules, rulesFor, tellRules, type Amendment, type Rules } from "../gateway/rules.ts";
import type { Entry, RecordingHeader } from "../recording/entry.ts";
import { ConnectionBuilder, type TraceLimits } from "./connection.ts";
import { GapLog, gapOf } from "./gaps.ts";
import type { Connection, Trace, TracedRecording } from "./model.ts";

/** Builds a trace entry by entry, so that a recording can be understood while it is still being written. */
export class TraceBuilder {
  private readonly builders = new Map<number, ConnectionBuilder>();
  private readonly known = new Map<
    string | null,
    { readonly shown: string; readonly rules: Rules }
  >();
  private readonly gaps = new GapLog();
  private readonly assumedPeer: string | null;
  private readonly limits: TraceLimits;

  /**
   * Of connections with more calls than `maxRpcs`, good calls are forgotten: examples, failures and the newest stay.
   */
  constructor(
    { assumedPeer }: Partial<Pick<RecordingHeader, "assumedPeer">> = {},
    limits: TraceLimits = {},
  ) {
    this.limits = limits;
    this.assumedPeer = assumedPeer ?? null;
  }

  /** Takes in the next entry, with the frame of a text message where someone read it already. Feed entries in recorded order. */
  add(entry: Entry, parsed?: ParsedFrame): void {
    if (entry.connection === 0) {
      if (entry.kind === "gap") this.gaps.add(gapOf(entry));
      return;
    }
    let connection = this.builders.get(entry.connection);
    if (connection === undefined) {
      connection = new ConnectionBuilder(entry, this.assumedPeer, this.limits, this.gaps);
      this.builders.set(entry.connection, connection);
    }
    connection.add(entry, parsed);
  }

  /** What the entries so far mean. Cheap to ask again: connections without new entries are not rebuilt. */
  trace(recording: TracedRecording): Trace {
    const rules = this.rules();
    return { recording, connections: this.connections(rules), gaps: this.gaps.gaps, rules };
  }

  /** The connections of the trace, for who has no recording to name. */
  connections(rules: readonly Rules[] = this.rules()): readonly Connection[] {
    return [...this.builders.values()].map((builder) =>
      builder.connection(rules.find(({ version }) => version === builder.version) ?? rules[0]),
    );
  }

  /** The rules of each Gateway version that has said so, with what its connections show. */
  rules(): readonly Rules[] {
    const builders = [...this.builders.values()];
    const versions = new Set(builders.flatMap(({ version }) => version ?? []));
    const [first = null] = versions;
    return (versions.size === 0 ? [null] : [...versions]).map((version) => {
      const rules = rulesFor(version, this.limits.profiles);
      const own = builders.filter((builder) => (builder.version ?? first) === version);
      return this.amended(
        rules,
        own.flatMap((builder) => builder.testimony(rules)),
      );
    });
  }

  /** The same rules for the same amendments, so that nothing is judged anew for them. */
  private amended(rules: Rules, amendments: readonly Amendment[]): Rules {
    const shown = JSON.stringify(amendments);
    const known = this.known.get(rules.version);
    if (known?.shown === shown) return known.rules;
    const amended = amendRules(rules, amendments);
    this.known.set(rules.version, { shown, rules: amended });
    return amended;
  }
}

/** The rules that count for a connection: those of its Gateway, or of the only one that the recording knows. */
export function rulesOf({ rules }: Trace, { handshake }: Connection): Rules {
  const version = handshake.hello?.serverVersion ?? null;
  const own = rules.find((one) => one.version === version) ?? rules[0];
  return own ?? rulesFor(version);
}

/** What is to be said of the rules that were applied, once for a trace; nothing where no client came that they apply to. */
export function tellRulesOf({ rules, connections }: Trace): readonly string[] {
  const isJudged = connections.some(({ handshake }) => handshake.connect ?? handshake.hello);
  return isJudged ? rules.flatMap(tellRules) : [];
}
