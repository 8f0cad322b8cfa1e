import type { Homelab } from '../page/page-lab.ts';
import { lookAtGlance } from './look/dashboard.ts';
import { lookAtOpnsense, lookAtPihole } from './look/dns.ts';
import { createGitLook } from './look/git.ts';
import { lookAtHost } from './look/hosts.ts';
import { lookAtPipelines } from './look/pipelines.ts';
import { lookAtTraefik } from './look/proxy.ts';
import { lookAtAuthentik } from './look/sign-on.ts';
import type { ExampleHouse } from './open-house.ts';
import { createSwitches } from './switches.ts';

/** The systems of the house as the page shows them, with what can be broken there. */
export function createHomelab(parts: ExampleHouse): Homelab {
  const { world, systems, opnsense, gitlab, pipeline } = parts;
  const switches = createSwitches(parts);
  const lookAtGit = createGitLook(gitlab);
  const works = (id: Parameters<typeof switches.isOn>[0]): boolean => !switches.isOn(id);
  // The proxy's machine has no Docker containers to show.
  const hosts = world.hosts.filter(({ name }) => name !== 'traefik-lxc');
  const glanceRuns = (): boolean =>
    world.hosts.some(({ daemon }) =>
      daemon.containers.some(({ name, status }) => name === 'glance' && status === 'running'),
    );
  return {
    switches: switches.all,
    turn: (id, on) => switches.turn(id, on),
    async look() {
      const [git, glance] = await Promise.all([
        lookAtGit(works('gitlab-down')),
        lookAtGlance(systems.glance, glanceRuns()),
      ]);
      return [
        ...hosts.map((host) => lookAtHost(host, host.name !== 'docker-lxc-media' || works('host-off'))),
        lookAtTraefik(systems.traefik),
        lookAtPihole(systems.pihole, works('pihole-down')),
        lookAtOpnsense(opnsense),
        lookAtAuthentik(systems.authentik),
        glance,
        git,
        lookAtPipelines(gitlab.project, { isOn: works('gitlab-down'), played: pipeline }),
      ];
    },
  };
}
