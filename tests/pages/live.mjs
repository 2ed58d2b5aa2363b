// The page as `ordinance review` serves it: it follows the files, and a reader loses no place.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

// The address, once it is served; `end` ends it, and says how it ended.
export async function review(ordinance, repository) {
  const child = spawn(ordinance, ["review", "--repository", repository, "--now", "2026-11-22"], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise(resolve => child.once("exit", code => resolve(code)));
  const address = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    ended.then(code => reject(new Error(`it ended with ${code}`)));
  });
  return { address, end: () => { child.kill("SIGINT"); return ended; } };
}

export function tests(test, browser, axe, ordinance, repository) {
  const edit = (path, from, to) => {
    const file = join(repository, path), text = readFileSync(file, "utf8");
    assert.ok(text.includes(from), `${path} has no ${from}`);
    writeFileSync(file, text.replace(from, to));
  };
  const root = "intents/no-root.yaml";

  test("a served page follows the files and keeps the reader's place", async () => {
    const served = await review(ordinance, repository);
    try {
      const context = await browser.newContext({ viewport: { width: 1280, height: 700 } });
      const tab = await context.newPage();
      const asked = [], said = [];
      tab.on("request", request => asked.push(request.url()));
      tab.on("console", message => said.push(message.text()));
      tab.on("pageerror", error => said.push(String(error)));
      await tab.goto(served.address);
      await tab.waitForFunction(() => document.querySelectorAll("#table tbody tr").length > 1);
      const version = () => tab.getAttribute("#live", "data-page");
      const follows = async act => {
        const before = await version();
        act();
        await tab.waitForFunction(was => document.getElementById("live")?.dataset.page !== was && performance.getEntriesByName("ordinance-live").length, before, { timeout: 60_000 });
      };
      // A reader has filtered, sorted, opened, closed and scrolled.
      await tab.fill("#words", "e");
      await tab.uncheck("input[value=tightens]");
      await tab.click("th[data-key=title] button");
      await tab.click("th[data-key=title] button");
      const stem = id => id.replace(/-[0-9a-f]+$/, "");
      await tab.locator("details.change").first().locator("summary").click();
      const last = tab.locator("details.change").last();
      await last.locator("summary").click();
      await tab.locator("#each").evaluate(one => one.scrollIntoView());
      await tab.waitForTimeout(100);
      const place = () => tab.locator("#each").evaluate(one => Math.round(one.getBoundingClientRect().top));
      const open = () => tab.$$eval("details[open]", all => all.map(one => one.id));
      const [was, opened] = [await place(), (await open()).map(stem)];
      await follows(() => edit("intents/legacy.yaml", "invoices]", "invoices, receipts]"));
      await tab.waitForTimeout(100);
      assert.equal(await tab.inputValue("#words"), "e");
      assert.ok(!(await tab.isChecked("input[value=tightens]")));
      assert.ok(await tab.isChecked("input[value=loosens]"));
      assert.equal(await tab.getAttribute("th[data-key=title]", "aria-sort"), "descending");
      assert.deepEqual((await open()).map(stem), opened, "also what says something else now");
      assert.ok(Math.abs(await place() - was) <= 2, `it stands at ${await place()}, not ${was}`);

      // Wrong for a moment: said, above what was there, and gone again.
      const before = await version();
      edit(root, "action: warn", "action: <img src=x>");
      await tab.locator("#live").waitFor({ state: "visible", timeout: 60_000 });
      assert.match(await tab.textContent("#live pre"), /no-root\.yaml:\d+[^]*<img src=x>/);
      assert.equal(await tab.locator("#live img").count(), 0);
      assert.equal(await version(), before, "the review from before stays");
      for (const colorScheme of ["light", "dark"]) {
        await tab.emulateMedia({ colorScheme });
        // The page lets nothing be run that is not its own.
        const { violations } = await tab.evaluate(`(() => { const module = undefined; ${axe}; return window.axe.run(); })()`);
        assert.deepEqual(violations.map(one => `${one.id}: ${one.nodes[0].html.slice(0, 200)}`), [], colorScheme);
      }
      const other = await context.newPage();
      await other.goto(served.address);
      assert.ok(await other.isVisible("#live pre"), "who comes now is told as well");
      edit(root, "action: <img src=x>", "action: warn");
      await tab.locator("#live").waitFor({ state: "hidden", timeout: 60_000 });
      await other.locator("#live").waitFor({ state: "hidden", timeout: 60_000 });
      assert.equal(await version(), before);

      assert.deepEqual(asked.filter(url => !url.startsWith(served.address)), [], "nobody else is asked");
      assert.deepEqual(said, []);
      assert.equal(await served.end(), 0);
      await tab.locator("#live").waitFor({ state: "visible" });
      assert.match(await tab.textContent("#live p"), /no longer served/);
    } finally { await served.end(); }
  });
}
