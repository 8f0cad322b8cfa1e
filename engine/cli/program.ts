import { Command, CommanderError } from 'commander';
import { toProblem } from '../problems.ts';
import { addAudit } from './audit.ts';
import { addDetect } from './detect.ts';
import { addInit } from './init/init.ts';
import { addNotify } from './notify.ts';
import { addPlan } from './plan.ts';
import { exitCodes, type CliPorts } from './ports.ts';
import { renderProblem } from './print.ts';
import type { Run } from './run.ts';
import { addValidate } from './validate.ts';

const exitHelp = `
Exit codes:
  0  everything is as it should be
  1  problems were found
  2  the command was not understood
  3  the command could not run
  4  it went on without a system around the services that did not take its part
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
    ports.err(renderProblem(toProblem(error), ports));
    return exitCodes.couldNotRun;
  }
}

function createProgram(ports: CliPorts, run: Run): Command {
  const program = new Command('sentinel')
    .description('Checks and plans homelab services, and checks the record of what was done.')
    .version(ports.version)
    .exitOverride()
    .configureOutput({ writeOut: ports.out, writeErr: ports.err, getOutHasColors: () => ports.color })
    .showHelpAfterError('(see --help)')
    .addHelpText('afterAll', exitHelp);
  addValidate(program, ports, run);
  addDetect(program, ports, run);
  addPlan(program, ports, run);
  addNotify(program, ports, run);
  addAudit(program, ports, run);
  addInit(program, ports, run);
  return program;
}

function endOfParsing(error: CommanderError, ports: CliPorts): number {
  if (error.exitCode === 0) return exitCodes.ok;
  if (error.code === 'sentinel.usage') ports.err(`${error.message}\n`);
  return exitCodes.usage;
}
