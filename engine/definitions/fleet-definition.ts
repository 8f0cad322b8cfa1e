import { at, dotted, type Path, type ServiceFile } from '../../schema/index.ts';
import type { Problem } from '../problems.ts';
import type { Container, Result } from '../types.ts';
import { checkMountedFiles, checkSettings, checkUploads } from './check-content.ts';
import { checkAround, checkDashboard } from './check-around.ts';
import { checkInstallPath } from './check-install-path.ts';
import type { Definition } from './definition.ts';
import { faultToProblem } from './fault.ts';
import { generateCompose } from './generate-compose.ts';
import { installPathOf, installRootOf, normalise, type DefinitionInput } from './normalise.ts';
import { readContainers } from './read-containers.ts';

/** A definition of the fleet layout: the compose file is made from it. */
export function fleetDefinition(input: DefinitionInput): Result<Definition> {
  const { parsed, files, texts, surroundings } = input;
  const { value: file, locate } = parsed;
  const { restart, environment } = surroundings.defaults;
  const compose = generateCompose(file, { file: files.file, restart, environment });
  const read = readContainers(compose.value, installPathOf(input), () => undefined);
  const faults = [
    ...checkSettings(file),
    ...checkInstallPath(file.deployment.install_path, installRootOf(input)),
    ...checkUploads(files.uploads, ['docker-compose.yml']),
    ...checkAround(file, surroundings.inventory),
    ...checkDashboard(
      {
        host: file.deployment.target_host,
        installPath: installPathOf(input),
        files: Object.keys(files.uploads),
      },
      surroundings.inventory,
    ),
  ];
  const folder = files.file.replace(/\.ya?ml$/, '');
  const problems: readonly Problem[] = [
    ...faults.map((fault) => faultToProblem(fault, locate)),
    ...checkMountedFiles(compose.value, Object.keys(files.uploads), folder).map((fault) =>
      faultToProblem({ ...fault, path: definitionPath(file, fault.path) }, locate),
    ),
    ...read.faults.map((fault) => {
      const path = definitionPath(file, fault.path);
      return faultToProblem({ ...fault, path, message: `${dotted(path)}: ${fault.message}` }, locate);
    }),
  ];
  if (problems.length > 0) return { ok: false, problems };
  const uploads = Object.entries(files.uploads).map(([name, path]) => [name, texts[path] ?? ''] as const);
  const ports = [...read.ports].map(([key, path]) => [key, at(locate(definitionPath(file, path)))] as const);
  const { containers, hostPort } = withHostPort(file, read.containers);
  return {
    ok: true,
    value: normalise(input, {
      layout: 'fleet',
      files: { 'docker-compose.yml': compose.text, ...Object.fromEntries(uploads) },
      env: compose.env,
      containers,
      ports: Object.fromEntries([
        ...ports,
        ...hostPort.map((key) => [key, at(locate(['deployment', 'port']))] as const),
      ]),
    }),
  };
}

/** A container on the host's own network publishes nothing, and takes the port all the same. */
function withHostPort(
  { service, deployment: { port, network_mode } }: ServiceFile,
  containers: readonly Container[],
): { readonly containers: readonly Container[]; readonly hostPort: readonly string[] } {
  if (network_mode !== 'host' || port === null) return { containers, hostPort: [] };
  const taken = { host: port, container: port, protocol: 'tcp' as const };
  return {
    containers: containers.map((one) => (one.name === service.name ? { ...one, ports: [taken] } : one)),
    hostPort: [`tcp/${port}`],
  };
}

/** The place in the definition something of the generated compose file comes from. */
function definitionPath({ service, deployment }: ServiceFile, [, name, key, ...rest]: Path): Path {
  const own = name === service.name;
  const base: Path = own ? ['deployment'] : ['deployment', 'containers', name ?? ''];
  if (key === undefined) return base;
  const index = rest[0];
  if (key !== 'ports' || typeof index !== 'number') return [...base, key, ...rest];
  const settings = own ? deployment : deployment.containers?.[String(name)];
  const published = publishesMain(deployment, own, String(name)) ? 1 : 0;
  if (index < published) return ['deployment', 'port'];
  return settings?.ports === undefined ? base : [...base, 'ports', index - published];
}

function publishesMain(
  { port, network_mode = 'bridge' }: ServiceFile['deployment'],
  own: boolean,
  name: string,
): boolean {
  return port !== null && (own ? network_mode === 'bridge' : network_mode === `service:${name}`);
}
