/** How the page looks: light or dark as the reader's system is, from 320 pixels up, and on paper. Holds no URL. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --back: #ffffff; --raised: #f6f8fa; --text: #1f2328; --muted: #59636e; --line: #d1d9e0; --link: #0758b8;
  --bad: #b3201a; --bad-back: #fff1f0; --warn: #7a4d00; --warn-back: #fff8e5; --good: #116329; --client: #0758b8; --gateway: #6639ba;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #0d1117; --raised: #161b22; --text: #e6edf3; --muted: #9da7b3; --line: #3d444d; --link: #6cb1ff;
    --bad: #ff8b82; --bad-back: #2b1413; --warn: #e3b341; --warn-back: #272012; --good: #56d364; --client: #6cb1ff; --gateway: #c297ff;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html { scroll-padding-top: 5rem; }
body {
  margin: 0 auto; max-width: 72rem; padding: 1rem; background: var(--back); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; overflow-wrap: anywhere;
}
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .75rem; }
h2 { font-size: 1.3rem; margin: 2.5rem 0 .75rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 0 0 .5rem; }
a { color: var(--link); }
a:focus-visible, summary:focus-visible, button:focus-visible, input:focus-visible, .wide:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
code, .json, .no, .at { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; font-size: .875em; }
small { display: block; color: var(--muted); font-size: .8125rem; font-weight: normal; }
.kind, .meta, .legend { color: var(--muted); font-size: .875rem; margin: .25rem 0 .5rem; }
.left-out { color: var(--muted); font-style: italic; }
.bad { color: var(--bad); }
.good { color: var(--good); }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .25rem 1rem; margin: .5rem 0; }
dt { color: var(--muted); }
dd { margin: 0; }
.facts { font-size: .9375rem; margin: 1rem 0; }
.facts .recording { font-weight: 600; }
.facts .missing { color: var(--bad); font-weight: 600; }
.note { border: 1px solid var(--line); border-left: 4px solid var(--muted); background: var(--raised); padding: .5rem .75rem; border-radius: 4px; font-size: .9375rem; }
.note.clear { border-color: var(--bad); background: var(--bad-back); }
.summary { padding-left: 1.25rem; }
.summary .error, .error .badge { color: var(--bad); }
.summary .warning, .warning .badge { color: var(--warn); }
.finding { border: 1px solid var(--line); border-left: 4px solid var(--muted); border-radius: 6px; padding: .75rem 1rem; margin: 0 0 1rem; }
.finding.error { border-left-color: var(--bad); }
.finding.warning { border-left-color: var(--warn); }
.finding.error, .finding.warning { background: var(--raised); }
.badge { border: 1px solid currentcolor; border-radius: 999px; padding: 0 .5rem; font-size: .8125rem; font-weight: 600; color: var(--muted); margin-right: .25rem; }
.wide { overflow-x: auto; margin: .75rem 0; }
table { border-collapse: collapse; width: 100%; font-size: .9375rem; }
caption { text-align: left; font-weight: 600; padding: 0 0 .35rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); overflow-wrap: break-word; min-width: 2rem; }
thead th { color: var(--muted); font-weight: 600; border-bottom-width: 2px; }
tbody th { font-weight: 600; }
td code { white-space: pre; }
.verdict { font-weight: 600; }
h3 .verdict { font-weight: 600; font-size: .875rem; border: 1px solid currentcolor; border-radius: 999px; padding: .05rem .5rem; white-space: nowrap; }
#filter { background: var(--back); border-bottom: 1px solid var(--line); padding: .6rem 0; display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; }
#filter label { font-weight: 600; }
#filter input { flex: 1 1 14rem; min-width: 0; }
#filter input[aria-invalid="true"] { border-color: var(--bad); }
#filter-status { margin-right: auto; color: var(--muted); font-size: .875rem; }
#filter-status.bad { color: var(--bad); }
#filter-help { font-size: .875rem; }
#filter-help[open] { flex-basis: 100%; }
#filter-help p { margin: .25rem 0; }
input, button { font: inherit; font-size: .9375rem; color: var(--text); background: var(--raised); border: 1px solid var(--muted); border-radius: 6px; padding: .3rem .6rem; }
button { cursor: pointer; }
.connection { border: 1px solid var(--line); border-radius: 6px; padding: .9rem 1rem; margin: 0 0 1.25rem; }
.story { margin: .5rem 0; }
.ends { display: flex; justify-content: space-between; margin: .75rem 0 0; padding-left: 9.5rem; font-weight: 600; font-size: .9375rem; gap: 1rem; }
.ends span:first-child { color: var(--client); }
.ends span:last-child { color: var(--gateway); text-align: right; }
.ladder { list-style: none; margin: 0; padding: 0; }
.step summary { display: grid; grid-template-columns: 3.5rem 5.5rem minmax(0, 1fr); gap: 0 .25rem; cursor: pointer; list-style: none; }
.step summary::-webkit-details-marker { display: none; }
.step summary:hover .rung { background: var(--raised); }
.no, .at { color: var(--muted); padding-top: .4rem; }
.at { text-align: right; padding-right: .5rem; }
.rung { position: relative; border: 0 solid var(--client); border-left-width: 2px; border-right: 2px solid var(--gateway); padding: .35rem .9rem .5rem; }
.label { display: block; }
.type, .took { color: var(--muted); }
.result { color: var(--text); }
.step.bad .result, .step.bad .label b { color: var(--bad); }
.step.bad .result { font-weight: 600; }
.from-gateway .label { text-align: right; }
.rung::before { content: ""; position: absolute; left: 0; right: 0; bottom: .2rem; border-bottom: 2px solid var(--client); }
.rung::after { content: ""; position: absolute; bottom: calc(.2rem - 4px); border: 5px solid transparent; }
.from-client .rung::after { right: 0; border-left: 8px solid var(--client); border-right: 0; }
.from-gateway .rung::before { border-color: var(--gateway); }
.from-gateway .rung::after { left: 0; border-right: 8px solid var(--gateway); border-left: 0; }
.soft .rung::before { border-bottom-style: dashed; border-bottom-width: 1px; }
.bad.from-gateway .rung::before { border-color: var(--bad); }
.bad.from-gateway .rung::after { border-right-color: var(--bad); }
.bar .rung::before { border-bottom: 4px double var(--muted); }
.bar .rung::after { display: none; }
.bar .label { text-align: center; color: var(--muted); }
.bar .label b { font-weight: 400; }
.ladder .pause, .ladder .left-out { margin-left: 9.5rem; padding: .35rem; text-align: center; font-size: .8125rem; color: var(--muted); border: solid var(--line); border-width: 0 2px; border-style: dashed; font-style: italic; }
.step:target .rung, .finding:target, .connection:target { background: var(--warn-back); outline: 2px solid var(--warn); }
.frame { margin: 0 0 .5rem 9.5rem; border: 1px solid var(--line); border-radius: 0 0 6px 6px; background: var(--raised); padding: .5rem .75rem; }
.frame .meta { margin: 0 0 .35rem; }
.json { line-height: 1.45; white-space: pre-wrap; }
.json .in { padding-left: 1.25rem; }
.json b { font-weight: 600; }
.json summary { cursor: pointer; }
@media (max-width: 40rem) {
  body { padding: .75rem; }
  dl { grid-template-columns: minmax(0, 1fr); gap: 0; }
  dd { margin-bottom: .4rem; }
  .facts dt, .finding dt { font-size: .8125rem; }
  .step summary { grid-template-columns: auto 1fr; }
  .no, .at { padding-top: .35rem; }
  .at { text-align: left; }
  .many { min-width: 40rem; }
  .rung { grid-column: 1 / -1; }
  .ends { padding-left: 0; }
  .ladder .pause, .ladder .left-out, .frame { margin-left: 0; }
  .connection { padding: .75rem .6rem; }
}
@media (min-width: 40.01rem) and (min-height: 30rem) {
  #filter { position: sticky; top: 0; z-index: 1; }
}
@media print {
  :root {
    --back: #fff; --raised: #fff; --text: #000; --muted: #444; --line: #bbb; --link: #000;
    --bad: #a00; --bad-back: #fff; --warn: #640; --warn-back: #fff; --good: #040; --client: #036; --gateway: #417;
  }
  body { max-width: none; padding: 0; font-size: 10pt; }
  #filter { display: none !important; }
  .wide { overflow: visible; }
  .finding, .step, tr { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
}
`;
