import { GwTraceError } from "../errors.ts";

/** OpenTelemetry's own packages, as far as they are used. */
export interface OpenTelemetry {
  readonly api: typeof import("@opentelemetry/api");
  readonly exporter: typeof import("@opentelemetry/exporter-trace-otlp-proto");
  readonly resources: typeof import("@opentelemetry/resources");
  readonly transformer: typeof import("@opentelemetry/otlp-transformer");
}

// Those of them that run on the oldest Node that gw-trace runs on.
const INSTALL =
  "npm install @opentelemetry/api@1 @opentelemetry/exporter-trace-otlp-proto@0.223 @opentelemetry/otlp-transformer@0.223 @opentelemetry/resources@2";

/**
 * Loads them. They are larger than all of gw-trace, so whoever wants no OpenTelemetry neither installs nor loads them.
 * @throws {GwTraceError} PACKAGE_MISSING
 */
export async function loadOpenTelemetry(): Promise<OpenTelemetry> {
  try {
    const [api, exporter, resources, transformer] = await Promise.all([
      import("@opentelemetry/api"),
      import("@opentelemetry/exporter-trace-otlp-proto"),
      import("@opentelemetry/resources"),
      import("@opentelemetry/otlp-transformer"),
    ]);
    return { api, exporter, resources, transformer };
  } catch (error) {
    const missing = /Cannot find (?:package|module) '([^']+)'/.exec(String(error))?.[1];
    throw new GwTraceError(
      "PACKAGE_MISSING",
      `OTLP needs OpenTelemetry's packages, and ${missing ?? "one of them"} is not installed`,
      `Install them beside gw-trace (with -g where it is global): ${INSTALL}`,
      { cause: error },
    );
  }
}
