import { posix } from 'node:path';
import { at, dotted, parseComposeFile, type ComposeFile, type ServiceFile } from '../../schema/index.ts';
import type { Problem } from '../problems.ts';
import type { Container, EnvValue, Result } from '../types.ts';
import { checkMountedFiles, checkSettings, checkUploads, checkVariables } from './check-content.ts';
import { checkAround, checkDashboard } from './check-around.ts';
import { checkInstallPath } from './check-install-path.ts';
import { checkReferences } from './check-references.ts';
import type { Definition } from './definition.ts';
import { faultToProblem, schemaToProblem } from './fault.ts';
import { installPathOf, installRootOf, normalise, type DefinitionInput } from './normalise.ts';
import { readContainers } from './read-containers.ts';

/** A definition of the single layout: the repository's own compose file is used as it is. */
export function singleDefinition(input: DefinitionInput): Result<Definition> {
  const { parsed, files, texts } = input;
  const path = files.uploads['docker-compose.yml'];
  if (path === undefined) return { ok: false, problems: [noCompose(files.file)] };
  const compose = parseComposeFile(texts[path] ?? '', path);
  if (!compose.ok)
    return { ok: false, problems: compose.problems.map((p) => schemaToProblem(p, 'definition-invalid')) };
  const env = envOf(parsed.value, texts[path] ?? '', input.surroundings.defaults.environment);
  const lookup = (name: string) => env[name];
  const read = readContainers(compose.value, installPathOf(input), lookup);
  const uploads = Object.keys(files.uploads);
  const inDefinition = [
    ...checkSettings(parsed.value),
    ...checkInstallPath(parsed.value.deployment.install_path, installRootOf(input)),
    ...checkUploads(files.uploads, []),
    ...checkAround(parsed.value, input.surroundings.inventory),
    ...checkDashboard(
      { host: parsed.value.deployment.target_host, installPath: installPathOf(input), files: uploads },
      input.surroundings.inventory,
    ),
    ...checkPort(parsed.value, compose.value, read.containers),
  ];
  const inCompose = [
    ...read.faults.map((fault) => ({ ...fault, message: `${dotted(fault.path)}: ${fault.message}` })),
    ...checkReferences(compose.value, uploads),
    ...checkMountedFiles(compose.value, uploads, posix.dirname(path)),
    ...checkVariables(compose.value, lookup),
  ];
  const problems = [
    ...inDefinition.map((fault) => faultToProblem(fault, parsed.locate)),
    ...inCompose.map((fault) => faultToProblem(fault, compose.locate)),
  ];
  if (problems.length > 0) return { ok: false, problems };
  return {
    ok: true,
    value: normalise(input, {
      layout: 'single',
      files: Object.fromEntries(
        Object.entries(files.uploads).map(([name, from]) => [name, texts[from] ?? '']),
      ),
      env,
      containers: withHostPorts(parsed.value, compose.value, read.containers),
      ports: Object.fromEntries([...read.ports].map(([key, where]) => [key, at(compose.locate(where))])),
    }),
  };
}

function noCompose(file: string): Problem {
  return {
    code: 'definition-invalid',
    message: 'config/docker-compose.yml is missing',
    where: `${file}:1:1`,
    hint: 'add the compose file, or use the fleet layout, where it is made from the definition',
  };
}

/** The `.env` file: what the definition sets, and the port and the variables of sentinel.yml the compose file asks for. */
function envOf(
  { deployment }: ServiceFile,
  compose: string,
  variables: Readonly<Record<string, string>>,
): Readonly<Record<string, EnvValue>> {
  const env: Record<string, EnvValue> = {};
  for (const [name, value] of Object.entries(deployment.environment ?? {}))
    if (!name.startsWith('x-')) env[name] = { value: String(value) };
  for (const { name, source = name } of deployment.secrets ?? []) env[name] = { secret: source };
  const asked = (name: string): boolean => new RegExp(`\\$\\{?${name}\\b`).test(compose);
  if (deployment.port !== null && asked('SERVICE_PORT'))
    env['SERVICE_PORT'] ??= { value: String(deployment.port) };
  for (const [name, value] of Object.entries(variables)) if (asked(name)) env[name] ??= { value };
  return env;
}

/** The definition and the compose file must agree on the port, or everything that follows asks the wrong one. */
function checkPort(
  { deployment: { port } }: ServiceFile,
  compose: ComposeFile,
  containers: readonly Container[],
) {
  const published = containers.flatMap(({ ports }) => ports).filter(({ protocol }) => protocol === 'tcp');
  const hidden = Object.values(compose.services).some(({ network_mode = '' }) => network_mode === 'host');
  if (port === null || hidden || published.some(({ host }) => host === port)) return [];
  const others = published.map(({ host }) => host).join(', ');
  return [
    {
      path: ['deployment', 'port'],
      message: `deployment.port: ${port} is not published by config/docker-compose.yml`,
      hint: others === '' ? `publish it there: "${port}:…"` : `it publishes ${others}`,
    },
  ];
}

/** A container on the host's own network publishes nothing, and takes the port all the same. */
function withHostPorts(
  { deployment: { port } }: ServiceFile,
  { services }: ComposeFile,
  containers: readonly Container[],
) {
  const onHost = containers.filter(({ name }) => services[name]?.network_mode === 'host');
  if (port === null || onHost.length !== 1) return containers;
  const taken = { host: port, container: port, protocol: 'tcp' as const };
  return containers.map((one) => (one === onHost[0] ? { ...one, ports: [taken] } : one));
}
