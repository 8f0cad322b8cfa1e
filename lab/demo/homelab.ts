import type { Homelab } from '../page/page-lab.ts';
import { lookAtGlance } from './look/dashboard.ts';
import { lookAtOpnsense, lookAtPihole } from './look/dns.ts';
import { createGitLook } from './look/git.ts';
import { lookAtHost } from './look/hosts.ts';
import { orDown } from './look/or-down.ts';
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
    look: () =>
      Promise.all([
        ...hosts.map((host) =>
          orDown({ id: `host-${host.name}`, name: host.name, kind: 'host' }, () =>
            lookAtHost(host, host.name !== 'docker-lxc-media' || works('host-off')),
          ),
        ),
        orDown({ id: 'traefik', name: 'Traefik', kind: 'proxy' }, () => lookAtTraefik(systems.traefik)),
        orDown({ id: 'pihole', name: 'Pi-hole', kind: 'dns' }, () =>
          lookAtPihole(systems.pihole, works('pihole-down')),
        ),
        orDown({ id: 'opnsense', name: 'OPNsense (staging)', kind: 'dns' }, () => lookAtOpnsense(opnsense)),
        orDown({ id: 'authentik', name: 'Authentik', kind: 'signon' }, () =>
          lookAtAuthentik(systems.authentik),
        ),
        orDown({ id: 'glance', name: 'Glance', kind: 'dashboard' }, () =>
          lookAtGlance(systems.glance, glanceRuns()),
        ),
        orDown({ id: 'gitlab', name: `GitLab ${gitlab.project.state.path}`, kind: 'git' }, () =>
          lookAtGit(works('gitlab-down')),
        ),
        orDown({ id: 'pipelines', name: 'GitLab CI (staging)', kind: 'pipeline' }, () =>
          lookAtPipelines(gitlab.project, { isOn: works('gitlab-down'), played: pipeline }),
        ),
      ]),
  };
}
