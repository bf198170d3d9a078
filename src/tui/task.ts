// How often the screen is told, and how long keys wait at most.
const TELL_EVERY_MS = 100;
const TURN_MS = 8;

/** How far something is that takes a while. */
export interface TaskState {
  /** What is being done, as `writing`. */
  readonly what: string;
  readonly done: number;
  readonly whole: number;
}

/** Work on many entries that says how far it is, gives keys their turn, and can be stopped. */
export class Task {
  private isStopped = false;
  private turnMs = performance.now();
  private toldMs = performance.now();
  private readonly what: string;
  private readonly whole: number;
  private readonly tell: (state: TaskState) => void;

  constructor(what: string, whole: number, tell: (state: TaskState) => void) {
    this.what = what;
    this.whole = whole;
    this.tell = tell;
  }

  /** Call it now and then with what is done so far; false when it is time to stop. */
  async goesOn(done: number): Promise<boolean> {
    if (performance.now() - this.turnMs < TURN_MS) return !this.isStopped;
    if (performance.now() - this.toldMs >= TELL_EVERY_MS) {
      this.tell({ what: this.what, done, whole: this.whole });
      this.toldMs = performance.now();
    }
    await new Promise(setImmediate);
    this.turnMs = performance.now();
    return !this.isStopped;
  }

  /** Lets the next `goesOn` be the last. */
  stop(): void {
    this.isStopped = true;
  }
}
