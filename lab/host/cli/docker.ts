import { DockerError } from '../docker-error.ts';
import { infoShape, versionShape } from '../shapes/system-shapes.ts';
import { apiVersion, engineVersion } from '../versions.ts';
import { act, inspect, logs, ps, removeContainers } from './docker-containers.ts';
import { exec } from './docker-exec.ts';
import { images, pull, removeImages, tag } from './docker-images.ts';
import { inspectVolumes, networks, removeVolumes, volumes } from './docker-resources.ts';
import { CliError, parseFlags } from './flags.ts';
import { type Command, type Invocation, jsonFormat, needDaemon } from './invocation.ts';
import { renderTemplate } from './template.ts';

const commands: Readonly<Record<string, Command>> = {
  version,
  info,
  ps,
  inspect: (call, argv) => inspect(call, argv, 'any'),
  pull,
  tag,
  rmi: removeImages,
  images,
  logs,
  exec,
  stop: (call, argv) => act(call, argv, 'stop'),
  start: (call, argv) => act(call, argv, 'start'),
  restart: (call, argv) => act(call, argv, 'restart'),
  kill: (call, argv) => act(call, argv, 'kill'),
  rm: removeContainers,
  image: group('image', {
    inspect: (call, argv) => inspect(call, argv, 'image'),
    ls: images,
    pull,
    tag,
    rm: removeImages,
  }),
  container: group('container', {
    inspect: (call, argv) => inspect(call, argv, 'container'),
    ls: ps,
    logs,
    rm: removeContainers,
  }),
  volume: group('volume', { ls: volumes, inspect: inspectVolumes, rm: removeVolumes }),
  network: group('network', { ls: networks }),
};

/** Runs one `docker` command but `docker compose`. */
export async function runDocker(call: Invocation, argv: readonly string[]): Promise<void> {
  const [name = '', ...rest] = argv;
  if (name === '--version' || name === '-v') {
    call.out(`Docker version ${engineVersion}, build 297e128\n`);
    return;
  }
  const command = commands[name];
  if (!command) throw new CliError(1, `docker: '${name}' is not a docker command.\nSee 'docker --help'`);
  try {
    await command(call, rest);
  } catch (error) {
    if (error instanceof DockerError) throw new CliError(1, `Error response from daemon: ${error.message}`);
    if (error instanceof CliError && error.exitCode === 16)
      throw new CliError(125, `${error.message}\nSee 'docker ${name} --help'.`);
    throw error;
  }
}

function group(name: string, members: Readonly<Record<string, Command>>): Command {
  return (call, argv) => {
    const [verb = '', ...rest] = argv;
    const command = members[verb];
    if (!command)
      throw new CliError(
        1,
        `docker: '${name} ${verb}' is not a docker command.\nSee 'docker ${name} --help'`,
      );
    return command(call, rest);
  };
}

function version(call: Invocation, argv: readonly string[]): void {
  const flags = parseFlags(argv, { 'f|format': 'value' });
  const client = {
    Version: engineVersion,
    ApiVersion: apiVersion,
    Os: 'linux',
    Arch: 'amd64',
    Context: 'default',
  };
  const head = `Client:\n Version:           ${engineVersion}\n API version:       ${apiVersion}\n OS/Arch:           linux/amd64\n Context:           default\n`;
  const format = flags.last('format');
  if (format === undefined) call.out(head);
  needDaemon(call, '/version');
  if (format !== undefined)
    call.out(`${renderTemplate(jsonFormat(format), { Client: client, Server: versionShape() })}\n`);
  else
    call.out(
      `\nServer:\n Engine:\n  Version:          ${engineVersion}\n  API version:      ${apiVersion} (minimum version 1.12)\n  OS/Arch:          linux/amd64\n`,
    );
}

function info(call: Invocation, argv: readonly string[]): void {
  const format = parseFlags(argv, { 'f|format': 'value' }).last('format');
  if (format === undefined) call.out('Client:\n Context:    default\n Debug Mode: false\n\nServer:\n');
  needDaemon(call, '/info');
  const shape = infoShape(call.daemon, call.hostName);
  if (format !== undefined) call.out(`${renderTemplate(jsonFormat(format), shape)}\n`);
  else
    call.out(
      ` Containers: ${shape.Containers}\n  Running: ${shape.ContainersRunning}\n Images: ${shape.Images}\n Server Version: ${engineVersion}\n Storage Driver: overlay2\n`,
    );
}
