// What the measurements say: medians, ratios round by round, and which goals are met.

const OWN = "gw-trace";
const OTHER_OWN = "gw-trace, default";

const COLUMNS = [
  { title: "round trip, p50", phase: "round trip", field: "p50", unit: " µs", digits: 1 },
  { title: "p99", phase: "round trip", field: "p99", unit: " µs", digits: 0 },
  { title: "200 B", phase: "200 B", field: "perSecond", unit: " msg/s", digits: 0 },
  { title: "16 KB", phase: "16 KB", field: "megabytes", unit: " MB/s", digits: 0 },
  { title: "disk, 200 B", phase: "200 B", field: "bytesPerMessage", unit: " B", digits: 0 },
  { title: "disk, 16 KB", phase: "16 KB", field: "bytesPerMessage", unit: " B", digits: 0 },
  { title: "cpu, 200 B", phase: "200 B", field: "cpuMicroseconds", unit: " µs", digits: 1 },
  { title: "cpu, 16 KB", phase: "16 KB", field: "cpuMicroseconds", unit: " µs", digits: 0 },
  { title: "closing, 16 KB", phase: "16 KB", field: "closingSeconds", unit: " s", digits: 1 },
];

/** Against whom, in which column, and how much at most or at least. */
const GOALS = [
  ["bare relay", "round trip, p50", "≤", 1.15],
  ["bare relay", "200 B", "≥", 0.9],
  ["bare relay", "16 KB", "≥", 0.85],
  ["obvious way", "round trip, p50", "≤", 0.7],
  ["obvious way", "200 B", "≥", 2],
  ["obvious way", "16 KB", "≥", 1.5],
  ["obvious way", "disk, 200 B", "≤", 0.25],
  ["obvious way", "disk, 16 KB", "≤", 0.25],
  ["mitmdump -w", "round trip, p50", "≤", 0.3],
  ["mitmdump -w", "200 B", "≥", 20],
  ["mitmdump -w", "16 KB", "≥", 3],
  ["mitmdump -w", "disk, 200 B", "≤", 0.25],
  ["mitmdump -w", "disk, 16 KB", "≤", 0.25],
];

const MAX_MEGABYTES = 150;

export function cell(value, digits) {
  return value === null || value === undefined ? "–" : value.toFixed(digits);
}

function median(values) {
  const sorted = values
    .filter((value) => value !== null && value !== undefined)
    .toSorted((a, b) => a - b);
  return sorted.length === 0 ? null : sorted[Math.floor(sorted.length / 2)];
}

function valuesOf(results, name, { phase, field }) {
  return results.filter((r) => r.name === name && r.phase === phase).map((r) => r[field] ?? null);
}

/** The highest of all runs, not a median: a bound is a bound. */
function peakOf(results, name) {
  return Math.max(...results.filter((r) => r.name === name).map((r) => r.megabytesPeak ?? 0));
}

/** Rounds in pairs, since a machine is faster in one minute than in the next. */
function ratioTo(results, name, column) {
  const others = valuesOf(results, name, column);
  const ratios = valuesOf(results, OWN, column).map((value, i) =>
    value === null || !others[i] ? null : value / others[i],
  );
  return median(ratios);
}

function printTable(head, rows) {
  console.log(`\n| ${head.join(" | ")} |`);
  console.log(`| --- |${" ---: |".repeat(head.length - 1)}`);
  for (const row of rows) console.log(`| ${row.join(" | ")} |`);
}

export function reportMedians(names, results) {
  const rows = names.map((name) => {
    const cells = COLUMNS.map((column) => {
      const value = median(valuesOf(results, name, column));
      return value === null ? "–" : `${cell(value, column.digits)}${column.unit}`;
    });
    const missed = results.filter((r) => r.name === name).reduce((sum, r) => sum + r.missed, 0);
    const peak = peakOf(results, name);
    return [name, ...cells, peak === 0 ? "–" : `${cell(peak, 0)} MB`, String(missed)];
  });
  const titles = COLUMNS.map(({ title }) => title);
  printTable(["median", ...titles, "peak memory (highest)", "missed (all rounds)"], rows);
}

export function reportRatios(names, results) {
  if (!names.includes(OWN)) return;
  const rows = names
    .filter((name) => name !== OWN)
    .map((name) => {
      const ratios = COLUMNS.map((column) => ratioTo(results, name, column));
      return [name, ...ratios.map((ratio) => (ratio === null ? "–" : `${ratio.toFixed(2)}x`))];
    });
  printTable(["gw-trace against", ...COLUMNS.map(({ title }) => title)], rows);
}

export function reportGoals(names, results) {
  if (!names.includes(OWN)) return;
  const rows = GOALS.filter(([against]) => names.includes(against)).map(
    ([against, title, sign, limit]) => {
      const column = COLUMNS.find((one) => one.title === title);
      const ratio = ratioTo(results, against, column);
      const isMet = ratio !== null && (sign === "≤" ? ratio <= limit : ratio >= limit);
      const verdict = ratio === null ? "not measured" : isMet ? "met" : "missed";
      return [against, title, `${sign} ${limit}x`, `${cell(ratio, 2)}x`, verdict];
    },
  );
  for (const name of [OWN, OTHER_OWN].filter((one) => names.includes(one))) {
    const peak = peakOf(results, name);
    const verdict = peak < MAX_MEGABYTES ? "met" : "missed";
    rows.push([name, "peak memory", `< ${MAX_MEGABYTES} MB`, `${cell(peak, 0)} MB`, verdict]);
  }
  printTable(["against", "what", "goal", "measured", ""], rows);
}
