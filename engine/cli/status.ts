import type { Command } from 'commander';
import { observeStatus } from '../observe-status.ts';
import { observeSystems, once } from '../observe-systems.ts';
import type { ScopedService } from '../ports.ts';
import type { Light, ServiceStatus } from '../types.ts';
import { withDesk, type Desk } from './desk.ts';
import { json } from './files.ts';
import { namedServices } from './named-services.ts';
import { exitCodes, type CliPorts } from './ports.ts';
import { paint, renderProblems } from './print.ts';
import { withRepositoryOptions, type RepositoryOptions } from './repository-options.ts';
import type { Run } from './run.ts';
import { scopeWith } from './scope.ts';
import { readFleet, lastDefinition, type Reading } from './subject.ts';

type StatusOptions = RepositoryOptions & { readonly json?: boolean; readonly head?: string };

/** `sentinel status`: how what is there compares with Git. Changes nothing. */
export function addStatus(program: Command, ports: CliPorts, run: Run): void {
  withRepositoryOptions(
    program
      .command('status')
      .description('show what runs, whether it is healthy, and whether it is as Git says')
      .argument('[services...]', 'default: $SENTINEL_SERVICES, or all'),
  )
    .option('--head <commit>', 'commit to compare with (default: $CI_COMMIT_SHA, or HEAD)')
    .option('--json', 'print JSON')
    .action((services: string[], options: StatusOptions) =>
      run((signal) => status({ options, names: namedServices(services, ports) }, ports, signal)),
    );
}

async function status(
  { options, names }: { readonly options: StatusOptions; readonly names: readonly string[] | null },
  ports: CliPorts,
  signal: AbortSignal,
): Promise<number> {
  const reading = await readFleet(options, ports, signal);
  return withDesk(ports, reading.fleet, async (desk) => {
    const services = await lookedAt(names, reading, signal);
    const scope = await scopeWith(reading, services, { ports: desk.live, signal });
    const [found, around] = await Promise.all([
      observeStatus(scope, desk.live, signal),
      observeSystems(scope, desk.live, signal),
    ]);
    const statuses = found.statuses.map((one) => ({
      ...one,
      systems: around.systems.get(one.service) ?? [],
    }));
    const problems = once([...reading.problems, ...found.problems, ...around.problems]).map(
      desk.redactProblem,
    );
    const { environment, head } = reading;
    if (options.json === true)
      desk.cli.out(json({ environment, revision: head, services: statuses, problems }));
    else desk.cli.out(table(statuses, desk) + renderProblems(problems, desk.cli));
    const fine = problems.length === 0 && statuses.every(isGood);
    return fine ? exitCodes.ok : exitCodes.problems;
  });
}

function lookedAt(
  names: readonly string[] | null,
  reading: Reading,
  signal: AbortSignal,
): Promise<readonly ScopedService[]> {
  const { services } = reading.fleet;
  const wanted = names ?? services.map(({ name }) => name);
  return Promise.all(
    wanted.map(async (name): Promise<ScopedService> => {
      const service = services.find((one) => one.name === name);
      if (service !== undefined) return { want: 'present', name, service, owned: [] };
      const last = await lastDefinition(name, reading, signal);
      return { want: 'absent', name, service: last, deleteVolumes: false, owned: [] };
    }),
  );
}

function lightsOf({ desired, running, health, systems }: ServiceStatus): readonly Light[] {
  return [desired, running, health, ...systems.map(({ light }) => light)];
}

function isGood(status: ServiceStatus): boolean {
  return lightsOf(status).every(({ state }) => state === 'good' || state === 'none');
}

/** One line for each service; what is around it only where it is not as it should be, or in one word. */
function table(statuses: readonly ServiceStatus[], { cli }: Desk): string {
  const heads = ['', 'service', 'host', 'git', 'running', 'health', 'around'];
  const rows = statuses.map((status) => {
    const { service, host, desired, running, health, systems } = status;
    const off = systems.filter(({ light }) => light.state !== 'good');
    const around = off.map(({ stage, light }) => `${stage}: ${light.text}`).join(', ');
    const fine = systems.map(({ stage }) => stage).join(', ');
    const cells = [service, host, desired.text, running.text, health.text, around === '' ? fine : around];
    return { good: isGood(status), cells };
  });
  const widths = heads
    .slice(1)
    .map((head, index) => Math.max(head.length, ...rows.map(({ cells }) => cells[index]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd();
  const head = paint(cli.color, 'dim', `   ${line(heads.slice(1))}`);
  const marked = rows.map(
    ({ good, cells }) =>
      `${good ? paint(cli.color, 'green', '✓') : paint(cli.color, 'red', '✗')}  ${line(cells)}`,
  );
  return `${[head, ...marked].join('\n')}\n`;
}
