import type { Command } from 'commander';
import { codeOfCheck } from '../check-outcomes.ts';
import { newId } from '../ids.ts';
import { toProblem, type Problem } from '../problems.ts';
import { verificationFile } from '../stages/verify/index.ts';
import type { Outcome, Service } from '../types.ts';
import type { Done } from './act.ts';
import { checkServices, type Checked } from './check.ts';
import { secondsOf, withDeskOptions, withSubject, type ActOptions } from './deed.ts';
import type { Desk } from './desk.ts';
import { json, writeFiles } from './files.ts';
import { goBack } from './go-back.ts';
import { junitHelp, writeJunit, type Case } from './junit.ts';
import { namedServices } from './named-services.ts';
import type { CliPorts } from './ports.ts';
import type { Run } from './run.ts';
import { scopeWith } from './scope.ts';
import type { Subject } from './subject.ts';
import { worst } from '../worst.ts';

type VerifyOptions = ActOptions & { readonly rollback?: boolean; readonly junit?: string };

/** `sentinel verify`: proves that what should stand works; what does not goes back to its last verified release. */
export function addVerify(program: Command, ports: CliPorts, run: Run): void {
  withDeskOptions(
    program
      .command('verify')
      .description('check containers, ports, health, names and routes; put back what does not work')
      .argument('[services...]', 'default: $SENTINEL_SERVICES, changes.json, or what the commits changed'),
  )
    .option('--no-rollback', 'put nothing back')
    .option('--junit <file>', junitHelp)
    .action((services: string[], options: VerifyOptions) =>
      run((signal) =>
        withSubject({ command: 'verify', options, names: namedServices(services, ports) }, ports, {
          signal,
          work: (desk, subject) => verifyAll(options, { desk, subject }, signal),
        }),
      ),
    );
}

interface Work {
  readonly desk: Desk;
  readonly subject: Subject;
}

async function verifyAll(options: VerifyOptions, work: Work, signal: AbortSignal): Promise<Done> {
  const { desk, subject } = work;
  const deployment = newId('d');
  const services = subject.deploy.map(
    (service) => ({ want: 'present', name: service.name, service, owned: [] }) as const,
  );
  const scope = await scopeWith(subject, services, { ports: desk.live, signal });
  const checked = await checkServices({ scope, deployment, revision: subject.head }, desk, signal);
  const at = desk.live.clock.now().toISOString();
  const file = verificationFile(checked, { deployment, revision: subject.head, at });
  await writeFiles(options, desk.cli, { 'verification.json': desk.redact(json(file)) });
  await writeJunit(options, desk.cli, checked.flatMap(casesOf));
  const goingBack = options.rollback !== false && subject.fleet.inventory.automaticRollback;
  const outcomes: Record<string, Outcome> = {};
  for (const entry of checked) {
    const service = subject.deploy.find(({ name }) => name === entry.name);
    if (entry.status !== 'failed' || service === undefined)
      outcomes[entry.name] = entry.status === 'passed' ? 'succeeded' : entry.status;
    else outcomes[entry.name] = goingBack ? await putBack(service, { ...work, options }, signal) : 'failed';
  }
  return {
    outcome: worst(Object.values(outcomes)),
    services: outcomes,
    problem: firstProblem(checked),
    undone: false,
    deployment,
    digest: null,
  };
}

/** What cannot go back stays as it is, and fails: somebody has to look. */
async function putBack(
  service: Service,
  { desk, subject, options }: Work & { readonly options: VerifyOptions },
  signal: AbortSignal,
): Promise<Outcome> {
  const { name } = service;
  try {
    const asked = { command: 'verify', services: [service], yes: true, waitSeconds: secondsOf(options) };
    const { outcome } = await goBack(asked, { reading: subject, desk }, signal);
    return outcome === 'succeeded' || outcome === 'degraded' ? 'rolled-back' : 'needs-attention';
  } catch (error) {
    const problem = desk.redactProblem(toProblem(error));
    desk.cli.err(
      `${name} could not be put back: ${problem.message}${problem.hint ? ` ${problem.hint}` : ''}\n`,
    );
    return problem.code === 'release-unknown' ? 'failed' : 'needs-attention';
  }
}

function firstProblem(checked: readonly Checked[]): Problem | null {
  for (const { name, checks } of checked) {
    const failed = checks.find(({ status }) => status === 'failed');
    if (failed !== undefined)
      return { code: codeOfCheck[failed.check], message: `${name}: ${failed.detail}` };
  }
  return null;
}

function casesOf({ name, checks }: Checked): readonly Case[] {
  return checks.map(({ check, status, detail }) => ({ suite: name, name: check, status, detail }));
}
