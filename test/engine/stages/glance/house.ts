import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect } from 'vitest';
import type {
  GlanceSystem,
  Scope,
  ScopedService,
  StepOf,
  StepResult,
  Tile,
} from '../../../../engine/index.ts';
import type { EnsureContext, Ports, RemoteHost, Survey } from '../../../../engine/ports.ts';
import { glance } from '../../../../engine/stages/glance/index.ts';
import { createGlanceProgram } from '../../../../lab/glance/program.ts';
import { createSimulatedWorld, type SimulatedWorld } from '../../../../lab/host/simulated-world.ts';
import { eventually } from '../../../eventually.ts';
import { noSystems, service } from '../../fixtures.ts';
import { createPlay, type Play } from '../support/play.ts';

/** A dashboard in a container, and a stage that edits it. */
export interface Dashboard {
  readonly play: Play;
  readonly system: GlanceSystem;
  readonly ports: Ports;
  path(name: string): string;
  read(name?: string): Promise<string>;
  write(text: string, name?: string): void;
  survey(services: readonly ScopedService[]): Promise<Survey<'glance'>>;
  ensure(
    steps: readonly StepOf<'glance'>[],
    services: readonly ScopedService[],
    phase?: EnsureContext['phase'],
  ): Promise<Results>;
  /** Surveys and makes all steps true; throws when one fails. */
  deploy(services: readonly ScopedService[]): Promise<readonly StepOf<'glance'>[]>;
  /** What a browser sees, once it holds that text. */
  shows(text: string): Promise<string>;
  page(): Promise<string>;
  close(): Promise<void>;
}
export type Results = Readonly<Record<string, StepResult>>;
export interface DashboardOptions {
  readonly text: string;
  readonly mount?: 'folder' | 'file';
  readonly reload?: GlanceSystem['reload'];
  readonly more?: Readonly<Record<string, string>>;
  readonly environment?: readonly string[];
}

export async function createDashboard(options: DashboardOptions): Promise<Dashboard> {
  const { text, mount = 'folder', reload = 'watch', more = {}, environment = [] } = options;
  const world: SimulatedWorld = await createSimulatedWorld();
  const host = world.hosts[0]!;
  const play = createPlay(world, host);
  const { image } = world.registry.publishProgram('glance:1', createGlanceProgram({ everyMs: 10 }));
  const root = `${host.installRoot}/glance`;
  const path = (name: string) => `${root}/config/${name}`.replace(/config\/\.\.\//, '');
  const write: Dashboard['write'] = (content, name = 'glance.yml') => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), content);
  };
  write(text);
  for (const [name, content] of Object.entries(more)) write(content, name);
  const volume = mount === 'folder' ? './config:/app/config' : './config/glance.yml:/app/config/glance.yml';
  writeFileSync(
    `${root}/docker-compose.yml`,
    `services:\n  glance:\n    image: ${image}\n    container_name: glance\n    stop_grace_period: 0s\n    restart: unless-stopped\n    ports: ["8080:8080"]\n    volumes: ["${volume}"]\n    environment: ${JSON.stringify(environment)}\n`,
  );
  const up = await host.exec(`cd ${root} && docker compose up -d`);
  expect(up).toMatchObject({ exitCode: 0 });
  const url = `http://${host.address}:8080`;
  const system: GlanceSystem = {
    host: host.name,
    config: path('glance.yml'),
    container: 'glance',
    configInside: '/app/config/glance.yml',
    reload,
    url: `${url}/`,
  };
  const page = async () => (await fetch(`${url}/`)).text();
  const read = async (name = 'glance.yml') => (await host.readFile(path(name))) ?? '';
  return {
    play,
    system,
    ports: play.ports,
    path,
    read,
    write,
    ...stageOf(play, system),
    page,
    shows: (wanted) =>
      eventually(async () => {
        const shown = await page().catch(() => '');
        return shown.includes(wanted) && shown;
      }, wanted),
    async close() {
      await play.close();
      await world.close();
    },
  };
}

/** The stage as a process of its own would use it. */
export function stageOf(play: Play, system: GlanceSystem) {
  const { signal } = new AbortController();
  const scopeOf = (services: readonly ScopedService[]): Scope => {
    const scope = play.scope(services);
    return { ...scope, inventory: { ...scope.inventory, systems: { ...noSystems, glance: system } } };
  };
  const survey = (services: readonly ScopedService[]) => glance.survey(scopeOf(services), play.ports, signal);
  const ensure: Dashboard['ensure'] = async (steps, services, phase = 'forward') => {
    const results: Record<string, StepResult> = {};
    const context = {
      ports: play.ports,
      scope: scopeOf(services),
      deployment: 'd-1',
      revision: 'a'.repeat(40),
      phase,
      report: (step: string, result: StepResult) => void (results[step] = result),
    };
    await glance.ensure(steps, context, signal);
    return results;
  };
  const deploy = async (services: readonly ScopedService[]) => {
    const { steps, problems } = await survey(services);
    expect(problems).toEqual([]);
    const results = await ensure(steps, services);
    expect(Object.values(results).filter(({ ok }) => !ok)).toEqual([]);
    expect(Object.keys(results)).toHaveLength(steps.length);
    return steps;
  };
  return { survey, ensure, deploy };
}

type Run = RemoteHost['run'];
/** The same machine, where a command may end otherwise. */
export function machineOf(play: Play, run: (real: Run) => Run): Play {
  const host = (entry: Parameters<Ports['host']>[0]): RemoteHost => {
    const machine = play.ports.host(entry);
    return { ...machine, run: run((command, signal) => machine.run(command, signal)) };
  };
  return { ...play, ports: { ...play.ports, host } };
}

/** Nobody answers, and no time is lost waiting for it. */
export function silentPlay(play: Play): Play {
  let asked = 0;
  const soon = new Date();
  const clock = {
    now: () => new Date(soon.getTime() + 6000 * (asked += 1)),
    wait: () => Promise.resolve(),
  };
  const probe = { ...play.ports.probe, http: () => Promise.resolve(null) };
  return { ...play, ports: { ...play.ports, probe, clock } };
}

/** The way back of one step. */
export const undone = (step: StepOf<'glance'>): StepOf<'glance'> => ({
  ...step,
  id: `undo ${step.id}`,
  before: step.after,
  after: step.before,
});

export interface TileWish {
  readonly title?: string;
  readonly group?: string;
  readonly icon?: string | null;
  readonly monitor?: Tile['monitor'];
}
/** A service with a bookmark and, unless told otherwise, a monitored site. */
export function shown(
  name: string,
  { title = name, group = 'Monitoring', icon = null, monitor }: TileWish = {},
) {
  const url = `https://${name}.home.lan`;
  return service(name, {
    tile: {
      page: null,
      bookmark: { group, title, url, description: null, icon },
      monitor:
        monitor === undefined
          ? {
              widget: 'Services',
              title,
              url,
              checkUrl: 'http://192.168.40.13:3030/',
              alsoHealthy: [],
              icon: null,
            }
          : monitor,
    },
  });
}
