import type { Caller } from "../../gateway/authorize-call.ts";
import type { JsonObject } from "../../gateway/json-object.ts";
import type { Profile } from "../../gateway/profile.ts";
import type { Correlation } from "../play/correlation.ts";
import { deriveAnswer } from "./derive-answer.ts";
import type { Audience } from "../play/player.ts";
import { renderFrame, type LiveFacts } from "../play/render-frame.ts";
import type { LiveRequest } from "../match/request-book.ts";
import type { Cue, Script, ScriptedConnection } from "../script/script.ts";
import type { Outcome } from "../script/script.ts";

/** What a derived answer was, for the verdict. */
export type DerivedNote =
  | { readonly replayed: Outcome; readonly source: string; readonly missing: null }
  | { readonly replayed: null; readonly source: null; readonly missing: string };

/** What answering by derivation needs. */
export interface DerivedOptions {
  readonly scripts: readonly Script[];
  readonly profile: Profile;
  readonly caller: Caller;
  readonly audience: Audience;
  readonly correlation: Correlation;
  readonly facts: LiveFacts;
}

// Gateways close after more answers in a row than these that name an unauthorized role.
const MAX_ROLE_REFUSALS = 10;

/** Answers calls that the recording does not answer in this place: by the rules, and by what other connections got. */
export class DerivedAnswers {
  readonly #options: DerivedOptions;
  #roleRefusals = 0;

  constructor(options: DerivedOptions) {
    this.#options = options;
  }

  /** True when the rules refuse a call. Answers nothing. */
  refuses(live: LiveRequest): boolean {
    const { scripts, profile, caller, facts } = this.#options;
    return deriveAnswer(scripts, profile, caller, live, facts.nowMs()).kind === "refused";
  }

  /** Answers a call, or says what would have to be known. The answers recorded on `except` are used up. */
  answer(live: LiveRequest, except: ScriptedConnection | null = null): DerivedNote {
    const { scripts, profile, caller, audience, correlation, facts } = this.#options;
    const answer = deriveAnswer(scripts, profile, caller, live, facts.nowMs(), except);
    switch (answer.kind) {
      case "unknown":
        return { replayed: null, source: null, missing: answer.missing };
      case "refused": {
        const { error, source } = answer;
        audience.send(frameText({ type: "res", id: live.id, ok: false, error }));
        this.#guard(error.message);
        return { replayed: failed(error.code, error.message), source, missing: null };
      }
      case "made":
        this.#roleRefusals = 0;
        audience.send(frameText({ type: "res", id: live.id, ok: true, payload: answer.payload }));
        return { replayed: SUCCEEDED, source: answer.source, missing: null };
      case "recorded": {
        this.#roleRefusals = 0;
        const { request, cue, frame, source } = answer;
        correlation.learnFrom(request.params, live.params);
        audience.send({ type: "text", text: this.#render(cue, frame, live.id) });
        const { ok = false, errorCode = null, errorMessage = null } = request.answer ?? {};
        return { replayed: { ok, errorCode, errorMessage }, source, missing: null };
      }
    }
  }

  #render(cue: Cue, frame: JsonObject, liveId: string | null): string {
    const { correlation, facts } = this.#options;
    return renderFrame(cue, frame, { liveId, seq: null, correlation, facts });
  }

  #guard(message: string): void {
    if (!message.startsWith("unauthorized role:")) {
      this.#roleRefusals = 0;
      return;
    }
    this.#roleRefusals += 1;
    if (this.#roleRefusals <= MAX_ROLE_REFUSALS) return;
    const reason = "repeated unauthorized calls";
    this.#options.audience.send({ type: "close", code: 1008, reason });
  }
}

const SUCCEEDED: Outcome = { ok: true, errorCode: null, errorMessage: null };

function failed(errorCode: string, errorMessage: string): Outcome {
  return { ok: false, errorCode, errorMessage };
}

function frameText(frame: object): { readonly type: "text"; readonly text: string } {
  return { type: "text", text: JSON.stringify(frame) };
}
