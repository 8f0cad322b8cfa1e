import type {
  ServiceStatus,
  Step,
  StepOf,
  SystemStatus,
  TileState,
  VerifyState,
} from '../../../engine/index.ts';
import { stepsOf } from './plans.ts';

const domain = 'home.example.net';
const sha = 'ab'.repeat(32);

/** Everything around a service that is deployed for the first time. */
export function aroundSteps(service = 'grafana'): readonly Step[] {
  const name = `${service}.${domain}`;
  const common = { service, changes: [], before: null } as const;
  const tile = (kind: TileState['kind'], list: string): StepOf<'glance'> => ({
    ...{ ...common, id: `glance ${service} ${kind}`, stage: 'glance', system: 'dashboard' },
    ...{ target: `${kind} ${service}`, cause: 'not there' },
    after: {
      ...{ kind, file: '/etc/glance/home.yml', page: 'Home', list, title: title(service) },
      ...{ url: `https://${name}`, content: sha, index: null },
    },
  });
  return [
    {
      ...{ ...common, id: `traefik ${service}`, stage: 'traefik', system: 'proxy', target: name },
      cause: 'no route file',
      after: {
        ...{ host: 'proxy', path: `/etc/traefik/dynamic/${service}.yml`, hostnames: [name] },
        ...{ backend: 'http://10.0.0.5:3030', signOn: true, content: sha },
      },
    },
    {
      ...{ ...common, id: `dns ${service}`, stage: 'dns', system: 'Pi-hole at 192.168.40.53', target: name },
      cause: 'no record',
      after: { name, addresses: ['192.168.40.20'], entries: [`192.168.40.20 ${name}`] },
    },
    {
      ...{ ...common, id: `authentik ${service}`, stage: 'authentik', target: title(service) },
      ...{ system: `Authentik at auth.${domain}`, cause: 'no application' },
      after: {
        ...{ slug: service, name: title(service), group: 'Monitoring', launchUrl: `https://${name}` },
        icon: '',
        provider: {
          ...{ kind: 'proxy', name: title(service), mode: 'forward_single', externalHost: `https://${name}` },
          ...{ internalHost: null, skipPaths: [], authorizationFlow: 'a', invalidationFlow: 'b' },
          settings: '',
        },
        ...{ outpost: 'embedded', bindings: [], settings: '' },
      },
    },
    tile('bookmark', 'Monitoring'),
    tile('monitor', 'Services'),
  ];
}

/** A deployment that touches every system, with its checks. */
export function everywhere(service = 'grafana'): readonly Step[] {
  const name = `${service}.${domain}`;
  const [deploy, verify] = stepsOf(service);
  const check = (after: VerifyState): StepOf<'verify'> => ({
    ...{ id: `verify ${service} ${after.kind}`, stage: 'verify', service, system: 'verify', target: name },
    ...{ cause: 'it was changed', changes: [], before: null, after },
  });
  return [
    deploy!,
    ...aroundSteps(service),
    verify!,
    check({ kind: 'name', name, addresses: ['192.168.40.20'] }),
    check({
      ...{ kind: 'route', url: `https://${name}/`, address: '192.168.40.20', port: 443 },
      signOn: `https://auth.${domain}`,
    }),
  ];
}

/** What is there already becomes something else, and what is no longer wanted goes. */
export function moving(): readonly Step[] {
  return aroundSteps().map((step): Step => {
    switch (step.stage) {
      case 'traefik':
        return {
          ...step,
          before: { ...step.after!, backend: 'http://10.0.0.4:3030' },
          changes: [
            { what: 'backend', before: 'http://10.0.0.4:3030', after: 'http://10.0.0.5:3030' },
            { what: 'sign-on', before: 'no', after: 'yes' },
          ],
        };
      case 'dns':
        return {
          ...step,
          before: { ...step.after!, addresses: ['192.168.40.9'] },
          changes: [{ what: `record ${step.target}`, before: '192.168.40.9', after: '192.168.40.20' }],
        };
      case 'authentik':
        return { ...step, before: step.after, after: null, cause: 'Git asks for no sign-on any more' };
      case 'deploy':
      case 'glance':
      case 'verify':
        return step;
    }
  });
}

/** Every kind of drift there is. */
export const drifted: readonly SystemStatus[] = [
  {
    stage: 'traefik',
    light: { state: 'bad', text: 'missing' },
    drift: [{ kind: 'missing', target: `grafana.${domain}`, changes: [], adoptable: false }],
  },
  {
    stage: 'dns',
    light: { state: 'bad', text: 'differs' },
    drift: [
      {
        ...{ kind: 'different', target: `grafana.${domain}`, adoptable: true },
        changes: [{ what: 'address', before: '192.168.40.9', after: '192.168.40.20' }],
      },
    ],
  },
  { stage: 'authentik', light: { state: 'unknown', text: 'could not be asked' }, drift: [] },
  {
    stage: 'glance',
    light: { state: 'bad', text: 'left over' },
    drift: [{ kind: 'extra', target: 'bookmark Grafana', changes: [], adoptable: false }],
  },
];

const runs: ServiceStatus['containers'][number] = {
  ...{ name: 'grafana', container: 'grafana', image: 'grafana/grafana:10.1', digest: null },
  ...{ state: 'running', health: 'healthy', restarts: 0, startedAt: null },
};

/** A service that runs well, and around which nothing is as Git says. */
export const driftedService: ServiceStatus = {
  ...{ service: 'grafana', displayName: 'Grafana', category: 'monitoring', host: 'media' },
  desired: { state: 'good', text: 'matches Git' },
  running: { state: 'good', text: '1 of 1 running' },
  health: { state: 'good', text: 'healthy' },
  ...{ containers: [runs], release: null, url: null, systems: drifted },
};

/** As it should be on every system. */
export const wellAround: ServiceStatus['systems'] = drifted.map(({ stage }) => ({
  stage,
  light: { state: 'good', text: 'matches Git' },
  drift: [],
}));

function title(service: string): string {
  return service.slice(0, 1).toUpperCase() + service.slice(1);
}
