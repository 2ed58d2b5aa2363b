// Pictures of the worked example's review, for docs/review.md, compared with those that are committed.
//
// They are compared as squares of 8 × 8 pixels by mean luminance, from 0 to 1. No square may differ by
// more than 0.25, and all of them on average by no more than 0.012: the same fonts otherwise hinted make
// 0.16 and 0.006, another row or another number in large type 0.42 and more. A word in small type may
// pass; what words there are, other tests ask. Controls below show all of this.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const SQUARE = 8, MOST = 0.25, MEAN = 0.012, BYTES = 200_000;
const blessing = process.env.ORDINANCE_BLESS === "1";
const top = () => scrollTo(0, 0);
const views = [
  { name: "light", width: 1280, height: 900, scheme: "light", show: top },
  { name: "dark", width: 1280, height: 900, scheme: "dark", show: () => scrollTo(0, document.getElementById("clusters").offsetTop + 12) },
  { name: "change", width: 1280, height: 900, scheme: "light", show: () => document.querySelector("details.change").scrollIntoView() },
  { name: "narrow", width: 390, height: 844, scheme: "light", show: top },
  { name: "print", width: 1100, height: 900, scheme: "light", media: "print", show: top },
];

async function taken(browser, url, view, change = () => {}) {
  const context = await browser.newContext({
    viewport: { width: view.width, height: view.height }, colorScheme: view.scheme, deviceScaleFactor: 1, reducedMotion: "reduce",
  });
  const tab = await context.newPage();
  await tab.goto(url);
  if (view.media) await tab.emulateMedia({ media: view.media });
  await tab.evaluate(change);
  await tab.evaluate(view.show);
  await tab.waitForTimeout(100);
  const png = await tab.screenshot();
  await context.close();
  return png;
}

// How far two pictures are apart: the square that differs most, and all of them on average.
async function apart(browser, one, other) {
  const tab = await browser.newPage();
  const found = await tab.evaluate(async ([pictures, square]) => {
    const read = async png => {
      const bytes = Uint8Array.from(atob(png), c => c.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
      const { width, height } = bitmap;
      const canvas = new OffscreenCanvas(width, height).getContext("2d");
      canvas.drawImage(bitmap, 0, 0);
      const { data } = canvas.getImageData(0, 0, width, height);
      const columns = Math.ceil(width / square), rows = Math.ceil(height / square);
      const sums = new Float64Array(columns * rows), counts = new Float64Array(columns * rows);
      for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) {
        const at = (y * width + x) * 4, cell = Math.floor(y / square) * columns + Math.floor(x / square);
        sums[cell] += (0.2126 * data[at] + 0.7152 * data[at + 1] + 0.0722 * data[at + 2]) / 255;
        counts[cell]++;
      }
      return { width, height, cells: [...sums].map((sum, at) => sum / counts[at]) };
    };
    const [a, b] = await Promise.all(pictures.map(read));
    if (a.width !== b.width || a.height !== b.height) return { most: 1, mean: 1 };
    const differences = a.cells.map((value, at) => Math.abs(value - b.cells[at]));
    return { most: Math.max(...differences), mean: differences.reduce((sum, one) => sum + one, 0) / differences.length };
  }, [[one, other].map(png => png.toString("base64")), SQUARE]);
  await tab.close();
  return found;
}
const alike = ({ most, mean }) => most <= MOST && mean <= MEAN;
const said = ({ most, mean }) => `${most.toFixed(4)} at most, ${mean.toFixed(5)} on average`;

export function tests(test, browser, rougher, url, pictures, out) {
  for (const view of views) {
    test(`the picture of the docs is what is seen: ${view.name}`, async () => {
      const png = await taken(browser, url, view);
      assert.ok(png.length < BYTES, `${png.length} bytes`);
      const committed = join(pictures, `review-${view.name}.png`);
      mkdirSync(out, { recursive: true });
      writeFileSync(join(out, `review-${view.name}.png`), png);
      if (blessing) {
        mkdirSync(pictures, { recursive: true });
        // What nobody could tell apart is not written again.
        const same = existsSync(committed) && alike(await apart(browser, readFileSync(committed), png));
        if (!same) writeFileSync(committed, png);
      }
      assert.ok(existsSync(committed), "ORDINANCE_BLESS=1 tests/pages/run.sh writes it");
      assert.ok(statSync(committed).size < BYTES);
      const found = await apart(browser, readFileSync(committed), png);
      assert.ok(alike(found), `${said(found)}; ORDINANCE_BLESS=1 tests/pages/run.sh writes it anew`);
    });
  }

  test("a picture that differs is noticed, and another hinting is not", async () => {
    const [light] = views;
    const png = await taken(browser, url, light);
    for (const [what, other, change] of [
      ["glyphs on whole pixels", rougher, () => {}],
      ["no hinting", browser, () => { document.documentElement.style.textRendering = "geometricPrecision"; }],
    ]) {
      const found = await apart(browser, png, await taken(other, url, light, change));
      console.log(`  ${what}: ${said(found)}`);
      assert.ok(alike(found) && found.most > 0, `${what}: ${said(found)}`);
    }
    for (const [what, change] of [
      ["a row", () => { document.querySelector("#table tbody tr:last-child").remove(); }],
      ["a number", () => { document.querySelector(".tally b").textContent = "47"; }],
      ["a colour", () => { document.documentElement.dataset.theme = "dark"; }],
    ]) {
      const found = await apart(browser, png, await taken(browser, url, light, change));
      console.log(`  ${what}: ${said(found)}`);
      assert.ok(!alike(found), `${what}: ${said(found)}`);
    }
  });
}
