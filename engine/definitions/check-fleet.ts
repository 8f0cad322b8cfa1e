import { nearest } from '../../schema/index.ts';
import type { Problem } from '../problems.ts';
import type { PublishedPort } from '../types.ts';
import type { Definition } from './definition.ts';

/** A problem between services, and the services that cannot be deployed because of it. */
export interface FleetProblem {
  readonly problem: Problem;
  readonly services: readonly Definition[];
}
export interface FleetInput {
  readonly definitions: readonly Definition[];
  readonly hosts: readonly string[];
  /** Names of services whose own files are broken: they exist, so depending on them is not a mistake. */
  readonly broken: readonly string[];
}

/** Everything that is wrong between services which are fine one by one. */
export function checkFleet(input: FleetInput): readonly FleetProblem[] {
  const { definitions, hosts } = input;
  return [
    ...duplicateNames(definitions),
    ...definitions
      .filter(({ service }) => !hosts.includes(service.host))
      .map((one) => unknownHost(one, hosts)),
    ...portClashes(definitions),
    ...pathClashes(definitions),
    ...hostnameClashes(definitions),
    ...slugClashes(definitions),
    ...unknownDependencies(input),
    ...dependencyCycles(definitions),
  ];
}

function duplicateNames(definitions: readonly Definition[]): readonly FleetProblem[] {
  return clashes(definitions.map((one) => ({ key: one.service.name, one, where: one.places.name }))).map(
    ({ key, first, second }) =>
      between(first, second, {
        code: 'duplicate-name',
        message: `${key} is defined twice: at ${first.where} and at ${second.where}`,
        hint: 'give one of the two another name',
      }),
  );
}

function unknownHost(one: Definition, hosts: readonly string[]): FleetProblem {
  const { host, name } = one.service;
  const meant = nearest(host, hosts);
  const hint =
    meant === undefined ? `known hosts: ${hosts.join(', ') || 'none'}` : `did you mean '${meant}'?`;
  const message = `${name}: no host in sentinel.yml is called ${host}`;
  return { problem: { code: 'host-unknown', message, where: one.places.host, hint }, services: [one] };
}

type PortClaim = Claim & { readonly port: PublishedPort };

function portClashes(definitions: readonly Definition[]): readonly FleetProblem[] {
  const taken = new Map<string, PortClaim[]>();
  const found = new Map<string, FleetProblem>();
  for (const one of definitions)
    for (const port of one.service.containers.flatMap(({ ports }) => ports)) {
      const short = `${port.protocol}/${port.host}`;
      const key = `${one.service.host} ${short}`;
      const claim = { key, one, where: one.places.ports[short] ?? one.service.file, port };
      const others = taken.get(key) ?? [];
      const first = others.find((other) => overlap(other.port, port));
      taken.set(key, [...others, claim]);
      // A range of ports that clashes with a range is said once.
      const said = first === undefined ? '' : `${first.where} ${claim.where}`;
      if (first !== undefined && !found.has(said)) found.set(said, portClash(first, claim));
    }
  return [...found.values()];
}

function portClash(first: Claim, second: PortClaim): FleetProblem {
  const { port, one } = second;
  const what = `port ${port.host}${port.protocol === 'udp' ? '/udp' : ''} of ${one.service.host}`;
  return between(first, second, {
    code: 'port-clash',
    message: `${first.one.service.name} (${first.where}) and ${one.service.name} (${second.where}) both publish ${what}`,
    hint: 'give one of the two another port',
  });
}

/** Two addresses do not disturb each other, but every address includes each of them. */
function overlap(a: PublishedPort, b: PublishedPort): boolean {
  const every = ['', '0.0.0.0', '::'];
  const [first = '', second = ''] = [a.address, b.address];
  return first === second || every.includes(first) || every.includes(second);
}

/** Two services in one directory, or one inside the other's, would overwrite and remove each other's files. */
function pathClashes(definitions: readonly Definition[]): readonly FleetProblem[] {
  const claims = definitions
    .map((one) => ({ key: `${one.service.host} ${one.service.installPath}/`, one, where: one.places.path }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const found: FleetProblem[] = [];
  let around: Claim[] = [];
  for (const claim of claims) {
    around = around.filter(({ key }) => claim.key.startsWith(key));
    const first = around.at(-1);
    // Of two with one name, that they have it says enough.
    if (first !== undefined && first.one.service.name !== claim.one.service.name)
      found.push(pathClash(first, claim));
    around.push(claim);
  }
  return found;
}

function pathClash(outer: Claim, inner: Claim): FleetProblem {
  const [one, two] = [outer.one.service, inner.one.service];
  const how =
    one.installPath === two.installPath
      ? `both are installed in ${one.installPath} of ${one.host}`
      : `the second is installed in ${two.installPath} of ${two.host}, inside ${one.installPath} of the first`;
  return between(outer, inner, {
    code: 'path-clash',
    message: `${one.name} (${outer.where}) and ${two.name} (${inner.where}): ${how}`,
    hint: 'give one of the two another install_path',
  });
}

function hostnameClashes(definitions: readonly Definition[]): readonly FleetProblem[] {
  const claims = definitions.flatMap((one) =>
    one.hostnames.map(({ name, where }) => ({ key: name, one, where })),
  );
  return clashes(claims).map(({ key, first, second }) =>
    between(first, second, {
      code: 'hostname-clash',
      message: `${first.one.service.name} (${first.where}) and ${second.one.service.name} (${second.where}) both ask for ${key}`,
      hint: 'give one of the two another traefik.subdomain or dns.hostname',
    }),
  );
}

/** Authentik knows applications by their slugs, so two services would take one from each other. */
function slugClashes(definitions: readonly Definition[]): readonly FleetProblem[] {
  const claims = definitions.flatMap((one) => {
    const { signOn } = one.service;
    return signOn === null ? [] : [{ key: signOn.slug, one, where: one.places.slug }];
  });
  return clashes(claims)
    .filter(({ first, second }) => first.one.service.name !== second.one.service.name)
    .map(({ key, first, second }) =>
      between(first, second, {
        code: 'duplicate-name',
        message: `${first.one.service.name} (${first.where}) and ${second.one.service.name} (${second.where}) both have the slug ${key} in Authentik`,
        hint: 'give one of the two another authentik.slug',
      }),
    );
}

interface Claim {
  readonly key: string;
  readonly one: Definition;
  readonly where: string;
}

/** Claims on something that is already claimed, each with the first one. */
function clashes(claims: readonly Claim[]) {
  const firsts = new Map<string, Claim>();
  return claims.flatMap((second) => {
    const first = firsts.get(second.key);
    if (first === undefined) firsts.set(second.key, second);
    return first === undefined || first.one === second.one ? [] : [{ key: second.key, first, second }];
  });
}

function between(first: Claim, second: Claim, problem: Problem): FleetProblem {
  return { problem: { ...problem, where: second.where }, services: [first.one, second.one] };
}

function unknownDependencies({ definitions, broken }: FleetInput): readonly FleetProblem[] {
  const names = [...definitions.map(({ service }) => service.name), ...broken];
  return definitions.flatMap((one) =>
    one.service.dependsOn
      .filter((name) => !names.includes(name))
      .map((name) => {
        const meant = nearest(name, names);
        const problem: Problem = {
          code: 'dependency-unknown',
          message: `${one.service.name} depends on ${name}, which is neither a service nor one of its containers`,
          where: one.places.dependsOn[name] ?? one.service.file,
          hint: meant === undefined ? 'define it, or remove it from depends_on' : `did you mean '${meant}'?`,
        };
        return { problem, services: [one] };
      }),
  );
}

function dependencyCycles(definitions: readonly Definition[]): readonly FleetProblem[] {
  const byName = new Map(definitions.map((one) => [one.service.name, one]));
  const done = new Set<string>();
  const found: FleetProblem[] = [];
  const walk = (one: Definition, trail: readonly Definition[]): void => {
    const start = trail.indexOf(one);
    if (start >= 0) found.push(circle(trail.slice(start)));
    if (start >= 0 || done.has(one.service.name)) return;
    for (const name of one.service.dependsOn) {
      const next = byName.get(name);
      if (next !== undefined) walk(next, [...trail, one]);
    }
    done.add(one.service.name);
  };
  for (const one of definitions) walk(one, []);
  return found;
}

function circle(services: readonly Definition[]): FleetProblem {
  const [first] = services;
  const names = services.map(({ service }) => service.name);
  const next = names[1] ?? names[0] ?? '';
  return {
    problem: {
      code: 'dependency-cycle',
      message: `services depend on each other in a circle: ${[...names, names[0]].join(' → ')}`,
      where: first?.places.dependsOn[next] ?? first?.service.file ?? '',
      hint: 'remove one of these from depends_on',
    },
    services,
  };
}
