import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { webService } from '../house/definitions.ts';
import { createHouseSystems, type HouseSystems } from '../house/systems.ts';
import { projectFile } from '../project-file.ts';
import type { World, WorldRegistry } from '../world.ts';

/** Which service the conversation is about, and where. */
export interface Cast {
  readonly name: string;
  /** As `/status` shows it. */
  readonly shown: string;
  readonly file: string;
  /** What the owner has in Git beside `sentinel.yml`. */
  readonly files: Readonly<Record<string, string>>;
  readonly brokenVersion: string;
  /** Where it answers once it runs. */
  readonly url: string;
  /** Where people reach it, and who looks after that. */
  readonly hostname: string;
  readonly systems: HouseSystems;
}

const homelab = projectFile('examples/homelab');
const grafana = 'services/monitoring/grafana.yml';

/** Names of the machines the example's services are deployed to, and the proxy's. */
export function exampleHosts(): readonly string[] {
  const texts = Object.values(exampleFiles());
  const targets = texts.flatMap((text) => /^ {2}target_host: (\S+)/m.exec(text)?.[1] ?? []);
  return [...new Set([...targets, 'traefik-lxc'])];
}

/** The systems around the example's services, where its sentinel.yml has them. */
export function exampleSystems(world: World): Promise<HouseSystems> {
  return createHouseSystems(world, {
    ...{ domain: 'home.example.net', traefik: 'traefik-lxc', glance: 'docker-lxc-glance' },
  });
}

/** The example homelab as its owner wrote it; its Grafana gets a version that cannot start. */
export async function exampleCast(world: World, systems: HouseSystems): Promise<Cast> {
  const files = exampleFiles();
  const text = files[grafana] ?? '';
  const image = /^ {2}image: (\S+)/m.exec(text)?.[1] ?? '';
  const host = world.hosts.find(({ name }) => text.includes(`target_host: ${name}\n`));
  const port = /^ {2}port: (\d+)/m.exec(text)?.[1] ?? '';
  const brokenVersion = '10.4.0';
  await publishBroken(world.registry, `${image.slice(0, image.lastIndexOf(':'))}:${brokenVersion}`);
  return {
    ...{ name: 'grafana', shown: 'Grafana', file: grafana, files, brokenVersion },
    url: `http://${host?.address ?? ''}:${port}/api/health`,
    ...{ hostname: `grafana.${systems.domain}`, systems },
  };
}

/** A service made of images every real lab host can pull. */
export async function labCast(world: World, systems: HouseSystems): Promise<Cast> {
  const [host] = world.hosts;
  if (host === undefined) throw new Error('the lab has no host');
  const file = 'services/media/web.yml';
  const brokenVersion = 'broken';
  await publishBroken(world.registry, `web:${brokenVersion}`);
  const around = [
    'traefik: { subdomain: web }',
    'dns: { hostname: web }',
    'authentik: { enabled: true }',
    'glance: { bookmark: { group: Apps }, monitor: {} }',
  ];
  const text = webService({
    ...{ name: 'web', host: host.name, image: world.registry.image('web:1'), port: 8080 },
    around: around.join('\n'),
  });
  return {
    ...{ name: 'web', shown: 'web', file, files: { [file]: text }, brokenVersion },
    url: `http://${host.address}:8080/`,
    ...{ hostname: `web.${systems.domain}`, systems },
  };
}

async function publishBroken(registry: WorldRegistry, image: string): Promise<void> {
  await registry.publish(image, {
    exit: { code: 1, after: 0 },
    log: 'logger=migrator level=error msg="Executing migration failed" error="database disk image is malformed"',
  });
}

/** The definitions of the example homelab by their path. */
export function exampleFiles(): Readonly<Record<string, string>> {
  const paths = readdirSync(join(homelab, 'services'), { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.yml'),
  );
  return Object.fromEntries(
    paths.map((path) => [`services/${path}`, readFileSync(join(homelab, 'services', path), 'utf8')]),
  );
}
