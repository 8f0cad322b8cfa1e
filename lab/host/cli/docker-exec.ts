import { DockerError } from '../docker-error.ts';
import { CliError, parseFlags } from './flags.ts';
import { type Invocation, needDaemon } from './invocation.ts';

/** `docker exec`: only programs of the image that are played here can be run. */
export async function exec(call: Invocation, argv: readonly string[]): Promise<void> {
  const table = {
    'i|interactive': 'bool',
    't|tty': 'bool',
    'u|user': 'value',
    'e|env': 'value',
    'w|workdir': 'value',
  } as const;
  const flags = parseFlags(argv, table, true);
  const [name = '', ...command] = flags.rest;
  if (command.length === 0) throw new CliError(1, '"docker exec" requires at least 2 arguments.');
  needDaemon(call);
  const container = call.daemon.container(name);
  if (container.status !== 'running') throw new DockerError(409, `container ${container.id} is not running`);
  const stdin = flags.has('interactive') ? call.stdin : () => Promise.resolve('');
  const { program } = container.spec.image.behaviour;
  const played = container.inside && program?.exec(command, container.inside, stdin);
  if (!played)
    throw new CliError(
      127,
      `OCI runtime exec failed: exec failed: unable to start container process: exec: "${command[0] ?? ''}": executable file not found in $PATH: unknown`,
    );
  const { exitCode, stdout, stderr } = await played;
  call.out(stdout);
  call.err(stderr);
  if (exitCode !== 0) throw new CliError(exitCode, '');
}
