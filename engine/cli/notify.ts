import type { Command } from 'commander';
import { basename } from 'node:path';
import { checkSecrets } from '../definitions/index.ts';
import { deliveriesOf, type Announcement, type Delivery } from '../notify/index.ts';
import { toProblem } from '../problems.ts';
import { redactProblem } from '../redact-problem.ts';
import type { Fleet, Inventory } from '../types.ts';
import { announcePipeline } from './pipeline-end/announce.ts';
import { readStageFiles } from './pipeline-end/stage-files.ts';
import { exitCodes, type CliPorts } from './ports.ts';
import { count, renderProblem } from './print.ts';
import {
  environmentOf,
  filled,
  loadDefinitions,
  placeOf,
  repositoryDirectory,
  withRepositoryOptions,
  type RepositoryOptions,
} from './repository-options.ts';
import { usageError, type Run } from './run.ts';

interface NotifyOptions extends RepositoryOptions {
  readonly success?: boolean;
  readonly failure?: boolean;
  readonly out?: string;
}

const sinkNames = { discord: 'Discord', ntfy: 'ntfy', webhook: 'the webhook' } as const;

/** `sentinel notify`: tells the sinks of sentinel.yml how a pipeline ended. */
export function addNotify(program: Command, ports: CliPorts, run: Run): void {
  const command = program
    .command('notify')
    .description('tell Discord, ntfy and the webhook of sentinel.yml how the pipeline ended')
    .option('--success', 'no job failed that stops the pipeline; what is told is still what the stages found')
    .option('--failure', 'a job failed')
    .option('--out <dir>', 'folder of the files stages hand on (default in CI: the project folder)');
  withRepositoryOptions(command).action((options: NotifyOptions) =>
    run((signal) => notify(options, ports, signal)),
  );
}

async function notify(options: NotifyOptions, ports: CliPorts, signal: AbortSignal): Promise<number> {
  const { success = false, failure = false } = options;
  if (success === failure) throw usageError('say either --success or --failure');
  const environment = environmentOf(options, ports);
  const directory = repositoryDirectory({ ...options, environment }, ports);
  const fleet = await readFleet({ ...options, environment }, { ports, signal });
  const files = await readStageFiles(options.out ?? directory, ports);
  if (success && files.changes?.total === 0) {
    ports.out('No service was touched, so nobody is told.\n');
    return exitCodes.ok;
  }
  const { notifier, secrets, now } = await ports.openNotifier();
  checkSecrets(fleet.services, secrets.has); // a value that was never looked up could not be kept out of texts
  for (const name of secretsOf(fleet.inventory)) secrets.has(name);
  const announcement = announcePipeline({ files, fleet, env: ports.env, failure, secrets, now: now() });
  const { deliveries, withoutNtfy } = deliver(announcement, fleet);
  if (withoutNtfy.length > 0)
    ports.err(`${withoutNtfy.join(', ')} would be told on ntfy, but sentinel.yml names no server.\n`);
  if (deliveries.length === 0)
    ports.out('sentinel.yml names nobody to tell, or no service wants to be told.\n');
  return tell(deliveries, { ports, notifier, secrets, signal });
}

type Telling = Omit<Awaited<ReturnType<CliPorts['openNotifier']>>, 'now'> & {
  readonly ports: CliPorts;
  readonly signal: AbortSignal;
};

/** Each place for itself: who cannot be told keeps nobody else from it. */
async function tell(deliveries: readonly Delivery[], telling: Telling): Promise<number> {
  const { ports, notifier, secrets, signal } = telling;
  const told = await Promise.allSettled(deliveries.map((delivery) => notifier.deliver(delivery, signal)));
  signal.throwIfAborted();
  const failures = told.filter((each) => each.status === 'rejected');
  for (const [index, { sink }] of deliveries.entries())
    if (told[index]?.status === 'fulfilled') ports.out(`told  ${sinkNames[sink]}\n`);
  for (const { reason } of failures)
    ports.err(renderProblem(redactProblem(toProblem(reason), secrets), ports));
  if (failures.length === 0) return exitCodes.ok;
  ports.err(`${count(failures.length, 'place')} could not be told; the deployment is as it is.\n`);
  return exitCodes.degraded;
}

/** Of the systems around the services, by their names. */
function secretsOf({ systems: { dns, authentik, notify: targets } }: Inventory): readonly string[] {
  const { discord, ntfy, webhook } = targets;
  const logins = dns === null ? [] : [dns.password, dns.key, dns.secret];
  const named = [...logins, authentik?.token, discord?.webhook, ntfy?.token, webhook?.url, webhook?.token];
  return named.flatMap((name) => (name == null ? [] : [name]));
}

function deliver(
  announcement: Announcement,
  { inventory, services }: Fleet,
): { readonly deliveries: readonly Delivery[]; readonly withoutNtfy: readonly string[] } {
  const wishes = new Map(services.map(({ name, notify: wish }) => [name, wish]));
  return deliveriesOf({ announcement, targets: inventory.systems.notify, wishes });
}

/** Definitions with problems are told of by validate; what can be read of them is enough to know whom to tell. */
async function readFleet(
  options: NotifyOptions & { readonly environment: string },
  { ports, signal }: { readonly ports: CliPorts; readonly signal: AbortSignal },
): Promise<Fleet> {
  const directory = repositoryDirectory(options, ports);
  const tree = await ports.createWorkingTree(directory, signal);
  const name = filled(ports.env['CI_PROJECT_PATH']) ?? basename(directory);
  const { environment } = options;
  return loadDefinitions(tree, {
    name,
    place: placeOf(options, { environment, paths: tree.paths }),
    environment,
  }).fleet;
}
