import { stringify } from 'yaml';
import { ComposeError } from '../compose/compose-error.ts';
import { down, restart, startStopped, stop } from '../compose/down.ts';
import { loadProject } from '../compose/load.ts';
import type { Project } from '../compose/model.ts';
import { pullImages } from '../compose/pull.ts';
import { configHash, projectJson } from '../compose/render.ts';
import { containersOf, type Run, selectServices, serviceContainer } from '../compose/run.ts';
import { label } from '../compose/spec.ts';
import { up, type UpOptions } from '../compose/up.ts';
import { DockerError, messageOf } from '../docker-error.ts';
import { selectLogs } from '../logs.ts';
import { composeVersion } from '../shapes.ts';
import { type Invocation, needDaemon } from './docker.ts';
import { CliError, type FlagTable, parseFlags, type Parsed } from './flags.ts';
import { composePsRow, table } from './rows.ts';

const globalFlags: FlagTable = {
  'p|project-name': 'value',
  'f|file': 'value',
  'project-directory': 'value',
  'env-file': 'value',
  profile: 'value',
  ansi: 'value',
  progress: 'value',
  parallel: 'value',
  compatibility: 'bool',
  'dry-run': 'bool',
  'all-resources': 'bool',
};

interface ComposeCall extends Run {
  readonly call: Invocation;
  readonly globals: Parsed;
  readonly flags: Parsed;
  /** Reads the project; compose's refusals are thrown. */
  readonly load: () => Project;
}
interface ComposeCommand {
  readonly flags: FlagTable;
  readonly act: (call: ComposeCall) => Promise<void> | void;
  /** Works without the daemon. */
  readonly offline?: boolean;
}

const commands: Readonly<Record<string, ComposeCommand>> = {
  version: { flags: { short: 'bool', 'f|format': 'value' }, act: showVersion, offline: true },
  config: {
    flags: {
      'q|quiet': 'bool',
      format: 'value',
      services: 'bool',
      images: 'bool',
      volumes: 'bool',
      networks: 'bool',
      hash: 'value',
      'no-interpolate': 'bool',
      'no-normalize': 'bool',
      'no-consistency': 'bool',
      'resolve-image-digests': 'bool',
    },
    act: config,
    offline: true,
  },
  pull: {
    flags: {
      'q|quiet': 'bool',
      'ignore-pull-failures': 'bool',
      'ignore-buildable': 'bool',
      'include-deps': 'bool',
      policy: 'value',
    },
    act: pull,
    offline: true, // it has its own words for a daemon that is away
  },
  up: {
    flags: {
      'd|detach': 'bool',
      'remove-orphans': 'bool',
      'force-recreate': 'bool',
      'no-recreate': 'bool',
      'no-deps': 'bool',
      'no-start': 'bool',
      'no-build': 'bool',
      build: 'bool',
      pull: 'value',
      'quiet-pull': 'bool',
      wait: 'bool',
      'wait-timeout': 'value',
      't|timeout': 'value',
      'y|yes': 'bool',
      'V|renew-anon-volumes': 'bool',
    },
    act: (call) => up(call, call.load(), upOptions(call.flags)),
  },
  create: {
    flags: {
      'remove-orphans': 'bool',
      'force-recreate': 'bool',
      'no-recreate': 'bool',
      'no-build': 'bool',
      pull: 'value',
      'quiet-pull': 'bool',
    },
    act: (call) => up(call, call.load(), { ...upOptions(call.flags), noStart: true }),
  },
  down: {
    flags: { 'remove-orphans': 'bool', 'v|volumes': 'bool', 't|timeout': 'value', rmi: 'value' },
    act: takeDown,
  },
  ps: {
    flags: {
      'a|all': 'bool',
      'q|quiet': 'bool',
      format: 'value',
      services: 'bool',
      'no-trunc': 'bool',
      status: 'value',
      filter: 'value',
      orphans: 'bool',
    },
    act: ps,
  },
  ls: { flags: { 'a|all': 'bool', 'q|quiet': 'bool', format: 'value', filter: 'value' }, act: ls },
  images: { flags: { 'q|quiet': 'bool', format: 'value' }, act: images },
  logs: {
    flags: {
      'n|tail': 'value',
      since: 'value',
      until: 'value',
      't|timestamps': 'bool',
      'no-color': 'bool',
      'no-log-prefix': 'bool',
      'f|follow': 'bool',
    },
    act: logs,
  },
  stop: {
    flags: { 't|timeout': 'value' },
    act: (call) => {
      const { name, services } = chosen(call);
      return stop(call, services, { project: name, graceMs: grace(call.flags) });
    },
  },
  start: {
    flags: {},
    act: (call) => {
      const { name, services } = chosen(call);
      return startStopped(call, services, name);
    },
  },
  restart: {
    flags: { 't|timeout': 'value', 'no-deps': 'bool' },
    act: (call) => {
      const { name, services } = chosen(call);
      return restart(call, services, { project: name, graceMs: grace(call.flags) });
    },
  },
};

/** Runs one `docker compose` command. */
export async function runCompose(call: Invocation, argv: readonly string[]): Promise<void> {
  const globals = parseFlags(argv, globalFlags, true);
  const [name = '', ...rest] = globals.rest;
  const command = commands[name];
  if (!command) {
    call.out(
      '\nUsage:  docker compose [OPTIONS] COMMAND\n\nDefine and run multi-container applications with Docker\n',
    );
    throw new CliError(name === '' ? 0 : 16, name === '' ? '' : `unknown docker command: "compose ${name}"`);
  }
  const flags = parseFlags(rest, command.flags);
  if (command.offline !== true) needDaemon(call);
  const quiet = globals.last('progress') === 'quiet';
  const warn = (message: string) =>
    call.err(
      `time="${new Date().toISOString().replace(/\.\d+/, '')}" level=warning msg=${JSON.stringify(message)}\n`,
    );
  const { daemon, out, signal } = call;
  const progress = (line: string) => (quiet ? undefined : call.err(`${line}\n`));
  const load = () =>
    loadProject({
      cwd: call.cwd,
      files: globals.all('file'),
      directory: globals.last('project-directory'),
      name: globals.last('project-name'),
      envFiles: globals.all('env-file'),
      profiles: [...globals.all('profile'), ...(call.env['COMPOSE_PROFILES']?.split(',') ?? [])],
      env: call.env,
      warn,
    });
  try {
    await command.act({ daemon, out, signal, warn, progress, call, globals, flags, load });
  } catch (error) {
    throw asCliError(error, signal);
  }
}

function asCliError(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return new CliError(130, 'canceled');
  if (error instanceof ComposeError) return new CliError(error.exitCode, error.message);
  if (error instanceof DockerError) return new CliError(1, `Error response from daemon: ${error.message}`);
  return error instanceof CliError ? error : new CliError(1, messageOf(error));
}

function showVersion({ out, flags }: ComposeCall): void {
  if (flags.has('short')) out(`${composeVersion}\n`);
  else if (flags.last('format') === 'json') out(`${JSON.stringify({ version: composeVersion })}\n`);
  else out(`Docker Compose version ${composeVersion}\n`);
}

function config({ out, flags, load }: ComposeCall): void {
  const project = load();
  const names = project.services.map(({ name }) => name);
  const hashed = flags.last('hash');
  if (flags.has('quiet')) return;
  if (flags.has('services')) out(names.map((name) => `${name}\n`).join(''));
  else if (flags.has('images')) out(project.services.map(({ image }) => `${image}\n`).join(''));
  else if (flags.has('volumes'))
    out(
      Object.keys(project.volumes)
        .map((one) => `${one}\n`)
        .join(''),
    );
  else if (hashed !== undefined) {
    const wanted = hashed === '*' ? names : hashed.split(',');
    for (const service of [...selectServices(project, wanted, false)].sort((a, b) =>
      a.name.localeCompare(b.name),
    ))
      out(`${service.name} ${configHash(service)}\n`);
  } else if (flags.last('format') === 'json') out(JSON.stringify(projectJson(project, 'json'), null, 2));
  else out(stringify(projectJson(project, 'yaml')));
}

async function pull(call: ComposeCall): Promise<void> {
  const { flags } = call;
  const project = call.load();
  const services = selectServices(project, flags.rest, flags.has('include-deps'));
  try {
    needDaemon(call.call, '/images/create');
  } catch (error) {
    throw new CliError(1, `unable to get image '${services[0]?.image ?? ''}': ${messageOf(error)}`);
  }
  await pullImages(call, services, {
    policy: flags.last('policy') === 'missing' ? 'missing' : 'always',
    quiet: flags.has('quiet'),
    ignoreFailures: flags.has('ignore-pull-failures'),
  });
}

function upOptions(flags: Parsed): UpOptions {
  const pullWhen = flags.last('pull');
  return {
    services: flags.rest,
    removeOrphans: flags.has('remove-orphans'),
    forceRecreate: flags.has('force-recreate'),
    noRecreate: flags.has('no-recreate'),
    noDeps: flags.has('no-deps'),
    noStart: flags.has('no-start'),
    pull: pullWhen === 'always' || pullWhen === 'missing' || pullWhen === 'never' ? pullWhen : undefined,
    quietPull: flags.has('quiet-pull'),
    wait: flags.has('wait'),
    waitTimeoutMs: Number(flags.last('wait-timeout') ?? 0) * 1000,
    graceMs: grace(flags),
  };
}

function grace(flags: Parsed): number | undefined {
  const value = flags.last('timeout');
  return value === undefined ? undefined : Number(value) * 1000;
}

/** The project, or just its name when `-p` names one and there is no file. */
function projectOrName({ load, globals }: ComposeCall): Project | string {
  const name = globals.last('project-name');
  try {
    return load();
  } catch (error) {
    if (
      name !== undefined &&
      globals.all('file').length === 0 &&
      messageOf(error).startsWith('no configuration file')
    )
      return name;
    throw error;
  }
}

const nameOf = (project: Project | string) => (typeof project === 'string' ? project : project.name);

function takeDown(call: ComposeCall): Promise<void> {
  const { flags } = call;
  const options = {
    removeOrphans: flags.has('remove-orphans'),
    volumes: flags.has('volumes'),
    graceMs: grace(flags),
  };
  return down(call, projectOrName(call), options);
}

function chosen(call: ComposeCall) {
  const project = call.load();
  return { name: project.name, services: selectServices(project, call.flags.rest, false) };
}

function ps(call: ComposeCall): void {
  const { flags, daemon, out } = call;
  const name = nameOf(projectOrName(call));
  const states = flags.all('status');
  const rows = containersOf(daemon, name)
    .filter(({ spec }) => flags.rest.length === 0 || flags.rest.includes(spec.service))
    .filter(
      ({ status }) =>
        flags.has('all') || states.length > 0 || status === 'running' || status === 'restarting',
    )
    .filter(({ status }) => states.length === 0 || states.includes(status))
    .map(composePsRow)
    .sort((a, b) => a.Name.localeCompare(b.Name));
  if (flags.has('quiet')) out(rows.map(({ ID }) => `${ID}\n`).join(''));
  else if (flags.has('services'))
    out([...new Set(rows.map(({ Service }) => Service))].map((one) => `${one}\n`).join(''));
  else if (flags.last('format') === 'json') out(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  else
    out(
      table(
        ['NAME', 'IMAGE', 'COMMAND', 'SERVICE', 'CREATED', 'STATUS', 'PORTS'],
        rows.map((row) => [
          row.Name,
          row.Image,
          row.Command,
          row.Service,
          row.RunningFor,
          row.Status,
          row.Ports,
        ]),
      ),
    );
}

function ls({ flags, daemon, out }: ComposeCall): void {
  const projects = new Map<string, { states: string[]; files: string }>();
  for (const { spec, status } of daemon.containers) {
    const name = spec.labels[label.project];
    if (name === undefined || (!flags.has('all') && status !== 'running')) continue;
    const entry = projects.get(name) ?? { states: [], files: spec.labels[label.files] ?? '' };
    entry.states.push(status);
    projects.set(name, entry);
  }
  const count = (states: readonly string[]) =>
    [...new Set(states)]
      .sort()
      .map((state) => `${state}(${states.filter((one) => one === state).length})`)
      .join(', ');
  const rows = [...projects]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([Name, { states, files }]) => ({ Name, Status: count(states), ConfigFiles: files }));
  if (flags.has('quiet')) out(rows.map(({ Name }) => `${Name}\n`).join(''));
  else if (flags.last('format') === 'json') out(`${JSON.stringify(rows)}\n`);
  else
    out(
      table(
        ['NAME', 'STATUS', 'CONFIG FILES'],
        rows.map((row) => [row.Name, row.Status, row.ConfigFiles]),
        16,
      ),
    );
}

function images(call: ComposeCall): void {
  const { flags, daemon, out } = call;
  const rows = containersOf(daemon, nameOf(projectOrName(call))).map((container) => {
    const { imageName, image } = container.spec;
    const colon = imageName.lastIndexOf(':');
    return {
      ID: image.id,
      ContainerName: container.name,
      Repository: imageName.slice(0, colon),
      Tag: imageName.slice(colon + 1),
      Size: 1_984_164,
    };
  });
  if (flags.has('quiet')) out(rows.map(({ ID }) => `${ID.slice(7)}\n`).join(''));
  else if (flags.last('format') === 'json') out(`${rows.length > 0 ? JSON.stringify(rows) : 'null'}\n`);
  else
    out(
      table(
        ['CONTAINER', 'REPOSITORY', 'TAG', 'IMAGE ID', 'SIZE'],
        rows.map((row) => [row.ContainerName, row.Repository, row.Tag, row.ID.slice(7, 19), '1.98MB']),
      ),
    );
}

function logs(call: ComposeCall): void {
  const { flags, daemon, out } = call;
  const project = call.load();
  const tail = flags.last('tail');
  const query = {
    stdout: true,
    stderr: true,
    since: sinceOf(flags.last('since')),
    timestamps: flags.has('timestamps'),
    tail: tail === undefined || tail === 'all' ? undefined : Number(tail),
  };
  for (const { name } of selectServices(project, flags.rest, false)) {
    const container = serviceContainer(daemon, project.name, name);
    if (!container) continue;
    // This release clears the line first, with --ansi never too.
    const prefix = `\u001b[2K${flags.has('no-log-prefix') ? '' : `${name}-1  | `}`;
    for (const { text } of selectLogs(container, query)) out(`${prefix}${text}\n`);
  }
}

function sinceOf(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const ago = /^(\d+)(s|m|h)$/.exec(text);
  if (!ago) return new Date(text);
  return new Date(
    Date.now() - Number(ago[1]) * ({ s: 1000, m: 60_000, h: 3_600_000 }[ago[2] ?? 's'] ?? 1000),
  );
}
