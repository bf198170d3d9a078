// ws exports these since 8.20; @types/ws does not know them yet.
import type { Writable } from "node:stream";

declare module "ws" {
  export class PerMessageDeflate {
    static readonly extensionName: string;
    constructor(options: { readonly isServer: boolean; readonly maxPayload: number });
    accept(offers: readonly object[]): object;
    cleanup(): void;
  }

  export class Receiver extends Writable {
    constructor(options: {
      readonly isServer: boolean;
      readonly extensions: Readonly<Record<string, PerMessageDeflate>>;
      readonly maxPayload: number;
    });
  }

  export const extension: {
    parse(header: string): Record<string, Record<string, (string | true)[]>[]>;
  };
}
