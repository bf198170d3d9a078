// Makes one file for the browser of what runs in a report's page. It will stand inside a <script> element, which it must not end.
import { rolldown } from "rolldown";

const bundle = await rolldown({ input: "src/page/report.ts" });
const { output } = await bundle.write({
  file: "dist/page/report.js",
  format: "iife",
  minify: true,
});
await bundle.close();
if (/<\/script|<!--/i.test(output[0].code)) throw new Error("the script would end its own element");
