// What blessed 0.1.81 has and @types/blessed does not know. A test fails when one of these goes.
import type * as original from "blessed";

declare module "blessed" {
  namespace Widgets {
    interface Screen {
      /** What is to be shown: per row, cells of attributes and text. */
      lines: BlessedRow[];
      /** What the terminal shows already. */
      olines: BlessedRow[];
      draw(start: number, end: number): void;
      leave(): void;
      destroyed?: boolean;
      enter(): void;
    }
    interface Tput {
      brokenACS: boolean;
      _prefix(terminal?: string): string;
    }
  }
  type BlessedRow = [attributes: number, text: string][] & { dirty: boolean };
  interface BlessedProgram {
    _owrite(text: string): boolean;
  }
  const Tput: { prototype: Widgets.Tput };
}
