import { resolve } from 'node:path';
import { ProblemError, type Problem } from '../engine/index.ts';
import { loadConfig, startBot, type RunningBot } from './start.ts';
import { StartError } from './start-error.ts';

/** Starts the bot from bot.yml and the environment, and ends it on SIGTERM. */
async function main(): Promise<void> {
  const file = resolve(process.env['SENTINEL_CONFIG'] ?? 'bot.yml');
  const config = loadConfig({ file, env: process.env });
  if (!config.ok) return giveUp(config.problems);

  const waiting = new AbortController();
  let bot: RunningBot | null = null;
  let stopping = false;
  const stop = (code: number): void => {
    if (stopping) process.exit(1); // asked twice: at once
    stopping = true;
    waiting.abort();
    void (bot?.stop() ?? Promise.resolve()).then(
      () => process.exit(code),
      () => process.exit(1),
    );
  };
  process.on('SIGTERM', () => stop(0));
  process.on('SIGINT', () => stop(0));
  // A surprise leaves unknown state behind: say so and let the supervisor start us again.
  process.on('uncaughtException', (error) => die('uncaught exception', error));
  process.on('unhandledRejection', (error) => die('unhandled rejection', error));

  try {
    bot = await startBot(config.value, { signal: waiting.signal });
  } catch (error) {
    if (waiting.signal.aborted) process.exit(0);
    return giveUp([problemOf(error)]);
  }
  bot.failed.catch((error: unknown) => {
    print([problemOf(error)]);
    stop(1);
  });
}

function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  if (error instanceof StartError) return { code: 'unexpected', message: error.message };
  return {
    code: 'unexpected',
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
  };
}

function giveUp(problems: readonly Problem[]): never {
  print(problems);
  process.exit(1);
}

function print(problems: readonly Problem[]): void {
  const lines = problems.map(({ where, message, hint }) =>
    [
      `${where === undefined ? '' : `${where}  `}${message}`,
      ...(hint === undefined ? [] : [`    ${hint}`]),
    ].join('\n'),
  );
  process.stderr.write(`Sentinel cannot run:\n\n${lines.join('\n')}\n`);
}

function die(what: string, error: unknown): never {
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(
    `${JSON.stringify({ level: 'fatal', time: new Date().toISOString(), msg: what, error: message })}\n`,
  );
  process.exit(1);
}

await main();
