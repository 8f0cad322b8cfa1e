import type { Locator, Page } from 'playwright-core';

/** Somebody in front of the page, who finds things by what they are called, as with a screen reader. */
export interface Visitor {
  readonly page: Page;
  /** What the message box is. */
  readonly box: Locator;
  /** Looks at the page as somebody else. */
  readonly become: (name: string) => Promise<void>;
  /** Sends a command as one types it: `/plan service:grafana`. */
  readonly use: (line: string) => Promise<void>;
  /** The newest message in which all of this stands. */
  readonly message: (...texts: readonly (string | RegExp)[]) => Locator;
  /** Presses a button of the newest message that has it, and in which all of this stands. */
  readonly press: (button: string, ...texts: readonly string[]) => Promise<void>;
  /** Takes the newest message away that only this person sees and in which this stands. */
  readonly dismiss: (text: string) => Promise<void>;
  readonly foldTour: () => Promise<void>;
  /** On a phone: one of the parts in the bar at the bottom. */
  readonly tab: (name: string) => Promise<void>;
  /** Scrolls the panel to a system. */
  readonly show: (system: string) => Promise<void>;
  /** A system in the panel. */
  readonly system: (name: string) => Locator;
  /** Turns a switch, or presses the button among the switches. */
  readonly breaks: (label: string) => Promise<void>;
}

/** Something slow on a busy machine. */
const patience = 60_000;

/** Opens the page and waits until everything of it is there. */
export async function createVisitor(page: Page, url: string): Promise<Visitor> {
  page.setDefaultTimeout(patience);
  await page.goto(url);
  const box = page.locator('#message-box');
  const messages = page.getByRole('region', { name: 'Messages' });
  await messages.getByRole('article').first().waitFor();
  const articles = messages.getByRole('article');
  const saying = (texts: readonly (string | RegExp)[]): Locator =>
    texts.reduce((found, hasText) => found.filter({ hasText }), articles);
  const message = (...texts: readonly (string | RegExp)[]): Locator => saying(texts).last();
  return {
    ...{ page, box, message },
    async become(name) {
      const drawer = page.getByRole('button', { name: 'Channels and people' });
      const narrow = await drawer.isVisible();
      if (narrow) await drawer.click();
      await page.getByRole('radio', { name }).press('Space');
      await page.locator('.i-am', { hasText: name }).waitFor({ state: 'attached' });
      if (narrow) await page.getByRole('button', { name: 'Close the channels' }).click();
    },
    async use(line) {
      await box.fill(`${line} `);
      await box.press('Tab');
      await page.getByText('Enter sends it').waitFor();
      await box.press('Enter');
    },
    async press(button, ...texts) {
      const has = page.getByRole('button', { name: button, exact: true, disabled: false });
      await saying(texts).filter({ has }).last().getByRole('button', { name: button, exact: true }).click();
    },
    async dismiss(text) {
      const found = message(text, 'Only you can see this');
      await found.getByRole('button', { name: 'Dismiss message' }).click();
    },
    async foldTour() {
      await page.getByRole('region', { name: /^Tour/ }).getByRole('button', { expanded: true }).click();
    },
    async tab(name) {
      await page.getByRole('navigation', { name: 'Parts of the page' }).getByRole('button', { name }).click();
    },
    async show(name) {
      const found = page.getByRole('region', { name, exact: true });
      await found.scrollIntoViewIfNeeded();
    },
    system: (name) => page.getByRole('region', { name, exact: true }),
    async breaks(label) {
      const breaking = page.getByRole('region', { name: 'Break something' });
      const turned = breaking
        .getByRole('switch', { name: label })
        .or(breaking.getByRole('button', { name: label }));
      await turned.click();
    },
  };
}
