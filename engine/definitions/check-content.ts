import { posix } from 'node:path';
import { interpolate, type Lookup } from './interpolate.ts';
import {
  dotted,
  type ComposeFile,
  type ContainerSettings,
  type Path,
  type ServiceFile,
} from '../../schema/index.ts';
import type { Fault } from './fault.ts';

/** Files that can never be uploaded, because the host keeps something else in their place. */
export function checkUploads(
  uploads: Readonly<Record<string, string>>,
  own: readonly string[],
): readonly Fault[] {
  return Object.entries(uploads).flatMap(([name, path]) => {
    if (name === '.env')
      return [
        fault(
          [],
          `${path} must not be in Git`,
          'move secrets to the secret store and the rest to deployment.environment',
        ),
      ];
    if (own.includes(name) || name.startsWith('.sentinel/'))
      return [fault([], `${path} would replace a file Sentinel writes itself`, 'give the file another name')];
    return [];
  });
}

/** Docker makes a directory of a mounted file that does not exist, which is never what was meant. */
export function checkMountedFiles(
  compose: ComposeFile,
  files: readonly string[],
  folder: string,
): readonly Fault[] {
  const there = new Set(files);
  return Object.entries(compose.services).flatMap(([name, { volumes = [] }]) =>
    volumes.flatMap((entry, index) => {
      const source = typeof entry === 'string' ? (entry.split(':')[0] ?? '') : (entry.source ?? '');
      if (!source.startsWith('./') || source.includes('$') || there.has(posix.normalize(source))) return [];
      if (!/\.(ya?ml|toml|conf|cfg|ini|json|xml|sh|properties|sql|lua|js|py|html)$/.test(source)) return [];
      return [
        fault(
          ['services', name, 'volumes', index],
          `${name} mounts ${source}, which is not in the repository`,
          `add ${posix.join(folder, source)}; Docker would make an empty directory of it`,
        ),
      ];
    }),
  );
}

/** Mistakes in one definition that a schema cannot see. */
export function checkSettings({ service, deployment }: ServiceFile): readonly Fault[] {
  const { healthcheck, port, containers = {} } = deployment;
  const faults: Fault[] = [];
  if (service.name in containers)
    faults.push(
      fault(
        ['deployment', 'containers', service.name],
        `deployment.containers: ${service.name} is the name of the service itself`,
        'give the extra container another name',
      ),
    );
  if (
    healthcheck?.endpoint !== undefined &&
    healthcheck.enabled !== false &&
    port === null &&
    healthcheck.port === undefined
  )
    faults.push(
      fault(
        ['deployment', 'healthcheck', 'endpoint'],
        'deployment.healthcheck: port is required',
        'deployment.port is null, so nothing says which port the endpoint is on',
      ),
    );
  const all = [['deployment'], ...Object.keys(containers).map((name) => ['deployment', 'containers', name])];
  for (const path of all) {
    const settings: ContainerSettings | undefined = path[2] === undefined ? deployment : containers[path[2]];
    if (settings !== undefined) faults.push(...checkContainer(settings, path));
  }
  return [...faults, ...checkCircles(service.name, deployment)];
}

/** The service's own containers must not wait for each other in a circle either. */
function checkCircles(own: string, deployment: ServiceFile['deployment']): readonly Fault[] {
  const { containers = {} } = deployment;
  const next = (name: string) => (name === own ? deployment : containers[name])?.depends_on ?? [];
  for (const start of [own, ...Object.keys(containers)]) {
    const trail = circleFrom(start, next);
    if (trail === null) continue;
    const path = start === own ? ['deployment'] : ['deployment', 'containers', start];
    const circle = [...trail, start].join(' → ');
    return [
      fault(
        [...path, 'depends_on'],
        `containers depend on each other in a circle: ${circle}`,
        'remove one of these from depends_on',
      ),
    ];
  }
  return [];
}

/** The shortest way from a container back to itself. */
function circleFrom(start: string, next: (name: string) => readonly string[]): readonly string[] | null {
  const seen = new Set<string>();
  let trails: readonly (readonly string[])[] = [[start]];
  while (trails.length > 0) {
    const longer: (readonly string[])[] = [];
    for (const trail of trails)
      for (const name of next(trail.at(-1) ?? start)) {
        if (name === start) return trail;
        if (!seen.has(name)) longer.push([...trail, name]);
        seen.add(name);
      }
    trails = longer;
  }
  return null;
}

function checkContainer(settings: ContainerSettings, path: Path): readonly Fault[] {
  const faults: Fault[] = [];
  const { secrets = [], environment = {}, network_mode, networks = [], ports = [] } = settings;
  for (const [index, { name }] of secrets.entries()) {
    const where = [...path, 'secrets', index, 'name'];
    if (name in environment)
      faults.push(fault(where, `${dotted(where)}: ${name} is also in environment`, 'keep one of the two'));
    if (secrets.findIndex((other) => other.name === name) !== index)
      faults.push(fault(where, `${dotted(where)}: ${name} appears twice`, 'keep one of the two'));
  }
  if (network_mode !== undefined && network_mode !== 'bridge')
    for (const key of ['networks', 'ports'] as const)
      if ((key === 'networks' ? networks : ports).length > 0)
        faults.push(
          fault(
            [...path, key],
            `${dotted([...path, key])} cannot be combined with network_mode: ${network_mode}`,
            `remove ${key} or network_mode`,
          ),
        );
  return faults;
}

/** Variables a compose file uses and nobody sets; compose would quietly put nothing in their place. */
export function checkVariables(compose: unknown, lookup: Lookup): readonly Fault[] {
  const seen = new Set<string>();
  return texts(compose, []).flatMap(({ path, text }) =>
    interpolate(text, lookup)
      .missing.filter((name) => !seen.has(name) && seen.add(name))
      .map((name) =>
        fault(
          path,
          `${dotted(path)}: nothing gives \${${name}} a value`,
          `add ${name} to deployment.environment or deployment.secrets, or write a default: \${${name}:-…}`,
        ),
      ),
  );
}

function texts(value: unknown, path: Path): readonly { readonly path: Path; readonly text: string }[] {
  if (typeof value === 'string') return value.includes('$') ? [{ path, text: value }] : [];
  if (Array.isArray(value)) return value.flatMap((inner: unknown, index) => texts(inner, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => texts(inner, [...path, key]));
}

function fault(path: Path, message: string, hint: string): Fault {
  return { path, message, hint };
}
