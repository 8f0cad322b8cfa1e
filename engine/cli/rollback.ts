import type { Command } from 'commander';
import type { Done } from './act.ts';
import { withDeskOptions, withSubject, secondsOf, type ActOptions } from './deed.ts';
import { inCi } from './desk.ts';
import { goBack } from './go-back.ts';
import { namedServices } from './named-services.ts';
import { ofThisPipeline } from './of-this-pipeline.ts';
import type { CliPorts } from './ports.ts';
import { usageError, type Run } from './run.ts';

type RollbackOptions = ActOptions & { readonly release?: string; readonly thisPipeline?: boolean };

/** `sentinel rollback`: back to a release that is still on the host. */
export function addRollback(program: Command, ports: CliPorts, run: Run): void {
  withDeskOptions(
    program
      .command('rollback')
      .description('put services back to their last verified release, and what is around them with it')
      .argument('[services...]', 'default: $SENTINEL_SERVICES, or in CI those of changes.json'),
  )
    .option('--release <id>', 'this release instead; only for one service')
    .option('--this-pipeline', 'only what this CI pipeline deployed; what something else put there stays')
    .action((services: string[], options: RollbackOptions) =>
      run((signal) => rollback(namedServices(services, ports), options, { ports, signal })),
    );
}

const nothingDone: Done = {
  ...{ outcome: 'succeeded', services: {}, problem: null, undone: false },
  ...{ deployment: null, digest: null },
};

function rollback(
  names: readonly string[] | null,
  options: RollbackOptions,
  { ports, signal }: { readonly ports: CliPorts; readonly signal: AbortSignal },
): Promise<number> {
  const { release } = options;
  if (names === null && !inCi(ports)) throw usageError('name the services to put back');
  if (release !== undefined && names?.length !== 1) throw usageError('--release is for exactly one service');
  const waitSeconds = secondsOf(options);
  return withSubject({ command: 'rollback', options, names }, ports, {
    signal,
    async work(desk, subject) {
      const all = [...subject.deploy, ...subject.remove];
      const services =
        options.thisPipeline === true ? await ofThisPipeline(all, { desk, subject }, signal) : all;
      if (services.length === 0 && all.length > 0) return nothingDone;
      const which = release === undefined ? {} : { release };
      const asked = { command: 'rollback', services, ...which, yes: options.yes === true, waitSeconds };
      const done = await goBack(asked, { reading: subject, desk }, signal);
      if (done.outcome === 'succeeded' || done.outcome === 'degraded')
        desk.cli.err('Git still says otherwise: revert the commit, or the next deployment undoes this.\n');
      return done;
    },
  });
}
