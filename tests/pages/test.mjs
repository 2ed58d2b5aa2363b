// What the review page does in a browser: `node test.mjs CHROMIUM FOLDER PICTURES ORDINANCE DOCS`.
import assert from "node:assert/strict";
import { readFileSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { tests as liveTests } from "./live.mjs";
import { pictures } from "./look.mjs";
import { tests as shotTests } from "./shots.mjs";

const [executablePath, folder, out, ordinance, docs] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const rougher = await chromium.launch({ executablePath, args: ["--no-sandbox", "--font-render-hinting=none", "--disable-font-subpixel-positioning"] });
const file = name => `file://${join(folder, `${name}.html`)}`;
const tests = [];
const test = (name, run) => tests.push([name, run]);

// A page, and whatever it asks for or complains about.
async function open(name, { hash = "", ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme: "light", ...options });
  const tab = await context.newPage();
  const asked = [], said = [];
  tab.on("request", request => asked.push(request.url()));
  tab.on("console", message => said.push(message.text()));
  tab.on("pageerror", error => said.push(String(error)));
  await tab.goto(file(name) + hash);
  return { tab, context, asked, said };
}
const shown = tab => tab.$$eval("#table tbody tr", rows => rows.filter(row => !row.hidden).map(row => row.cells[2].textContent));
// What a link leads to is opened once the browser has said where it is.
const seen = locator => locator.first().waitFor({ state: "visible" });
const focused = tab => tab.evaluate(() => document.activeElement.textContent);

test("the filter keeps the rows with all words, and says how many", async () => {
  const { tab } = await open("sample");
  await tab.fill("#words", "namespaces BILLING");
  assert.deepEqual(await shown(tab), ["limits"]);
  assert.equal(await tab.textContent("#shown"), "1 of 3 shown");
  assert.equal(await tab.getAttribute("#shown", "role"), "status");
  await tab.fill("#words", "c01");
  assert.deepEqual(await shown(tab), ["limits", "no-root"], "the changes of a cluster");
  await tab.fill("#words", "nothing-is-called-so");
  assert.ok(await tab.isVisible("#none"));
  await tab.click("#clear");
  assert.equal((await shown(tab)).length, 3);
});

test("directions can be left out", async () => {
  const { tab } = await open("sample");
  await tab.uncheck("input[value=tightens]");
  assert.deepEqual(await shown(tab), ["limits"]);
  assert.ok(await tab.isDisabled("input[value=neutral]"), "there is none");
});

test("headings sort, both ways, and say so", async () => {
  const { tab } = await open("sample");
  const sort = () => tab.$$eval("thead th", heads => heads.slice(0, 5).map(head => head.getAttribute("aria-sort")));
  assert.deepEqual(await sort(), ["ascending", null, null, null, null]);
  await tab.click("th[data-key=title] button");
  assert.deepEqual(await shown(tab), ["limits", "new clusters", "no-root"]);
  await tab.locator("th[data-key=title] button").press("Enter");
  assert.deepEqual(await shown(tab), ["no-root", "new clusters", "limits"]);
  assert.deepEqual(await sort(), [null, null, "descending", null, null]);
  await tab.click("th[data-key=clusters] button");
  assert.deepEqual(await shown(tab), ["no-root", "limits", "new clusters"]);
});

test("a link opens its part", async () => {
  const { tab } = await open("sample");
  const id = await tab.$$eval("details.change", all => all.at(-1).id);
  assert.equal(await tab.locator(`#${id}`).getAttribute("open"), null);
  const linked = await open("sample", { hash: `#${id}` });
  await seen(linked.tab.locator(`#${id} figure`));
  await linked.tab.evaluate(() => { location.hash = "cluster-c05"; });
  await seen(linked.tab.locator("#cluster-c05"));
  await tab.click(`a[href="#${id}"]`);
  await seen(tab.locator(`#${id} figure`));
});

test("a row of the map opens to its changes, and a cell leads to one", async () => {
  const { tab } = await open("middle");
  const first = tab.locator("#groups > li").first();
  await first.locator(".who").click();
  const links = await first.locator(".what a").allTextContents();
  assert.ok(links.length > 3);
  await first.locator(".what a").first().click();
  await tab.waitForFunction(() => location.hash === `#${document.querySelector("details.change").id}`);
  await tab.fill("#names", "prod-eu-west-000");
  assert.equal(await tab.locator("#groups > li:visible").count(), 1);
  await tab.fill("#names", "");
  const strip = tab.locator("#groups .strip").first();
  const columns = await tab.locator("details.change").count();
  const box = await strip.boundingBox();
  await strip.hover({ position: { x: box.width / columns / 2, y: box.height / 2 } });
  assert.match(await tab.textContent("#readout"), /^1 · .* · loosens on /);
  await tab.evaluate(() => { location.hash = ""; });
  await strip.click({ position: { x: box.width / columns / 2, y: box.height / 2 } });
  await tab.waitForFunction(() => location.hash.startsWith("#change-"));
});

test("keys: / filters, j and k and arrows move, Enter opens, Escape goes back", async () => {
  const { tab } = await open("sample");
  await tab.keyboard.press("/");
  assert.equal(await tab.evaluate(() => document.activeElement.id), "words");
  await tab.keyboard.type("no-");
  await tab.keyboard.press("Escape");
  assert.equal(await tab.inputValue("#words"), "");
  await tab.keyboard.press("ArrowDown");
  assert.equal(await focused(tab), "limits");
  await tab.keyboard.press("j");
  await tab.keyboard.press("j");
  assert.equal(await focused(tab), "no-root");
  await tab.keyboard.press("k");
  await tab.keyboard.press("ArrowDown");
  const outline = await tab.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.equal(outline, "solid", "the focus is seen");
  await tab.keyboard.press("Enter");
  await tab.waitForFunction(() => document.activeElement.matches("details[open].change summary"));
  await tab.keyboard.press("Escape");
  assert.equal(await focused(tab), "no-root");
});

test("light and dark: as the system, and by choice", async () => {
  const paper = tab => tab.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await open("sample");
  const dark = await open("sample", { colorScheme: "dark" });
  const [day, night] = [await paper(light.tab), await paper(dark.tab)];
  assert.notEqual(day, night);
  await light.tab.click("#theme");
  assert.equal(await paper(light.tab), day);
  await light.tab.click("#theme");
  assert.equal(await paper(light.tab), night);
  await light.tab.reload();
  assert.equal(await paper(light.tab), night, "it is remembered");
});

test("on paper everything is open", async () => {
  const { tab } = await open("sample", { javaScriptEnabled: false });
  const last = tab.locator("details.change").last().locator("figure");
  assert.ok(!(await last.isVisible()));
  await tab.emulateMedia({ media: "print" });
  await seen(last);
  assert.ok((await tab.pdf()).length > 10_000);
});

test("without a script the table, the map and the texts are there", async () => {
  const { tab } = await open("sample", { javaScriptEnabled: false });
  assert.equal((await shown(tab)).length, 3);
  assert.equal(await tab.locator("#groups .strip path").count(), 4);
  assert.ok(await tab.locator(".sides").first().isVisible());
  assert.ok(!(await tab.isVisible("#words")), "nothing is offered that does nothing");
});

test("dates are seen on a line, told in a table, and linked with changes", async () => {
  const { tab } = await open("example");
  assert.match(await tab.getAttribute(".line", "aria-label"), /^\d+ dates from 2026-11-22 to 2027-02-20/);
  const marks = await tab.locator(".line .mark-of").count();
  const rows = await tab.locator("#days tbody tr").count();
  assert.ok(marks >= 3 && rows >= marks, `${marks} marks, ${rows} rows`);
  assert.ok((await tab.locator("#days tbody").textContent()).includes("grace ends"));
  // From a date to its change, and back.
  const link = tab.locator("#days a").first();
  const change = (await link.getAttribute("href")).slice(1);
  await link.click();
  await seen(tab.locator(`#${change} .when a`));
  await tab.locator(`#${change} .when a`).first().click();
  await seen(tab.locator("#days tr:target"));
  for (const width of [1280, 390]) {
    await tab.setViewportSize({ width, height: 900 });
    const words = await tab.$$eval(".line > text:not(.mark-of)", all => all.map(one => one.getBoundingClientRect()).filter(box => box.width).map(box => [box.left, box.right]));
    words.sort((a, b) => a[0] - b[0]);
    words.forEach(([left], at) => assert.ok(!at || left >= words[at - 1][1], `words overlap at ${width}`));
  }
});

for (const page of ["sample", "middle", "none", "real", "example"]) {
  for (const colorScheme of ["light", "dark"]) {
    test(`everybody can use it: ${page}, ${colorScheme}`, async () => {
      const { tab } = await open(page, { colorScheme });
      for (const width of [1280, 390]) {
        await tab.setViewportSize({ width, height: 900 });
        await tab.evaluate(() => { for (const one of document.querySelectorAll("details")) one.open = true; });
        const { violations } = await tab.evaluate(`(() => { const module = undefined; ${axe}; return window.axe.run(); })()`);
        const said = violations.map(one => `${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map(node => node.html.slice(0, 200)).join(" | ")}`);
        assert.deepEqual(said, [], `at ${width}`);
        const wider = await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wider <= 0, `it is ${wider} px wider than ${width}`);
      }
    });
  }
}

test("nothing is asked for, and nothing complains", async () => {
  for (const page of ["sample", "middle", "big", "none", "real", "example"]) {
    const { tab, asked, said } = await open(page);
    if (await tab.locator("#open-all").count()) await tab.click("#open-all");
    await tab.waitForTimeout(200);
    assert.deepEqual(asked, [file(page)]);
    assert.deepEqual(said, []);
  }
});

test("a thousand clusters and two hundred changes are ready soon", async () => {
  const times = [];
  for (let round = 0; round < 5; round++) {
    const { tab, context } = await open("big");
    times.push(await tab.evaluate(() => performance.getEntriesByName("ordinance-ready")[0].startTime));
    if (round === 4) {
      const took = await tab.evaluate(() => {
        const began = performance.now();
        const words = document.getElementById("words");
        words.value = "root";
        words.dispatchEvent(new Event("input"));
        document.body.offsetHeight;
        return performance.now() - began;
      });
      console.log(`  to filter: ${Math.round(took)} ms`);
    }
    await context.close();
  }
  times.sort((a, b) => a - b);
  const bytes = statSync(join(folder, "big.html")).size;
  console.log(`  ${bytes} bytes, interactive after ${times.map(Math.round).join(", ")} ms`);
  // The aim is a second; a machine that does much else may be slower without anything being wrong.
  assert.ok(times[2] < 4000);
});

liveTests(test, browser, axe, ordinance, join(folder, "example"));
rmSync(out, { recursive: true, force: true });
shotTests(test, browser, rougher, file("example"), docs, out);

let failed = 0;
for (const [name, run] of tests) {
  try {
    await run();
    console.log(`ok ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAILED ${name}\n${error.stack}`);
  }
  for (const context of browser.contexts()) await context.close();
}
await pictures(browser, folder, out, ["sample", "middle", "big", "example"]);
console.log(`pictures: ${out}`);
await browser.close();
await rougher.close();
console.log(failed ? `${failed} of ${tests.length} failed` : `all ${tests.length} passed`);
process.exit(failed ? 1 : 0);
