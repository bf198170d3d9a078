import type { Subject } from "../filter/fields.ts";
import { matchesFilter, type Filter } from "../filter/filter.ts";
import { Occurring } from "../filter/occurring.ts";
import { parseFilter } from "../filter/parse.ts";
import type { FilterProblem } from "../filter/tokens.ts";

/**
 * What runs in the page of `gw-trace report --html`: the filter box and the folding. It is the project's own filter language,
 * compiled for the browser. It changes what is shown and nothing else; all text is on the page before it runs.
 */

interface Step {
  readonly element: HTMLElement;
  readonly subject: Subject;
}

const form = document.querySelector<HTMLFormElement>("#filter");
const input = document.querySelector<HTMLInputElement>("#expression");
const status = document.querySelector<HTMLElement>("#filter-status");
const steps = [...document.querySelectorAll<HTMLElement>("li[data-facts]")].map(readStep);

function readStep(element: HTMLElement): Step {
  const facts: Partial<Subject> = JSON.parse(element.dataset["facts"] ?? "{}");
  const absent = { method: null, event: null, id: null, ok: null, client: null, role: null };
  const text = () => element.textContent ?? "";
  const rest = { conn: 0, sizeBytes: 0, latencyMs: null, code: [], scope: [], finding: [], text };
  return { element, subject: { from: "client", type: "connection", ...absent, ...rest, ...facts } };
}

function apply(): void {
  const expression = input?.value.trim() ?? "";
  if (expression === "") {
    show(null);
    say(`${count(steps.length)} on this page`, false);
    return;
  }
  const parsed = parseFilter(expression);
  const problem = parsed.ok ? misspelt(parsed.filter) : parsed.problem;
  if (problem !== null) say(`position ${problem.position}: ${problem.message}`, true);
  else if (parsed.ok)
    say(`${show(parsed.filter)} of ${count(steps.length)} on this page match`, false);
}

function misspelt(filter: Filter): FilterProblem | null {
  const occurring = new Occurring(filter);
  for (const { subject } of steps) occurring.look(subject);
  return occurring.problem();
}

/** Shows the steps that match, and of the rest of the page what is about their connections. Returns how many match. */
function show(filter: Filter | null): number {
  const connections = new Set<string>();
  let matched = 0;
  for (const { element, subject } of steps) {
    const matches = filter === null || matchesFilter(filter, subject);
    element.hidden = !matches;
    if (!matches) continue;
    matched += 1;
    connections.add(connectionOf(element));
  }
  for (const element of document.querySelectorAll<HTMLElement>("[data-of]")) {
    const of = element.dataset["of"] ?? "";
    element.hidden = filter !== null && of !== "" && !connections.has(of);
  }
  for (const element of document.querySelectorAll<HTMLElement>("li.pause"))
    element.hidden = filter !== null;
  return matched;
}

function connectionOf(element: HTMLElement): string {
  return element.closest<HTMLElement>(".connection")?.dataset["of"] ?? "";
}

function say(text: string, isProblem: boolean): void {
  if (status !== null) status.textContent = text;
  status?.classList.toggle("bad", isProblem);
  input?.setAttribute("aria-invalid", String(isProblem));
}

function count(frames: number): string {
  return `${frames.toLocaleString("en-US")} ${frames === 1 ? "step" : "steps"}`;
}

function fold(open: boolean): void {
  for (const { element } of steps) {
    const details = element.querySelector("details");
    if (details !== null && !element.hidden) details.open = open;
  }
}

/** Unfolds the step that a link leads to, and shows it where a filter hides it. */
function followLink(): void {
  const target = document.getElementById(location.hash.slice(1));
  if (target === null) return;
  if (input !== null && target.closest("[hidden]") !== null) {
    input.value = "";
    apply();
  }
  const details = target.querySelector("details");
  if (target.matches(".step") && details !== null) details.open = true;
  target.scrollIntoView();
}

if (form !== null) form.hidden = false;
form?.addEventListener("submit", (event) => event.preventDefault());
input?.addEventListener("input", apply);
document.querySelector("#unfold")?.addEventListener("click", () => fold(true));
document.querySelector("#fold")?.addEventListener("click", () => fold(false));
addEventListener("hashchange", followLink);
apply();
followLink();
