import pLimit from 'p-limit';
import type { SwitchView } from '../page/view.ts';
import { crash } from './crash.ts';
import { crashingVersion } from './example-house.ts';
import type { ExampleHouse } from './open-house.ts';

/** What can be broken, and what is broken now. */
export interface Switches {
  readonly all: () => readonly SwitchView[];
  readonly isOn: (id: SwitchId) => boolean;
  turn(id: string, on: boolean): Promise<void>;
}
export type SwitchId =
  'host-off' | 'grafana-crashes' | 'pihole-down' | 'gitlab-down' | 'edit-record' | 'stop-container';

interface Breakage extends Omit<SwitchView, 'on'> {
  readonly id: SwitchId;
  turn(on: boolean): Promise<void>;
}
/** The machine that can be switched off, and a service on it. */
const brokenHost = 'docker-lxc-media';
const broken = 'jellyfin';
const wrongAddress = '10.9.9.9';

export function createSwitches(parts: ExampleHouse): Switches {
  const on = new Set<SwitchId>(['grafana-crashes']); // so that the lab opens
  const isOn = (id: SwitchId): boolean => on.has(id);
  const all = [...outages(parts), ...deeds(parts, isOn)];
  const oneByOne = pLimit(1);
  return {
    isOn,
    all: () => all.map(({ id, label, explains, kind }) => ({ id, label, explains, kind, on: on.has(id) })),
    turn: (id, wanted) =>
      oneByOne(async () => {
        const found = all.find((each) => each.id === id);
        if (found === undefined) throw new Error(`There is no switch called ${id}.`);
        if (found.kind === 'deed') return wanted ? found.turn(true) : undefined;
        if (on.has(found.id) === wanted) return;
        await found.turn(wanted);
        if (wanted) on.add(found.id);
        else on.delete(found.id);
      }),
  };
}

function outages({ world, systems, gitlab }: ExampleHouse): readonly Breakage[] {
  const grafana = (version: string): string => `grafana/grafana:${version}`;
  return [
    {
      ...{ id: 'host-off', kind: 'switch', label: `${brokenHost} is switched off` },
      explains:
        'Ask `/status`: its services cannot be asked, the others still can. Switch it on again and they come back by themselves.',
      turn: (off) => (off ? hostOf(world).powerOff() : hostOf(world).powerOn()),
    },
    {
      ...{
        id: 'grafana-crashes',
        kind: 'switch',
        label: `Grafana ${crashingVersion} crashes when it starts`,
      },
      explains: `Deploy grafana version ${crashingVersion} and watch it come back: the container, the commit, everything. Without the crash the same deployment succeeds.`,
      async turn(crashes) {
        const wanted = grafana(crashingVersion);
        if (crashes) await world.registry.publish(wanted, crash);
        else await world.registry.moveTag(wanted, grafana(`${crashingVersion}-mended`));
      },
    },
    {
      ...{ id: 'pihole-down', kind: 'switch', label: 'Pi-hole is down' },
      explains:
        'Ask `/status`, or deploy paperless, which needs a new name: what Pi-hole has nobody knows, and nothing else is held up by it.',
      turn: (down) => (down ? systems.pihole.down() : systems.pihole.up()),
    },
    {
      ...{ id: 'gitlab-down', kind: 'switch', label: 'GitLab is down' },
      explains:
        'A new version needs a commit, so it waits. What Git said last can still be deployed and looked at.',
      turn: (down) => (down ? gitlab.lab.down() : gitlab.lab.up()),
    },
  ];
}

function deeds({ world, systems }: ExampleHouse, isOn: (id: SwitchId) => boolean): readonly Breakage[] {
  const name = `grafana.${systems.domain}`;
  const { state } = systems.pihole;
  return [
    {
      ...{ id: 'edit-record', kind: 'deed', label: `Somebody points ${name} elsewhere` },
      explains: 'Ask `/status service:grafana`: it says what Pi-hole has instead, and offers to put it back.',
      turn() {
        if (isOn('pihole-down'))
          throw new Error('Pi-hole is down, so nobody can edit its records. Switch it on first.');
        const entry = state.hosts.find((each) => each.endsWith(` ${name}`));
        if (entry === undefined) throw new Error(`Pi-hole has no record of ${name}. Deploy grafana first.`);
        state.hosts = state.hosts.map((each) => (each === entry ? `${wrongAddress} ${name}` : each));
        return Promise.resolve();
      },
    },
    {
      ...{ id: 'stop-container', kind: 'deed', label: `Somebody stops ${broken} by hand` },
      explains: `Ask \`/status service:${broken}\`: it says what stopped, and offers to put it back.`,
      async turn() {
        if (isOn('host-off')) throw new Error(`${brokenHost} is off. Switch it on first.`);
        const running = hostOf(world).daemon.containers.some(
          (each) => each.name === broken && each.status === 'running',
        );
        if (!running) throw new Error(`${broken} does not run at the moment.`);
        await hostOf(world).exec(`docker stop ${broken}`);
      },
    },
  ];
}

function hostOf(world: ExampleHouse['world']): ExampleHouse['world']['hosts'][number] {
  const host = world.hosts.find(({ name }) => name === brokenHost);
  if (host === undefined) throw new Error(`the world has no ${brokenHost}`);
  return host;
}
