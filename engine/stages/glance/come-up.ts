import type { Ports, RemoteHost } from '../../ports.ts';
import { type Problem, ProblemError } from '../../problems.ts';
import type { GlanceSystem } from '../../types.ts';
import { failureOf } from '../deploy/classify.ts';
import { faultsIn } from './fault-of.ts';

/** How long Glance may take, and how long between two looks. */
const [longestMs, betweenMs] = [20_000, 500];

/** Has Glance take the change where it does not by itself, and waits until it runs and answers. Throws ProblemError. */
export async function comeUp(
  host: RemoteHost,
  { system, ports }: { readonly system: GlanceSystem; readonly ports: Ports },
  signal: AbortSignal,
): Promise<void> {
  if (system.container !== null && system.reload === 'restart') await restart(host, system.container, signal);
  const until = ports.clock.now().getTime() + longestMs;
  let last = '';
  for (;;) {
    const state = await stateOf(host, system, signal);
    // A container that was just restarted may end at once, so it has to be the same one twice.
    const steady = system.reload === 'watch' || state.id === last;
    if (state.running && steady && (await answers(system, ports, signal))) return;
    last = state.id;
    if (ports.clock.now().getTime() >= until) break;
    await ports.clock.wait(betweenMs, signal);
  }
  throw new ProblemError(downProblem(system, await wordsOf(host, system, signal)));
}

async function restart(host: RemoteHost, container: string, signal: AbortSignal): Promise<void> {
  const script = '"$2" restart "$1" > /dev/null';
  const result = await host.run({ script, args: [container, host.entry.docker.command] }, signal);
  if (result.exitCode !== 0)
    throw new ProblemError(failureOf({ host: host.entry.name, command: 'docker restart' }, result));
}

async function stateOf(
  host: RemoteHost,
  { container }: GlanceSystem,
  signal: AbortSignal,
): Promise<{ readonly running: boolean; readonly id: string }> {
  if (container === null) return { running: true, id: '' };
  const script = `"$2" inspect -f '{{.State.Status}} {{.State.StartedAt}} {{.RestartCount}}' "$1"`;
  const { stdout } = await host.run({ script, args: [container, host.entry.docker.command] }, signal);
  return { running: stdout.startsWith('running '), id: stdout };
}

async function answers({ url }: GlanceSystem, { probe }: Ports, signal: AbortSignal): Promise<boolean> {
  if (url === null) return true;
  const status = await probe.http(url, 3000, signal);
  return status !== null && status < 500;
}

/** The last it said. */
async function wordsOf(host: RemoteHost, { container }: GlanceSystem, signal: AbortSignal): Promise<string> {
  if (container === null) return '';
  const script = '"$2" logs --tail 20 "$1" 2>&1';
  const { stdout } = await host.run({ script, args: [container, host.entry.docker.command] }, signal);
  return faultsIn(stdout);
}

function downProblem({ host, url, container }: GlanceSystem, words: string): Problem {
  return {
    code: 'dashboard-invalid',
    message:
      `Glance did not come up within ${longestMs / 1000} seconds after its configuration was written` +
      `${url === null ? '' : ` (${url})`}.`,
    where: host,
    hint: `See ${container === null ? 'what it says' : `all it says with \`docker logs ${container}\``}, and whether it runs with the configuration that is there now.`,
    ...(words === '' ? {} : { evidence: [{ title: 'logs of Glance', text: words.slice(-2000) }] }),
  };
}
