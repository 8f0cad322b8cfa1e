import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openLivePorts } from '../../../bot/live-ports.ts';
import type { CliPorts } from '../../../engine/cli/ports.ts';
import { createSimulatedWorld, type SimulatedWorld } from '../../../lab/host/simulated-world.ts';
import { inventoryText, webService } from '../../../lab/house/definitions.ts';
import { createHouseSystems, type HouseSystems } from '../../../lab/house/systems.ts';
import { createClone, createScratch, type Clone } from '../providers/git/scratch.ts';
import { sentinel, type Answer } from './command-line.ts';

/** The command line against hosts and systems of the lab, in a real checkout. */
export interface CliHouse {
  readonly world: SimulatedWorld;
  readonly systems: HouseSystems;
  readonly owner: Clone;
  /** As a CI job has them. */
  readonly env: Readonly<Record<string, string>>;
  /** The commit that defines a service this way; null removes it. */
  define(name: string, wish: Wish | null): string;
  run(args: readonly string[], given?: Given): Promise<Answer>;
  /** A file of the folder stages hand on. */
  file(name: string): string;
  has(name: string): boolean;
  hostFile(name: string, path: string): string | null;
  image(name: string): Promise<string | undefined>;
  everything(): string;
  close(): Promise<void>;
}
type Given = Partial<CliPorts> & { readonly signal?: AbortSignal };
export interface Wish {
  readonly image: string;
  readonly port: number;
  readonly sub?: string;
  readonly signOn?: boolean;
  readonly more?: string;
  readonly plain?: boolean;
}
export const canary = 'c4n4ry-t0ken-d0-n0t-tell';

export async function openCliHouse(): Promise<CliHouse> {
  const scratch = createScratch();
  const world = await createSimulatedWorld({ hosts: 1 });
  const systems = await createHouseSystems(world);
  const owner = createClone(scratch.directory('homelab'));
  const first = owner.commit({ 'sentinel.yml': inventoryText(world, systems.inventory) });
  const out = scratch.directory('artifacts');
  const [host] = world.hosts;
  if (host === undefined) throw new Error('the world has no host');
  const env = {
    ...systems.secrets,
    CANARY: canary,
    CI: 'true',
    CI_PROJECT_DIR: owner.path,
    CI_PIPELINE_SOURCE: 'push',
    CI_PIPELINE_ID: '41',
    CI_COMMIT_BEFORE_SHA: first,
    SENTINEL_SSH_KEY: world.key.file,
  };
  const said: string[] = [];
  return {
    world,
    systems,
    owner,
    env,
    define(name, wish) {
      const file = `services/media/${name}.yml`;
      return owner.commit({
        [file]: wish === null ? null : definitionOf(name, wish, { world, host: host.name }),
      });
    },
    async run(args, given = {}) {
      const variables = { ...env, ...given.env };
      const answer = await sentinel(args[0] === 'status' ? args : [...args, '--out', out], {
        directory: owner.path,
        openLive: () => Promise.resolve(openLivePorts(variables)),
        ...given,
        env: variables,
      });
      said.push(answer.out, answer.err);
      return answer;
    },
    file(name) {
      const text = readFileSync(join(out, name), 'utf8');
      said.push(text);
      return text;
    },
    has: (name) => existsSync(join(out, name)),
    hostFile(name, path) {
      const file = join(host.installRoot, name, path);
      return existsSync(file) ? readFileSync(file, 'utf8') : null;
    },
    async image(name) {
      const found = (await host.containers()).find(
        ({ project, state }) => project === name && state === 'running',
      );
      return found?.image;
    },
    everything: () => said.join('\n'),
    async close() {
      await systems.close();
      await world.close();
      scratch.remove();
    },
  };
}

function definitionOf(
  name: string,
  { image, port, sub = name, signOn = false, more = '', plain = false }: Wish,
  { world, host }: { readonly world: SimulatedWorld; readonly host: string },
): string {
  const around = [
    'traefik:',
    `  subdomain: ${sub}`,
    'dns:',
    `  hostname: ${sub}`,
    'authentik:',
    `  enabled: ${signOn}`,
    'glance:',
    '  page: Home',
    `  bookmark: { group: Apps, title: "${name}" }`,
  ];
  const none = ['traefik: { enabled: false }', 'dns: { enabled: false }', 'glance: { enabled: false }'];
  return webService({
    ...{ name, host, port, more },
    image: world.registry.image(image),
    around: [...(plain ? none : around)].join('\n'),
  });
}
