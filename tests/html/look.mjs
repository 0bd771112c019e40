// Opens each page of a directory in Chromium, light and dark, wide and narrow; see tests/html/run.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [directory, modules] = process.argv.slice(2).map((it) => resolve(it));
const require = createRequire(join(modules, 'node_modules/'));
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const problems = [];
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});
const pages = readdirSync(directory).filter((it) => it.endsWith('.html')).sort();
for (const file of pages) {
  const name = basename(file, '.html');
  const own = pathToFileURL(join(directory, file)).href;
  const problem = (text) => problems.push(`${file}: ${text}`);
  for (const [colorScheme, width] of [['light', 1200], ['dark', 1200], ['light', 380]]) {
    const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
    page.on('request', (it) => it.url().split('#')[0] === own || problem(`asks for ${it.url()}`));
    page.on('console', (it) => problem(it.text()));
    await page.goto(own);
    await page.screenshot({ path: join(directory, `${name}-${colorScheme}-${width}.png`), fullPage: true, clip: undefined });
    if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)) {
      problem(`is wider than a window of ${width}`);
    }
    if (width > 400) {
      await page.evaluate(axe);
      // Everything that axe-core checks: names, roles, contrast, order of headings, keyboard access.
      const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ['violations'] }));
      for (const { id, help, nodes } of violations) {
        problem(`${colorScheme}: ${id}: ${help}: ${nodes.length} times, first ${nodes[0].html.slice(0, 200)}`);
      }
      await keyboard(page, problem);
    }
    await page.close();
  }
}
await browser.close();

// The way of somebody without a mouse: into a drawing, past it, from a box to its operator, and the choice of what is listed.
async function keyboard(page, problem) {
  const focused = () => page.evaluate(() => {
    const it = document.activeElement;
    const box = it.getBoundingClientRect();
    const shape = it.querySelector?.(':scope > .area, :scope > .node');
    const style = getComputedStyle(it);
    return {
      text: it.textContent.trim().slice(0, 40), in_svg: it.closest('svg') !== null, tag: it.tagName,
      is_seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
      is_marked: shape ? parseFloat(getComputedStyle(shape).strokeWidth) > 4 : style.outlineStyle !== 'none',
    };
  });
  for (let step = 0; step < 40; step++) {
    await page.keyboard.press('Tab');
    const at = await focused();
    if (at.tag === 'BODY') break;
    if (!at.is_seen) problem(`step ${step} of the Tab key is outside the window: ${JSON.stringify(at)}`);
    if (!at.is_marked) problem(`step ${step} of the Tab key does not show: ${JSON.stringify(at)}`);
  }
  for (const skip of await page.locator('a.skip').all()) {
    await skip.focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    if ((await focused()).in_svg) problem('a drawing is not skipped');
  }
  const boxes = page.locator('svg a');
  for (let index = 0; index < Math.min(await boxes.count(), 3); index++) {
    await boxes.nth(index).focus();
    await page.keyboard.press('Enter');
    if (!await page.evaluate(() => document.querySelector('.operator:target'))) problem(`box ${index} leads nowhere`);
  }
  const found = page.locator('#show-found');
  if (await found.count()) {
    await page.locator('#show-all').focus();
    await page.keyboard.press('ArrowRight');
    const shown = await page.locator('.operator:visible').count();
    const expected = await page.locator('.operator:not(.kept)').count();
    if (shown !== expected) problem(`${shown} operators are listed, of ${expected} with findings`);
  }
}

console.log(problems.join('\n') || `${pages.length} pages, light and dark, wide and narrow: no problem`);
process.exit(problems.length ? 1 : 0);
