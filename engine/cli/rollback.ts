import type { Command } from 'commander';
import { withDeskOptions, withSubject, secondsOf, type ActOptions } from './deed.ts';
import { inCi } from './desk.ts';
import { goBack, type Return } from './go-back.ts';
import { namedServices } from './named-services.ts';
import type { CliPorts } from './ports.ts';
import { filled } from './repository-options.ts';
import type { Subject } from './subject.ts';
import { ProblemError, type Problem } from '../problems.ts';
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
    .option('--this-pipeline', 'only what this CI pipeline deployed (without names in CI, always)')
    .action((services: string[], options: RollbackOptions) =>
      run((signal) => rollback(namedServices(services, ports), options, { ports, signal })),
    );
}

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
      if (names === null && !subject.handedOn) throw new ProblemError(nothingHandedOn);
      const services = [...subject.deploy, ...subject.remove];
      const which = release === undefined ? {} : { release };
      const asked = {
        ...{ command: 'rollback', services, ...which, yes: options.yes === true, waitSeconds },
        // A job undoes its own pipeline; who names services means what runs, wherever it came from.
        ...(names === null || options.thisPipeline === true ? { undoing: undoing(subject, ports) } : {}),
      };
      const done = await goBack(asked, { reading: subject, desk }, signal);
      if (done.deployment !== null && (done.outcome === 'succeeded' || done.outcome === 'degraded'))
        desk.cli.err('Git still says otherwise: revert the commit, or the next deployment undoes this.\n');
      return done;
    },
  });
}

function undoing({ head, changes, remove }: Subject, { env }: CliPorts): NonNullable<Return['undoing']> {
  const since = Date.parse(filled(env['CI_PIPELINE_CREATED_AT']) ?? '');
  return {
    commit: head,
    since: Number.isNaN(since) ? null : since,
    added: new Set(changes.deploy.flatMap(({ name, action }) => (action === 'add' ? [name] : []))),
    removed: new Set(remove.map(({ name }) => name)),
  };
}

const nothingHandedOn: Problem = {
  code: 'input-missing',
  message: 'There is no changes.json of this commit, so nothing says what this pipeline deployed.',
  hint: 'Hand on the files of the detect stage, or name the services to put back.',
};
