import { readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import path from "node:path";
import { describe, expect, test } from "vitest";

const SRC = path.resolve(import.meta.dirname, "../src");

interface Layer {
  /** Folders of src/ it may import, besides itself. */
  readonly folders: readonly string[];
  readonly packages: readonly string[];
  readonly nodeModules: readonly string[];
  /** The read side: no clock, randomness, process, console. */
  readonly pure: boolean;
}

const READ = [
  "errors",
  "wire",
  "gateway",
  "recording",
  "redaction",
  "trace",
  "findings",
  "filter",
  "diff",
  "scrub",
  "reduce",
  "views",
  "exchange",
];

/** Who may import what. Everything goes up: errors, wire and gateway first, the doors last. */
const LAYERS: Readonly<Record<string, Layer>> = {
  errors: { folders: [], packages: [], nodeModules: [], pure: true },
  version: { folders: [], packages: [], nodeModules: ["node:fs"], pure: true },
  wire: {
    folders: ["errors"],
    packages: ["ws"],
    nodeModules: ["node:buffer", "node:zlib"],
    pure: true,
  },
  gateway: {
    folders: ["errors"],
    packages: ["json5", "zod"],
    nodeModules: ["node:buffer", "node:crypto", "node:fs"],
    pure: true,
  },
  recording: {
    folders: ["errors", "version", "wire", "gateway"],
    packages: ["zod", "msgpackr", "fastest-levenshtein"],
    nodeModules: [
      "node:buffer",
      "node:crypto",
      "node:fs",
      "node:fs/promises",
      "node:path",
      "node:url",
      "node:util",
      "node:zlib",
    ],
    pure: false,
  },
  redaction: {
    folders: ["errors", "wire", "gateway", "recording"],
    packages: [],
    nodeModules: ["node:buffer", "node:crypto", "node:fs/promises", "node:path", "node:util"],
    pure: false,
  },
  recorder: {
    folders: ["errors", "version", "wire", "gateway", "recording", "redaction"],
    packages: [],
    nodeModules: [
      "node:buffer",
      "node:crypto",
      "node:fs",
      "node:fs/promises",
      "node:path",
      "node:util",
    ],
    pure: false,
  },
  trace: {
    folders: ["errors", "wire", "gateway", "recording"],
    packages: [],
    nodeModules: [],
    pure: true,
  },
  findings: {
    folders: ["errors", "wire", "gateway", "recording", "trace"],
    packages: ["fastest-levenshtein"],
    nodeModules: [],
    pure: true,
  },
  filter: {
    folders: ["errors", "wire", "gateway", "recording", "trace", "findings"],
    packages: ["fastest-levenshtein"],
    nodeModules: [],
    pure: true,
  },
  diff: {
    folders: ["errors", "wire", "gateway", "recording", "trace", "findings"],
    packages: [],
    nodeModules: ["node:crypto"],
    pure: true,
  },
  scrub: {
    folders: ["errors", "wire", "gateway", "recording", "redaction", "trace", "findings"],
    packages: [],
    nodeModules: ["node:buffer", "node:crypto"],
    pure: true,
  },
  reduce: {
    folders: ["errors", "wire", "gateway", "recording", "trace", "findings"],
    packages: [],
    nodeModules: [],
    pure: true,
  },
  views: {
    folders: ["errors", "wire", "gateway", "recording", "trace", "findings", "filter", "diff"],
    packages: ["picocolors", "string-width", "wrap-ansi"],
    nodeModules: ["node:crypto"],
    pure: true,
  },
  // What runs in the browser that shows a report: the filter language, and no Node.js.
  page: { folders: ["filter"], packages: [], nodeModules: [], pure: true },
  exchange: {
    folders: ["errors", "version", "wire", "gateway", "recording", "trace", "findings", "views"],
    packages: ["zod"],
    nodeModules: ["node:buffer", "node:crypto"],
    pure: true,
  },
  otlp: {
    folders: [...READ, "version"],
    packages: [
      "zod",
      "@opentelemetry/api",
      "@opentelemetry/exporter-trace-otlp-proto",
      "@opentelemetry/otlp-transformer",
      "@opentelemetry/resources",
      "@opentelemetry/sdk-trace",
    ],
    nodeModules: [],
    pure: false,
  },
  tap: {
    folders: [...READ, "version", "recorder", "otlp"],
    packages: [],
    nodeModules: [
      "node:buffer",
      "node:crypto",
      "node:net",
      "node:tls",
      "node:worker_threads",
      "node:perf_hooks",
      "node:stream",
      "node:events",
      "node:v8",
      "node:vm",
    ],
    pure: false,
  },
  replay: {
    folders: [...READ, "version"],
    packages: ["ws", "fastest-levenshtein"],
    nodeModules: [
      "node:buffer",
      "node:crypto",
      "node:events",
      "node:http",
      "node:net",
      "node:perf_hooks",
    ],
    pure: false,
  },
  probe: { folders: [...READ, "version"], packages: ["ws"], nodeModules: [], pure: false },
  measure: {
    folders: ["errors", "gateway", "probe"],
    packages: ["ws"],
    nodeModules: [
      "node:child_process",
      "node:crypto",
      "node:events",
      "node:fs",
      "node:fs/promises",
      "node:net",
      "node:os",
      "node:path",
      "node:timers/promises",
      "node:url",
      "node:util",
    ],
    pure: false,
  },
  tui: {
    folders: [...READ, "version", "recorder"],
    packages: ["blessed", "string-width"],
    nodeModules: [
      "node:fs",
      "node:fs/promises",
      "node:tty",
      "node:stream",
      "node:module",
      "node:os",
      "node:path",
      "node:events",
      "node:url",
    ],
    pure: false,
  },
  cli: {
    folders: [...READ, "version", "recorder", "otlp", "tap", "replay", "probe", "measure", "tui"],
    packages: ["commander", "fastest-levenshtein"],
    nodeModules: [
      "node:child_process",
      "node:fs",
      "node:fs/promises",
      "node:net",
      "node:os",
      "node:path",
      "node:readline/promises",
      "node:stream",
      "node:stream/consumers",
      "node:stream/promises",
      "node:timers/promises",
      "node:tty",
      "node:url",
      "node:util",
      "node:v8",
      "node:vm",
    ],
    pure: false,
  },
  schemas: { folders: ["gateway"], packages: ["zod"], nodeModules: [], pure: true },
  index: {
    folders: [...READ, "recorder", "tap", "replay", "probe"],
    packages: [],
    nodeModules: [],
    pure: true,
  },
  vitest: {
    folders: [...READ, "version", "recorder", "replay", "tap"],
    packages: ["vitest"],
    nodeModules: ["node:fs/promises", "node:path", "node:url"],
    pure: false,
  },
};

interface Import {
  readonly file: string;
  readonly specifier: string;
}

const FILES = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter(
  (file) => file.endsWith(".ts") && !file.endsWith(".d.ts"),
);

// The first path segment of a file below src/, without ending: the layer it belongs to.
function layerOf(file: string): string {
  const [first = ""] = file.split(path.sep);
  return first.replace(/\.ts$/, "");
}

function importsOf(file: string): readonly Import[] {
  const source = readFileSync(path.join(SRC, file), "utf8");
  const statements = source.matchAll(
    /^(?:import|export)\s(?:type\s)?(?:\*\sas\s\w+|[\w\s,]*\{[^}]*\}|\w+|\*)\sfrom\s"([^"]+)"|^import\s"([^"]+)"|\bimport\("([^"]+)"\)/gm,
  );
  return Array.from(statements, ([, from, effect, dynamic]) => ({
    file,
    specifier: from ?? effect ?? dynamic ?? "",
  }));
}

function packageOf(specifier: string): string {
  const [scope = "", name = ""] = specifier.split("/");
  return scope.startsWith("@") ? `${scope}/${name}` : scope;
}

function isAllowed({ file, specifier }: Import, layer: Layer): boolean {
  if (specifier.startsWith(".")) {
    const target = layerOf(path.relative(SRC, path.resolve(SRC, path.dirname(file), specifier)));
    return target === layerOf(file) || layer.folders.includes(target);
  }
  if (isBuiltin(specifier)) return layer.nodeModules.includes(specifier);
  return layer.packages.includes(packageOf(specifier));
}

describe.each(Object.entries(LAYERS))("%s", (name, layer) => {
  const files = FILES.filter((file) => layerOf(file) === name);

  test("imports only what its layer may", () => {
    const guilty = files
      .flatMap(importsOf)
      .filter((imported) => !isAllowed(imported, layer))
      .map(({ file, specifier }) => `src/${file} imports ${specifier}`);
    expect(guilty).toEqual([]);
  });

  test.runIf(layer.pure)("reads no clock, no randomness, no process, no console", () => {
    const impure =
      /\b(?:Date\.now|performance\.now|new Date\(\)|Math\.random|randomBytes|randomUUID|process\.|console\.|setTimeout|setInterval)/;
    const guilty = files.filter((file) => {
      const code = readFileSync(path.join(SRC, file), "utf8").replace(
        /\/\*[^]*?\*\/|\/\/.*$/gm,
        "",
      );
      return impure.test(code);
    });
    expect(guilty).toEqual([]);
  });
});

test("every file of src/ belongs to a layer", () => {
  expect(FILES.filter((file) => LAYERS[layerOf(file)] === undefined)).toEqual([]);
});

/** The folders of src/replay/, each importing only those before it; what both sides use lies beside them. */
const REPLAY_FOLDERS = ["script", "match", "play", "derive", "verdict", "serve", "client"];

test("the folders of replay/ import one way", () => {
  const rank = (file: string): number => REPLAY_FOLDERS.indexOf(file.split(path.sep)[1] ?? "");
  const guilty = FILES.filter((file) => layerOf(file) === "replay")
    .flatMap(importsOf)
    .filter(({ file, specifier }) => {
      if (!specifier.startsWith(".")) return false;
      const target = path.relative(SRC, path.resolve(SRC, path.dirname(file), specifier));
      return layerOf(target) === "replay" && rank(target) > rank(file);
    })
    .map(({ file, specifier }) => `src/${file} imports ${specifier}`);
  expect(guilty).toEqual([]);
});

test("the folders of exchange/ know nothing of each other; what several of them use lies beside them", () => {
  const folderOf = (file: string): string | null => {
    const [, folder = "", ...inside] = file.split(path.sep);
    return inside.length > 0 ? folder : null;
  };
  const guilty = FILES.filter((file) => layerOf(file) === "exchange")
    .flatMap(importsOf)
    .filter(({ file, specifier }) => {
      if (!specifier.startsWith(".")) return false;
      const target = path.relative(SRC, path.resolve(SRC, path.dirname(file), specifier));
      if (layerOf(target) !== "exchange") return false;
      return folderOf(target) !== null && folderOf(target) !== folderOf(file);
    })
    .map(({ file, specifier }) => `src/${file} imports ${specifier}`);
  expect(guilty).toEqual([]);
});

test("no file of replay/ imports itself in a circle", () => {
  const files = FILES.filter((file) => layerOf(file) === "replay");
  const targets = new Map(
    files.map((file) => [
      file,
      importsOf(file)
        .filter(({ specifier }) => specifier.startsWith("."))
        .map(({ specifier }) =>
          path.relative(SRC, path.resolve(SRC, path.dirname(file), specifier)),
        ),
    ]),
  );
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(" > "));
    if (done.has(file)) return;
    done.add(file);
    for (const target of targets.get(file) ?? []) visit(target, [...way, file]);
  };
  for (const file of files) visit(file, []);
  expect(circles).toEqual([]);
});

test("only the loader of measured profiles reads files in gateway/", () => {
  const readers = FILES.filter((file) => layerOf(file) === "gateway")
    .flatMap(importsOf)
    .filter(({ specifier }) => specifier === "node:fs")
    .map(({ file }) => file);
  expect(readers).toEqual([path.join("gateway", "measured-profiles.ts")]);
});

test("only tui/screen.ts imports blessed", () => {
  const importers = FILES.flatMap(importsOf).filter(
    ({ specifier }) => packageOf(specifier) === "blessed",
  );
  expect(
    importers.map(({ file }) => file).filter((file) => file !== path.join("tui", "screen.ts")),
  ).toEqual([]);
});
