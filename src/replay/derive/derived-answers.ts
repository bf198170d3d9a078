import type { Caller } from "../../gateway/authorize-call.ts";
import type { JsonObject } from "../../gateway/json-object.ts";
import { NOT_MEASURED } from "../../gateway/measured.ts";
import type { Rules } from "../../gateway/rules.ts";
import type { Correlation } from "../play/correlation.ts";
import { deriveAnswer } from "./derive-answer.ts";
import type { ClientLink } from "../play/player.ts";
import { renderFrame, type LiveFacts } from "../play/render-frame.ts";
import type { LiveRequest } from "../match/request-book.ts";
import type { ScriptedAction, Script, ScriptedConnection } from "../script/script.ts";
import type { Outcome } from "../script/script.ts";

/** What a derived answer was, for the verdict. */
export type DerivedNote =
  | {
      readonly replayed: Outcome;
      readonly source: string;
      readonly missing: null;
      /** What was said of the call after its answer, or why nothing was; null where nothing is to be said. */
      readonly aftermath: string | null;
    }
  | {
      readonly replayed: null;
      readonly source: null;
      readonly missing: string;
      readonly aftermath: null;
    };

/** What answering by derivation needs. */
export interface DerivedOptions {
  readonly scripts: readonly Script[];
  readonly rules: Rules;
  readonly caller: Caller;
  readonly link: ClientLink;
  readonly correlation: Correlation;
  readonly facts: LiveFacts;
  /** The `seq` of the next event, when it goes on by so many. */
  readonly takeSeq: (step: number) => number;
}

/** Answers calls that the recording does not answer in this place: by the rules, and by what other connections got. */
export class DerivedAnswers {
  readonly #options: DerivedOptions;
  #roleRefusals = 0;

  constructor(options: DerivedOptions) {
    this.#options = options;
  }

  /** True when the rules refuse a call. Answers nothing. */
  refuses(live: LiveRequest): boolean {
    const { scripts, rules, caller, facts } = this.#options;
    return deriveAnswer(scripts, rules, caller, live, facts.nowMs()).kind === "refused";
  }

  /** Answers a call, or says what would have to be known. The answers recorded on `except` are used up. */
  answer(live: LiveRequest, except: ScriptedConnection | null = null): DerivedNote {
    const { scripts, rules, caller, link, correlation, facts } = this.#options;
    const answer = deriveAnswer(scripts, rules, caller, live, facts.nowMs(), except);
    switch (answer.kind) {
      case "unknown":
        return { replayed: null, source: null, missing: answer.missing, aftermath: null };
      case "refused": {
        const { error, source } = answer;
        link.send(frameText({ type: "res", id: live.id, ok: false, error }));
        this.#guard(error.message);
        return { replayed: failed(error.code, error.message), source, missing: null, aftermath: null }; // prettier-ignore
      }
      case "made":
        this.#roleRefusals = 0;
        link.send(frameText({ type: "res", id: live.id, ok: true, payload: answer.payload }));
        return { replayed: SUCCEEDED, source: answer.source, missing: null, aftermath: NOT_KNOWN };
      case "recorded": {
        this.#roleRefusals = 0;
        const { request, action, frame, aftermath, source } = answer;
        correlation.learnFrom(request.params, live.params);
        this.#say(action, frame, live.id);
        for (const later of aftermath) this.#tell(later, live.id);
        const { ok = false, errorCode = null, errorMessage = null } = request.answer ?? {};
        const replayed = { ok, errorCode, errorMessage };
        return { replayed, source, missing: null, aftermath: describeAftermath(aftermath, source) };
      }
    }
  }

  /** Says what followed there, at once: how long it took there is that run's own. */
  #tell(action: ScriptedAction, liveId: string | null): void {
    if (action.act.type !== "frame") return;
    const id = action.answers === null ? null : liveId;
    this.#say(action, action.act.frame, id);
  }

  #say(action: ScriptedAction, recorded: JsonObject, liveId: string | null): void {
    const { link, correlation, facts, takeSeq } = this.#options;
    const seq = action.seqStep === null ? null : takeSeq(1);
    const { text, read } = renderFrame(action, recorded, { liveId, seq, correlation, facts });
    link.send({ type: "text", text }, read);
  }

  #guard(message: string): void {
    if (!message.startsWith("unauthorized role:")) {
      this.#roleRefusals = 0;
      return;
    }
    this.#roleRefusals += 1;
    const { roleRefusalsInARow: most } = this.#options.rules.profile;
    if (most === false || most === NOT_MEASURED || this.#roleRefusals <= most) return;
    const reason = "repeated unauthorized calls";
    this.#options.link.send({ type: "close", code: 1008, reason });
  }
}

const SUCCEEDED: Outcome = { ok: true, errorCode: null, errorMessage: null };

const NOT_KNOWN = "what the run tells after that is not known: no such run is recorded";

function describeAftermath(aftermath: readonly ScriptedAction[], source: string): string | null {
  const [count, noun] = [aftermath.length, aftermath.length === 1 ? "message" : "messages"];
  return count === 0 ? null : `${count} ${noun} of that call followed (derived: ${source})`;
}

function failed(errorCode: string, errorMessage: string): Outcome {
  return { ok: false, errorCode, errorMessage };
}

function frameText(frame: object): { readonly type: "text"; readonly text: string } {
  return { type: "text", text: JSON.stringify(frame) };
}
