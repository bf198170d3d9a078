import type { Profile } from "../../gateway/profile.ts";
import type { HostPort } from "../../wire/address.ts";
import type { Assumptions, World } from "../derive/world.ts";
import type { NewRecordingHeader } from "../../recording/entry.ts";
import type { EntrySink } from "../journal.ts";
import type { Counterparts } from "../match/counterparts.ts";
import type { MatchOptions } from "../match/request-book.ts";
import type { Correlation } from "../play/render-frame.ts";
import type { Progress, Speed, Wait } from "../play/waiting.ts";
import type { Script } from "../script/script.ts";
import type { Verdict } from "../verdict/verdict.ts";

/** How a recording is played as a Gateway. */
export interface ReplayedGatewayOptions {
  readonly scripts: readonly Script[];
  /** Recordings of the same Gateway whose answers may be used, and that nobody has to play through. */
  readonly evidence?: readonly Script[];
  /** `host:port`, loopback only. Default `127.0.0.1:0`, which picks a free port. */
  readonly listen?: string;
  /** Web pages that may come besides those of this machine and of the recorded clients, as `https://app.example`; `*` for all. */
  readonly allowOrigins?: readonly string[];
  /** Another order of requests than the recorded one is a difference. */
  readonly strict?: boolean;
  /** Connections and requests may be played again when they were played as often as recorded. */
  readonly reuse?: boolean;
  /** What the recordings do not say: where clients come from, how devices stand, which token is right. */
  readonly assume?: Assumptions;
  /** What counts for the versions that these profiles are of. */
  readonly profiles?: readonly Profile[];
  /** What becomes of a request that has no answer. Default `error`. */
  readonly onMiss?: OnMiss;
  /** How long something waits for what it followed in the recording but did not come from. Default 1000. */
  readonly maxWaitMs?: number;
  /** A multiple of the recorded speed; a silence longer than `maxWaitMs` is cut. Default `immediate`. */
  readonly speed?: Speed;
  /** Times in all that the Gateway says are moved to now, as those of hello-ok always are. */
  readonly shiftTimes?: boolean;
  /** Lets the delays of `speed` pass. Default: a timer. */
  readonly wait?: Wait;
  /** Opens the recording of this replay. */
  readonly record?: (header: NewRecordingHeader) => Promise<EntrySink>;
}

/** A recording that plays the Gateway. */
export interface ReplayedGateway extends AsyncDisposable {
  /** Where clients connect to, `ws://…`. */
  readonly url: string;
  readonly address: HostPort;
  /** Resolves when every recorded connection was played and no client is left. */
  readonly finished: Promise<void>;
  /** How the replay stands now. */
  verdict(): Verdict;
  close(): Promise<void>;
}

/** What all live connections of a replay share. */
export interface SharedState {
  readonly counterparts: Counterparts;
  readonly progress: Progress;
  readonly correlation: Correlation;
  readonly match: MatchOptions;
  readonly world: World;
  readonly onMiss: OnMiss;
  readonly maxWaitMs: number;
  readonly speed: Speed;
  readonly wait: Wait | undefined;
  readonly nowMs: () => number;
  readonly shiftsTimes: boolean;
}

/** What becomes of a request that has no answer: an error, the end of the connection, or silence. */
export type OnMiss = "error" | "close" | "pass";
