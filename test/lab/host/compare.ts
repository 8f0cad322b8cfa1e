import { parse } from 'yaml';
import type { World, WorldHost } from '../../../lab/world.ts';
import { type Connection, connectTo, eventually } from './ssh-client.ts';
import type { Probe } from './probes.ts';

/** What a probe gave, with everything replaced that must differ: ids, times, sizes, paths, addresses. */
export interface Finding {
  /** Exit code or HTTP status. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A world with a connection to its first host, ready for probes. */
export interface Laboratory {
  readonly world: World;
  readonly host: WorldHost;
  readonly connection: Connection;
  readonly project: string;
  close(): Promise<void>;
}

/** Opens one; the chapter `without` plays while the Docker daemon is stopped. */
export async function openLaboratory(world: World, project: string): Promise<Laboratory> {
  const [host] = world.hosts;
  if (!host) throw new Error('the world has no host');
  const connection = await connectTo(world, host);
  if (project === 'without') await host.stopDocker();
  return {
    world,
    host,
    connection,
    project,
    async close() {
      connection.end();
      if (project === 'without') await host.startDocker();
    },
  };
}

export async function find(probe: Probe, { host, connection, project }: Laboratory): Promise<Finding> {
  const directory = `${host.installRoot}/${project}`;
  await connection.run(`mkdir -p ${directory}`);
  const files = { ...probe.files, ...(probe.file === undefined ? {} : { 'docker-compose.yml': probe.file }) };
  for (const [name, text] of Object.entries(files))
    if (text === null) await connection.run(`rm -f ${directory}/${name}`);
    else await connection.run(`cat > ${directory}/${name}`, text);
  const head = `cd ${directory}; P=${project}; C="docker compose -p $P -f docker-compose.yml --project-directory . --ansi never"\n`;
  const { after, run, api } = probe;
  if (after !== undefined)
    await eventually(
      async () => (await connection.run('sh -s', head + after)).exitCode === 0,
      `${probe.title}: ${after}`,
    );
  const clean = (text: string) => normalise(text, host);
  if (api !== undefined) {
    const [method = '', path = ''] = api.replaceAll('$P', project).split(' ');
    const { status, body } = await connection.api(method, path);
    return { code: status, stdout: clean(body.toString('latin1')), stderr: '' };
  }
  const { exitCode, stdout, stderr } = await connection.run('sh -s', head + (run ?? ''));
  return { code: exitCode, stdout: clean(stdout), stderr: clean(stderr) };
}

const layerProgress =
  / [0-9a-f]{12} (Pulling fs layer|Waiting|Downloading|Verifying|Download complete|Extracting|Pull complete|Already exists).*\n/g;

export function normalise(text: string, host: WorldHost): string {
  return text
    .replaceAll(layerProgress, '')
    .replaceAll(host.installRoot, '/opt')
    .replaceAll(/\b[0-9a-f]{64}\b/g, '<sha>')
    .replaceAll(/\b[0-9a-f]{12}\b/g, '<id>')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>')
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000 UTC/g, '<time>')
    .replaceAll(/(Less than a second|About a minute|\d+ (second|minute)s?)( ago)?/g, '<age>')
    .replaceAll(/Get "https?:\/\//g, 'Get "<scheme>://')
    .replaceAll(/10\.\d+\.\d+\.\d+/g, '<ip>');
}

/** The parts of a finding that must be equal in both worlds. */
export function comparable(probe: Probe, finding: Finding): unknown {
  const { code, stdout, stderr } = finding;
  const { compare = 'exact' } = probe;
  if (compare instanceof RegExp) return { code, stderr: compare.test(stderr) ? String(compare) : stderr };
  if (compare === 'exit') return { code };
  if (compare === 'lines') return { code, stdout: sorted(stdout), stderr: sorted(stderr) };
  if (compare === 'value') return { code, stderr, value: parse(stdout) as unknown };
  if (compare === 'subset') return { code, stderr, shape: { Config: bodyShape(stdout) } };
  if (compare === 'json') return { code, stderr, shape: bodyShape(stdout) };
  if (compare === 'json-lines') return { code, stderr, shapes: stdout.trim().split('\n').map(bodyShape) };
  return { code, stdout, stderr };
}

const sorted = (text: string) => text.split('\n').sort();

/** Errors and plain text word for word; objects as their keys and types. */
function bodyShape(text: string): unknown {
  if (!/^[[{]/.test(text)) return text;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && 'message' in value) return value;
    return shapeOf(value);
  } catch {
    return text.split('\r\n').filter((line) => line !== '' && !isProgress(line));
  }
}
const isProgress = (line: string) =>
  /"status":"(Pulling fs layer|Waiting|Downloading|Verifying Checksum|Download complete|Extracting|Pull complete|Already exists)"/.test(
    line,
  );

/** Where real engines tell far more than anything here asks for; what the simulation has must be there and alike. */
const partly = new Set([
  'HostConfig',
  'Config',
  'NetworkSettings',
  'GraphDriver',
  'ContainerConfig',
  'Details',
  'Networks',
]);
/** Maps whose keys are names. */
const maps = new Set([
  'Labels',
  'Ports',
  'PortBindings',
  'ExposedPorts',
  'Networks',
  'Options',
  'Volumes',
  'Containers',
  'Runtimes',
]);

export type Shape = string | { readonly [key: string]: Shape } | readonly Shape[];

export function shapeOf(value: unknown): Shape {
  if (value === null) return 'null';
  if (Array.isArray(value)) {
    const shapes = new Map(value.map((item: unknown) => [JSON.stringify(shapeOf(item)), shapeOf(item)]));
    return [...shapes.values()];
  }
  if (typeof value !== 'object') return typeof value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, shapeOf(item)]),
  );
}

/** Differences of two findings, as lines for a person; empty when they agree. */
export function differences(real: unknown, simulated: unknown, path = ''): readonly string[] {
  const last = path.split('.').at(-1) ?? '';
  if (isShape(real) && isShape(simulated)) {
    const inside = path.split('.').some((part) => partly.has(part));
    const named = maps.has(last);
    const keys = new Set([...Object.keys(real), ...Object.keys(simulated)]);
    return [...keys].flatMap((key) => {
      const at = path === '' ? key : `${path}.${key}`;
      if (!(key in real)) return [`${at}: only in the simulation`];
      if (!(key in simulated))
        return inside || named || ignored.has(at.replace(/^shapes?(\[\])?\./, ''))
          ? []
          : [`${at}: only in reality`];
      return differences(real[key], simulated[key], at);
    });
  }
  if (Array.isArray(real) && Array.isArray(simulated) && path.startsWith('shape'))
    return listDifferences(real, simulated, path);
  return JSON.stringify(real) === JSON.stringify(simulated)
    ? []
    : [`${path}:\n  real      ${JSON.stringify(real)}\n  simulated ${JSON.stringify(simulated)}`];
}

/** What nobody needs of `/info`, and what depends on the machine. */
const ignored = new Set(['ContainerConfig']);

function listDifferences(
  real: readonly unknown[],
  simulated: readonly unknown[],
  path: string,
): readonly string[] {
  if (real.length === 0 || simulated.length === 0)
    return real.length === simulated.length
      ? []
      : [`${path}: real ${JSON.stringify(real)}, simulated ${JSON.stringify(simulated)}`];
  return simulated.flatMap((item) => {
    const found = real.map((candidate) => differences(candidate, item, `${path}[]`));
    return found.some((list) => list.length === 0)
      ? []
      : (found.sort((a, b) => a.length - b.length)[0] ?? []);
  });
}

function isShape(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
