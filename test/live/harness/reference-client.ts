import { pathToFileURL } from "node:url";
import { z } from "zod";
import { referenceClientModule } from "./install.ts";
import { SHARED_TOKEN } from "./state.ts";
import { until } from "./until.ts";

const TIMEOUT_MS = 60_000;

/** As much of the reference client's class as is used here; its own types are not there when the tests are checked. */
interface GatewayClient {
  start(): void;
  request(method: string, params: unknown): Promise<unknown>;
  stopAndWait(options: { readonly timeoutMs: number }): Promise<void>;
}

interface GatewayClientModule {
  readonly GatewayClient: new (options: object) => GatewayClient;
}

const helloSchema = z.looseObject({ auth: z.looseObject({ scopes: z.array(z.string()) }) });

/** OpenClaw's reference client, which reconnects by itself. */
export class ReferenceClient implements AsyncDisposable {
  readonly #client: GatewayClient;
  readonly #hellos: unknown[] = [];
  readonly events: string[] = [];

  private constructor(module: GatewayClientModule, url: string) {
    this.#client = new module.GatewayClient({
      url,
      token: SHARED_TOKEN,
      minProtocol: 4,
      maxProtocol: 4,
      deviceIdentity: null,
      scopes: ["operator.read"],
      onHelloOk: (hello: unknown) => this.#hellos.push(hello),
      onEvent: (frame: { readonly event: string }) => this.events.push(frame.event),
    });
  }

  /** Starts it; it connects on its own. */
  static async start(url: string): Promise<ReferenceClient> {
    const module: GatewayClientModule = await import(pathToFileURL(referenceClientModule()).href);
    const client = new ReferenceClient(module, url);
    client.#client.start();
    return client;
  }

  /** Waits until it is let in for the `count`th time, and gives the scopes that hello-ok reports. */
  async connected(count: number): Promise<readonly string[]> {
    return until(`hello-ok number ${String(count)}`, TIMEOUT_MS, () => {
      const hello = this.#hellos[count - 1];
      return hello === undefined ? null : helloSchema.parse(hello).auth.scopes;
    });
  }

  request(method: string, params: unknown = {}): Promise<unknown> {
    return this.#client.request(method, params);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.stopAndWait({ timeoutMs: 5000 });
  }
}
