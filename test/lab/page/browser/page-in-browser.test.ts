import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Visitor } from '../../../../lab/page/visitor/visitor.ts';
import { browserAt, openStage, without, type Stage } from './stage.ts';
import { violations } from './violations.ts';

/** Whatever is wider than its place and the screen; in the page’s own words, as its types are not ours. */
const wider = `[document.documentElement, ...document.querySelectorAll('main *')]
  .filter((each) => each.clientWidth > 0 && each.scrollWidth > each.clientWidth && each.scrollWidth > innerWidth)
  .map((each) => each.tagName + ' ' + each.className)`;

/** One lab, used from top to bottom. */
describe.skipIf(browserAt === null)(`the demo in a browser${without}`, { timeout: 180_000 }, () => {
  let stage: Stage;
  let open: Visitor | null = null;
  beforeAll(async () => {
    stage = await openStage();
  }, 180_000);
  afterEach(async () => {
    await open?.page.context().close();
    open = null;
  });
  afterAll(() => stage.close(), 60_000);

  const visit: Stage['visit'] = async (options) => (open = await stage.visit(options));
  const phone = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true };

  describe('the tour', () => {
    it('is done from its first step to its last by doing what it says', async () => {
      const visitor = await visit();
      const { page, message } = visitor;
      const current = page.getByRole('region', { name: /^Tour/ });
      const step = (number: number) => current.getByText(`step ${number} of 5`).waitFor();
      const typeIt = async (button: string) => {
        await current.getByRole('button', { name: button }).click();
        await page.getByText('Enter sends it').waitFor();
        await page.keyboard.press('Enter');
      };
      const agree = async (about: string) => {
        await visitor.become('ben');
        await visitor.press('Approve', about);
      };
      await step(1);
      await typeIt('Type it for me');
      await message('Plan · Deploy grafana', '10.1.5 → grafana:10.2.3').waitFor();
      await step(2);
      await typeIt('Type it for me');
      await message('Approval needed', '10.3.1').waitFor();
      await step(3);
      await current.getByRole('button', { name: 'Be ben' }).click();
      await visitor.press('Approve', '10.3.1');
      await message('succeeded', 'newer dashboards').waitFor();
      await visitor.system('docker-vm-core-utilities01').getByText('grafana:10.3.1').waitFor();
      await step(4);
      await typeIt('Be ana and type it for me');
      await message('Approval needed', '10.4.0').waitFor();
      await agree('10.4.0');
      await message('rolled back', '10.4.0 did not work').waitFor();
      await step(5);
      await visitor.breaks('Somebody points');
      await visitor.system('Pi-hole').getByText('→ 10.9.9.9').waitFor();
      await typeIt('Be ana and type it for me');
      await message('name differs').waitFor();
      await visitor.press('Put back');
      await visitor.press('Request approval', '10.9.9.9 → 127.0.0.1');
      await message('Approval needed', '10.9.9.9').waitFor();
      await agree('10.9.9.9');
      await current.getByText('Tour: done').waitFor();
      expect(await visitor.system('Pi-hole').getByText('10.9.9.9', { exact: false }).count()).toBeLessThan(2);
    });
  });

  describe('a deployment', () => {
    it('is stopped by Abort while it waits for a service, and what it did is undone', async () => {
      const visitor = await visit();
      const { registry } = stage.house().world;
      await registry.publish('grafana/grafana:10.5.0', { page: 'late', startsAfter: 600_000 });
      await visitor.use('/deploy service:grafana version:10.5.0');
      await visitor.message('Approval needed', '10.5.0').waitFor();
      await visitor.become('ben');
      await visitor.press('Approve', '10.5.0');
      const running = visitor.system('docker-vm-core-utilities01').getByText('grafana:10.5.0');
      await running.waitFor();
      await visitor.become('ana');
      await visitor.press('Abort');
      await visitor.message('Deploy grafana', 'cancelled').waitFor();
      await running.waitFor({ state: 'detached' });
    });

    it('is rejected in a form, which takes the focus and gives it back', async () => {
      const visitor = await visit();
      const { page } = visitor;
      await visitor.use('/deploy service:paperless');
      await visitor.message('Approval needed', 'paperless').waitFor();
      await visitor.become('ben');
      await visitor.press('Reject…');
      const form = page.getByRole('dialog', { name: /^Reject: Deploy paperless/ });
      await form.waitFor();
      const why = form.getByRole('textbox', { name: /^Why\?/ });
      await form.locator('textarea:focus').waitFor();
      expect(await violations(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await form.waitFor({ state: 'detached' });
      await page.locator('button:focus', { hasText: 'Reject…' }).waitFor();
      await page.keyboard.press('Enter');
      await why.fill('not before the backup');
      await form.getByRole('button', { name: 'Submit' }).click();
      await visitor.message('Rejected', 'not before the backup').waitFor();
    });

    it('is rolled back to an earlier release, agreed to at once by whom one has just become', async () => {
      const visitor = await visit();
      await visitor.use('/rollback service:grafana reason:the old look');
      await visitor.press('Request approval', 'the old look');
      await visitor.message('Approval needed', 'the old look').waitFor();
      // Nobody waits for the page before they click.
      await visitor.page.getByRole('radio', { name: 'ben' }).press('Space');
      await visitor.press('Approve', 'the old look');
      await visitor.message('succeeded', 'the old look').waitFor();
      await visitor.system('docker-vm-core-utilities01').getByText('grafana:10.1.5').waitFor();
    });
  });

  describe('the switches', () => {
    it('break a system, which the panel and the status say, and put it back', async () => {
      const visitor = await visit();
      const state = visitor.system('Pi-hole').locator('.state');
      await visitor.breaks('Pi-hole is down');
      await visitor.system('Pi-hole').getByText('It does not answer.').waitFor();
      expect(await state.innerText()).toContain('down');
      await visitor.use('/status service:grafana');
      await visitor.message('Grafana', '❔').waitFor();
      expect(await violations(visitor.page)).toEqual([]);
      await visitor.breaks('Pi-hole is down');
      await visitor.system('Pi-hole').getByText('grafana.home.example.net').waitFor();
    });
  });

  describe('the message box', () => {
    it('offers commands and the bot’s own suggestions while somebody types, by keyboard alone', async () => {
      const { page, box, message } = await visit();
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.locator('#message-box:focus').waitFor();
      await page.keyboard.type('/sta');
      await page.getByRole('option', { name: /^\/status/ }).waitFor();
      expect(await violations(page)).toEqual([]);
      await page.keyboard.press('Enter');
      await page.keyboard.type('service:jel');
      await page.getByRole('option', { name: /jellyfin/i }).waitFor();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: /^Change service: jellyfin/i }).waitFor();
      await page.getByText('Enter sends it').waitFor();
      await page.keyboard.press('Enter');
      await message('Jellyfin · docker-lxc-media').waitFor();
      await page.keyboard.press('ArrowUp');
      await page.getByText('/status', { exact: true }).last().waitFor();
      await page.keyboard.press('Escape');
      await page.keyboard.press('Escape');
      expect(await box.inputValue()).toBe('');
    });
  });

  describe.each(['dark', 'light'] as const)('in the %s', (colorScheme) => {
    it('nothing of it is hard to use, as axe sees it, wide and on a phone', async () => {
      const { page, use, message } = await visit({ colorScheme });
      await use('/plan service:paperless');
      await message('Plan · Deploy paperless').waitFor();
      expect(await violations(page)).toEqual([]);
      await page.setViewportSize(phone.viewport);
      for (const tab of ['Homelab', 'Tour', 'Chat']) {
        await page.getByRole('navigation', { name: 'Parts' }).getByRole('button', { name: tab }).click();
        expect(await violations(page)).toEqual([]);
      }
    });
  });

  describe('on a phone', () => {
    it('fits: nothing scrolls sideways, and everything can be reached', async () => {
      const visitor = await visit(phone);
      const { page } = visitor;
      const tooWide = () => page.evaluate(wider);
      await visitor.become('ana');
      await visitor.use('/plan service:grafana');
      await visitor.message('Plan · Deploy grafana').waitFor();
      expect(await tooWide()).toEqual([]);
      const tabs = page.getByRole('navigation', { name: 'Parts' });
      await tabs.getByRole('button', { name: 'Homelab' }).tap();
      await visitor.system('Traefik').waitFor();
      expect(await tooWide()).toEqual([]);
      await tabs.getByRole('button', { name: 'Tour' }).tap();
      await page.getByRole('region', { name: /^Tour/ }).waitFor();
      expect(await tooWide()).toEqual([]);
      await tabs.getByRole('button', { name: 'Chat' }).tap();
      await visitor.become('dora');
      await visitor.use('/deploy service:grafana');
      await visitor.message('Only you can see this', /not allowed|may not|needs the role/iu).waitFor();
      expect(await tooWide()).toEqual([]);
    });
  });

  describe('the lab', () => {
    it('begins anew with a page that stays open', async () => {
      const visitor = await visit();
      const { page } = visitor;
      await visitor.use('/plan service:grafana');
      await visitor.message('Plan · Deploy grafana').waitFor();
      await page.getByRole('button', { name: 'Begin anew…' }).click();
      await page.getByRole('button', { name: 'Begin anew', exact: true }).click();
      await page.getByText('is offline for the moment').waitFor();
      await page.getByText('Tour: step 1 of 5').waitFor();
      await page.getByText('is offline for the moment').waitFor({ state: 'detached' });
      expect(await visitor.message('Plan · Deploy grafana').count()).toBe(0);
      await visitor.use('/plan service:grafana');
      await visitor.message('Plan · Deploy grafana').waitFor();
    });

    it('says in the page when it was stopped', async () => {
      const { page } = await visit();
      await stage.lab.close();
      await page.getByRole('alert').filter({ hasText: 'The lab has stopped' }).waitFor();
    });

    it('is all that its pages ask, and nothing went wrong in them', () => {
      expect(new Set(stage.asked.map((url) => new URL(url).origin))).toEqual(new Set([stage.lab.url]));
      expect(stage.complaints).toEqual([]);
      expect(stage.logged).toEqual([]);
    });
  });
});
