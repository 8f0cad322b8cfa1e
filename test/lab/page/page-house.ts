import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { webService } from '../../../lab/house/definitions.ts';
import { createHouse, type House } from '../../../lab/house/house.ts';
import type { Homelab, PageLab } from '../../../lab/page/page-lab.ts';
import { startPage, type Page } from '../../../lab/page/start-page.ts';
import type { Deed, MessageView, PageView, SystemView } from '../../../lab/page/view.ts';
import type { World } from '../../../lab/world.ts';
import { eventually } from '../../eventually.ts';

/** A house behind a page, with systems that are what the test says. */
export interface PageHouse {
  readonly page: Page;
  /** The folder the page is served from. */
  readonly client: string;
  readonly house: () => House;
  readonly systems: ScriptedHomelab;
  /** How many lives were opened. */
  readonly lives: () => number;
  readonly logged: readonly string[];
  close(): Promise<void>;
}
export interface ScriptedHomelab {
  rows: SystemView['rows'];
  /** Awaited by every look. */
  hold: Promise<unknown>;
  looks: number;
  lastLook: number;
  /** Most looks that were under way at once. */
  atOnce: number;
  readonly turned: string[];
}

export const serviceFile = 'services/media/web.yml';

export async function openPageHouse(world: World): Promise<PageHouse> {
  const client = await writeClient();
  const systems: ScriptedHomelab = {
    rows: [],
    hold: Promise.resolve(),
    looks: 0,
    lastLook: 0,
    atOnce: 0,
    turned: [],
  };
  const logged: string[] = [];
  let opened = 0;
  let house: House | null = null;
  const page = await startPage({
    ...{ port: 0, client },
    log: (line) => void logged.push(line),
    async open() {
      opened += 1;
      house = await openHouse(world);
      return labOf(house, systems);
    },
  });
  return {
    ...{ page, client, systems, logged, lives: () => opened },
    house() {
      if (house === null) throw new Error('no house was opened');
      return house;
    },
    async close() {
      await page.close();
      await rm(client, { recursive: true });
    },
  };
}

async function openHouse(world: World): Promise<House> {
  const house = await createHouse({ world });
  const [host] = world.hosts;
  const definition = webService({
    ...{ name: 'web', host: host?.name ?? '', image: world.registry.image('web:1'), port: 18_480 },
  });
  await house.services.commit({ [serviceFile]: definition }, 'feat: web');
  await house.startBot();
  return house;
}

function labOf(house: House, systems: ScriptedHomelab): PageLab {
  const { ana, ben, dora } = house.people;
  return {
    discord: house.discord,
    people: [
      { id: ana.id, name: 'ana', part: 'deployer', may: 'May ask for changes.' },
      { id: ben.id, name: 'ben', part: 'approver', may: 'May agree to them.' },
      { id: dora.id, name: 'dora', part: 'guest', may: 'May do nothing.' },
    ],
    homelab: homelabOf(systems),
    tour: () => [],
    close: () => house.close(),
  };
}

function homelabOf(systems: ScriptedHomelab): Homelab {
  let broken = false;
  let under = 0;
  return {
    async look() {
      systems.looks += 1;
      systems.lastLook = Date.now();
      under += 1;
      systems.atOnce = Math.max(systems.atOnce, under);
      await systems.hold;
      under -= 1;
      return [
        { id: 'h1', name: 'h1', kind: 'host', state: 'up', empty: 'Nothing runs.', rows: systems.rows },
      ];
    },
    switches: () => [{ id: 'dns', label: 'DNS is down', explains: 'Watch.', kind: 'switch', on: broken }],
    async turn(id, on) {
      if (on && broken) throw new Error('It is broken already.');
      broken = on;
      systems.turned.push(`${id} ${on ? 'on' : 'off'}`);
      return Promise.resolve();
    },
  };
}

async function writeClient(): Promise<string> {
  const client = await mkdtemp(join(tmpdir(), 'sentinel-page-'));
  await mkdir(join(client, 'assets'));
  await writeFile(join(client, 'index.html'), '<!doctype html><title>Sentinel lab</title>');
  await writeFile(join(client, 'assets', 'main-1a2b.js'), 'export {};\n');
  return client;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}
export interface Asking {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** As any program could ask, with whatever headers. */
export function ask(
  { url }: Pick<Page, 'url'>,
  { path, method = 'GET', headers = {}, body }: Asking,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asking = request(`${url}${path}`, { method, headers, agent: false }, (response) => {
      text(response).then(
        (said) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: said }),
        reject,
      );
    });
    asking.on('error', reject);
    asking.end(body);
  });
}

export function post(page: Page, path: string, value: unknown): Promise<Answer> {
  const headers = { 'content-type': 'application/json', origin: page.url };
  return ask(page, { path, method: 'POST', headers, body: JSON.stringify(value) });
}

/** Does it, and throws with what the server said when it was refused. */
export async function does(page: Page, deed: Deed): Promise<void> {
  const { status, body } = await post(page, '/api/do', deed);
  if (status !== 204) throw new Error(`${deed.do}: ${status} ${body}`);
}

/** An open page. */
export interface Watching {
  /** Every view that came, oldest first. */
  readonly views: readonly PageView[];
  readonly now: () => PageView;
  /** The first view, from now on, in which something is found. */
  sees<T>(find: (view: PageView) => T, what: string): Promise<NonNullable<Exclude<T, false>>>;
  readonly ended: () => boolean;
  leave(): void;
}

export async function watchAs(page: Page, as?: string): Promise<Watching> {
  const views: PageView[] = [];
  let rest = '';
  let ended = false;
  const asking = request(`${page.url}/api/view${as === undefined ? '' : `?as=${as}`}`, { agent: false });
  asking.on('error', () => (ended = true));
  asking.on('response', (response) => {
    response.setEncoding('utf8').on('data', (part: string) => {
      const events = (rest + part).split('\n\n');
      rest = events.pop() ?? '';
      for (const event of events)
        if (event.startsWith('data: ')) views.push(JSON.parse(event.slice('data: '.length)) as PageView);
    });
    response.on('end', () => (ended = true)).on('error', () => (ended = true));
  });
  asking.end();
  await eventually(() => views.length > 0 || ended, 'the first view', 10_000);
  return {
    views,
    now: () => views.at(-1)!,
    sees: async (find, what) => (await eventually(() => find(views.at(-1)!), what, 15_000)) as never,
    ended: () => ended,
    leave: () => void asking.destroy(),
  };
}

/** The button of a message that starts with this label. */
export function buttonOf(message: MessageView, label: string): string | undefined {
  const all = JSON.stringify(message.components);
  const found: { readonly custom_id: string; readonly label: string; readonly disabled?: boolean }[] = [];
  JSON.parse(all, (_, value: unknown) => {
    if (typeof value === 'object' && value !== null && 'custom_id' in value && 'label' in value)
      found.push(value as never);
    return value;
  });
  return found.find((each) => each.label.startsWith(label) && each.disabled !== true)?.custom_id;
}
