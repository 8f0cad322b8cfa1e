import { Command, CommanderError } from 'commander';
import { toProblem } from '../problems.ts';
import { addAudit } from './audit.ts';
import { addBackup } from './backup.ts';
import { addDeploy, addRemove, addStages } from './deploy.ts';
import { addDetect } from './detect.ts';
import { json } from './files.ts';
import { addDiscord } from './discord.ts';
import { addDoctor } from './doctor.ts';
import { addInit } from './init/init.ts';
import { addNotify } from './notify.ts';
import { addPlan } from './plan.ts';
import { exitCodes, type CliPorts } from './ports.ts';
import { renderProblem } from './print.ts';
import { addRollback } from './rollback.ts';
import type { Run } from './run.ts';
import { addStatus } from './status.ts';
import { addValidate } from './validate.ts';
import { addVerify } from './verify.ts';

const exitHelp = `
Exit codes:
  0  everything is as it should be
  1  problems were found, or it failed and nothing was put back
  2  the command was not understood
  3  the command could not run
  4  it works, but something around it does not
  5  it failed, and is as it was before
  6  it failed and could not be put back: somebody has to look
`;

/** Runs one `sentinel` command line and answers its exit code; throws nothing. */
export async function runCli(args: readonly string[], ports: CliPorts, signal: AbortSignal): Promise<number> {
  let exitCode: number = exitCodes.ok;
  const program = createProgram(ports, async (work) => {
    exitCode = await work(signal);
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return endOfParsing(error, ports);
    const problem = toProblem(error);
    ports.err(renderProblem(problem, ports));
    if (args.includes('--json')) ports.out(json({ problems: [problem] }));
    return exitCodes.couldNotRun;
  }
}

function createProgram(ports: CliPorts, run: Run): Command {
  const program = new Command('sentinel')
    .description('Checks, plans, deploys and proves homelab services, by hand and in pipelines.')
    .version(ports.version)
    .exitOverride()
    .configureOutput({ writeOut: ports.out, writeErr: ports.err, getOutHasColors: () => ports.color })
    .showHelpAfterError('(see --help)')
    .addHelpText('afterAll', exitHelp);
  addValidate(program, ports, run);
  addDetect(program, ports, run);
  addPlan(program, ports, run);
  addDeploy(program, ports, run);
  addRemove(program, ports, run);
  addStages(program, ports, run);
  addVerify(program, ports, run);
  addRollback(program, ports, run);
  addStatus(program, ports, run);
  addNotify(program, ports, run);
  addAudit(program, ports, run);
  addDoctor(program, ports, run);
  addDiscord(program, ports, run);
  addBackup(program, ports, run);
  addInit(program, ports, run);
  return program;
}

function endOfParsing(error: CommanderError, ports: CliPorts): number {
  if (error.exitCode === 0) return exitCodes.ok;
  if (error.code === 'sentinel.usage') ports.err(`${error.message}\n`);
  return exitCodes.usage;
}
