import { stringify } from 'yaml';
import { ComposeError } from '../compose/compose-error.ts';
import { down, restart, startStopped, stop } from '../compose/down.ts';
import { loadProject } from '../compose/load.ts';
import { pullImages } from '../compose/pull.ts';
import { configHash, projectJson } from '../compose/render.ts';
import { selectServices } from '../compose/run.ts';
import { up } from '../compose/up.ts';
import { DockerError, messageOf } from '../docker-error.ts';
import { composeVersion } from '../versions.ts';
import {
  chosen,
  type ComposeCall,
  type ComposeCommand,
  globalFlags,
  grace,
  projectOrName,
} from './compose-call.ts';
import { images, logs, ls, ps } from './compose-lists.ts';
import { upOptions } from './up-options.ts';
import { CliError, parseFlags } from './flags.ts';
import { type Invocation, needDaemon } from './invocation.ts';

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

function takeDown(call: ComposeCall): Promise<void> {
  const { flags } = call;
  const options = {
    removeOrphans: flags.has('remove-orphans'),
    volumes: flags.has('volumes'),
    graceMs: grace(flags),
  };
  return down(call, projectOrName(call), options);
}
