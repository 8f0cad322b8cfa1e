import { readFileSync } from 'node:fs';
import { createSource } from '../../engine/definitions/index.ts';
import type { Hosts, Ports, Repository, Scope, Tree } from '../../engine/index.ts';
import { createClock } from '../../engine/providers/clock.ts';
import { createProbe } from '../../engine/providers/probe.ts';
import { createSecrets } from '../../engine/providers/secrets.ts';
import { createSystemClients } from '../../engine/providers/systems.ts';
import { createHosts } from '../../engine/providers/ssh/hosts.ts';
import { sha256 } from '../../engine/digest.ts';
import { quietLog } from '../quiet-log.ts';
import type { World, WorldHost } from '../world.ts';

/** Everything the engine needs to deploy to one host of a world. */
export interface Bench {
  readonly ports: Ports;
  readonly hosts: Hosts;
  readonly scope: (count: number) => Scope;
}

export function createBench(world: World, host: WorldHost): Bench {
  const hosts = openHosts(world);
  const secrets = createSecrets({ env: {}, directory: null });
  const clock = createClock();
  const ports: Ports = {
    host: (entry) => hosts.get(entry),
    secrets,
    probe: createProbe(),
    clock,
    log: quietLog,
    systems: createSystemClients({ secrets, clock, log: quietLog }),
  };
  return { ports, hosts, scope: (count) => scopeOf(treeOf(files(world, host, count))) };
}

/** A fresh set of connections, as a new process would have. */
export function openHosts(world: World): Hosts {
  return createHosts({ keys: () => readFileSync(world.key.file), knownHosts: null, log: quietLog });
}

function files(world: World, host: WorldHost, count: number): Record<string, string> {
  const entries: Record<string, string> = {
    'sentinel.yml': `hosts:\n  ${host.name}:\n    address: ${host.address}\n    port: ${host.port}\n    user: ${host.user}\n    host_key: ${host.hostKey}\n    install_root: ${host.installRoot}\n`,
  };
  for (let i = 1; i <= count; i += 1) entries[`services/bench/bench-${i}.yml`] = definition(world, host, i);
  return entries;
}

function definition(world: World, host: WorldHost, i: number): string {
  const port = 20_000 + i;
  return [
    `service: { name: bench-${i}, category: utility }`,
    'deployment:',
    `  target_host: ${host.name}`,
    `  image: ${world.registry.image('web:1')}`,
    `  port: ${port}`,
    '  container_port: 80',
    '',
  ].join('\n');
}

function treeOf(texts: Readonly<Record<string, string>>): Tree {
  return {
    revision: sha256(JSON.stringify(texts)).slice(0, 40),
    paths: Object.keys(texts),
    executable: () => false,
    blob: (path) => (texts[path] === undefined ? undefined : sha256(texts[path])),
    read: (path) => texts[path],
  };
}

function scopeOf(tree: Tree): Scope {
  const source = createSource({ repository: noRepository, layout: 'fleet', name: 'bench' });
  const { fleet, problems } = source.load(tree, 'production');
  if (problems.length > 0)
    throw new Error(problems.map(({ message, where }) => `${where ?? ''} ${message}`).join('\n'));
  return {
    inventory: fleet.inventory,
    services: fleet.services.map((service) => ({ want: 'present', name: service.name, service, owned: [] })),
  };
}

/** The benchmark reads definitions from memory; nothing of it asks Git. */
const refuse = (): never => {
  throw new Error('the benchmark has no repository');
};
const noRepository: Repository = {
  name: 'bench',
  resolve: refuse,
  tree: refuse,
  info: refuse,
  diff: refuse,
  commit: refuse,
  publish: refuse,
  offer: refuse,
  withdraw: refuse,
};
