import { expect } from 'vitest';
import { openStore, verifyAudit, type OpenStore } from '../../data/index.ts';
import type { DeploymentRecord } from '../../engine/index.ts';
import { createClock } from '../../engine/providers/clock.ts';
import { renderMessage, type LabMessage, type Person } from '../../lab/discord/index.ts';
import type { LimitSettings } from '../../lab/discord/rate-limits.ts';
import { webService, type WebService } from '../../lab/house/definitions.ts';
import { createHouse, type House, type HouseOptions } from '../../lab/house/house.ts';
import { quietLog } from '../../lab/quiet-log.ts';
import type { World, WorldHost } from '../../lab/world.ts';
import { eventually } from '../eventually.ts';

/** What scenarios do over and over, in the words of the people in them. */
export interface Stage extends House {
  readonly host: WorldHost;
  /** A service name no other scenario of this world uses, with a port of its own. */
  readonly service: { readonly name: string; readonly port: number; readonly file: string };
  image(name: string): string;
  /** Writes the service's definition, as its owner would, and pushes it. */
  define(change?: Partial<WebService>): Promise<string>;
  /** ana asks, ben approves when asked to; resolves with the finished deployment. */
  deploy(options?: Readonly<Record<string, string>>): Promise<DeploymentRecord>;
  /** ana asks; what she was answered, and the card in the channel when approval is needed. */
  ask(
    command: string,
    options?: Readonly<Record<string, string | boolean>>,
  ): Promise<{ readonly reply: LabMessage; readonly card: () => Promise<LabMessage> }>;
  /** The newest card with that button and text, once there is one. */
  cardWith(button: string, containing?: string): Promise<LabMessage>;
  approve(who: Person, card: LabMessage): Promise<LabMessage>;
  /** The last deployment of the service, once it is finished and told to its end. */
  finished(): Promise<DeploymentRecord>;
  /** Waits for the end of the last deployment and compares its outcome. */
  ended(outcome: DeploymentRecord['outcome']): Promise<void>;
  /** What the last deployment went through and what the host runs now, for a failing test to show. */
  story(): Promise<string>;
  /** What answers on the service's port, or null. */
  page(): Promise<string | null>;
  /** Everything a person can read in Discord once all is told. */
  everythingSeen(): Promise<string>;
}

/** Looser than Discord's: how a story bears the real ones is told elsewhere, and nobody here has time to wait. */
const limits: Partial<LimitSettings> = {
  routes: {},
  otherRoutes: { limit: 200, windowMs: 1000 },
  global: { limit: 500, windowMs: 1000 },
};

let counter = 0;

export async function openStage(world: World, options: Partial<HouseOptions> = {}): Promise<Stage> {
  const house = await createHouse({ world, ...options, discord: { limits, ...options.discord } });
  const [host] = world.hosts;
  if (host === undefined) throw new Error('the world has no host');
  counter += 1;
  const name = `app-${process.pid % 1000}-${counter}`;
  const service = {
    name,
    port: 18_000 + ((process.pid % 20) * 100 + counter),
    file: `services/media/${name}.yml`,
  };
  const read = <T>(look: (store: OpenStore) => T): T => look(storeOf(house.database));
  const { ana, ben } = house.people;
  const text = (message: LabMessage): string => renderMessage(message);
  const newest = (): DeploymentRecord | undefined =>
    read(({ deployments }) => deployments.ofService(name, 1)[0]);

  const cardWith: Stage['cardWith'] = (button, containing = '') =>
    house.discord.waitFor(
      () =>
        house
          .channel()
          .findLast((message) => hasButton(message, button) && text(message).includes(containing)) ?? null,
      { what: `a card with “${button}”`, within: 30_000 },
    );

  const finished = async (): Promise<DeploymentRecord> => {
    const record = await eventually(() => {
      const last = newest();
      return last?.finishedAt == null ? null : last;
    }, `the end of the deployment of ${name}`);
    await house.discord.waitFor(
      () =>
        house
          .channel()
          .some(
            (message) => text(message).includes(record.id) && text(message).includes(shownAs(record.outcome)),
          ) || null,
      { what: `the story of ${record.id} to end with ${record.outcome ?? '?'}`, within: 30_000 },
    );
    return record;
  };

  const ask: Stage['ask'] = async (command, given = {}) => {
    const handle = await ana.command(command, { service: name, ...given });
    const reply = await handle.reply({ within: 60_000 });
    return { reply, card: () => cardWith('Approve') };
  };

  return {
    ...house,
    host,
    service,
    image: (short) => world.registry.image(short),
    define: (change = {}) =>
      house.services.commit(
        {
          [service.file]: webService({
            name,
            host: host.name,
            image: world.registry.image('web:1'),
            port: service.port,
            ...change,
          }),
        },
        `feat: ${name}`,
      ),
    ask,
    cardWith,
    async approve(who, card) {
      return (await who.click(card, 'Approve')).reply({ within: 60_000 });
    },
    async deploy(given = {}) {
      const before = newest()?.id;
      const { reply, card } = await ask('deploy', given);
      expect(text(reply)).not.toContain('Nothing to do');
      const approval = await (await ben.click(await card(), 'Approve')).reply({ within: 60_000 });
      await eventually(
        () => (newest()?.id === before ? null : true),
        `a deployment after: ${text(approval)}`,
      );
      return finished();
    },
    finished,
    async ended(outcome) {
      const record = await finished();
      expect(record.outcome, wentThrough(house.database, record)).toBe(outcome);
    },
    async story() {
      const last = newest();
      const containers = (await host.containers()).filter(({ project }) => project === name);
      return [
        last === undefined ? 'no deployment' : wentThrough(house.database, last),
        JSON.stringify(containers),
      ].join('\n');
    },
    page: () =>
      fetch(`http://${host.address}:${service.port}/`, { signal: AbortSignal.timeout(3_000) }).then(
        async (response) => (await response.text()).trim(),
        () => null,
      ),
    async everythingSeen() {
      await eventually(
        () =>
          read(({ messages }) => messages.unfinished().every(({ key }) => !key.startsWith('deployment:'))) ||
          null,
        'every story to be told to its end',
      );
      return JSON.stringify([...house.discord.state.messages.values()], (_, value: unknown) =>
        Buffer.isBuffer(value) ? value.toString('utf8') : value,
      );
    },
    async close() {
      closeStore(house.database);
      await house.close();
      expect(world.hosts.length).toBeGreaterThan(0);
    },
  };
}

/** As the card says it. */
const shownAs = (outcome: DeploymentRecord['outcome']): string =>
  outcome === 'rolled-back' ? 'rolled back' : (outcome ?? '?');

export function hasButton(message: LabMessage, label: string): boolean {
  const visit = (value: unknown): boolean => {
    if (Array.isArray(value)) return value.some(visit);
    if (typeof value !== 'object' || value === null) return false;
    const fields = new Map<string, unknown>(Object.entries(value));
    const disabled = fields.get('disabled') === true;
    const name = fields.get('label');
    if (typeof name === 'string' && !disabled && name.startsWith(label)) return true;
    return [...fields.values()].some(visit);
  };
  return visit(message.components);
}

/** A second reader of the bot's database, opened when the bot has made it. */
const stores = new Map<string, OpenStore>();
function storeOf(file: string): OpenStore {
  const open = stores.get(file);
  if (open !== undefined) return open;
  const store = openStore({ file, clock: createClock(), log: quietLog });
  stores.set(file, store);
  return store;
}
export function storeIn(file: string): OpenStore {
  return storeOf(file);
}
function closeStore(file: string): void {
  stores.get(file)?.close();
  stores.delete(file);
}

/** What a deployment went through, for a failing test to show. */
export function wentThrough(file: string, { id }: DeploymentRecord): string {
  const lines = storeOf(file)
    .journal.events(id)
    .map((event) => {
      if (event.type === 'step-failed') return `${event.step} failed: ${JSON.stringify(event.problem)}`;
      return 'step' in event ? `${event.type} ${event.step}` : event.type;
    });
  return [`${id} went through`, ...lines].join('\n');
}

export function auditHolds(file: string): boolean {
  return verifyAudit(file).ok;
}
