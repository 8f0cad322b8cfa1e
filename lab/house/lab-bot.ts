import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { loadConfig, startBot } from '../../bot/start.ts';
import { projectFile } from '../project-file.ts';

/** The real bot, pointed at the lab's Discord. */
export interface LabBot {
  /** SIGTERM: it finishes or parks what runs. */
  stop(): Promise<void>;
  /** A power cut. Only a bot in a process of its own can be killed. */
  kill(): Promise<void>;
}
export interface LabBotParts {
  readonly config: string;
  readonly token: string;
  /** More of the bot's own secrets, by name. */
  readonly secrets?: Readonly<Record<string, string>>;
  readonly discordApi: string;
  readonly onLog: (text: string) => void;
}

/** Edits come quickly, since nobody's eyes or Discord's limits are to be spared in the lab. */
export const labPace = { editMs: 150, retryMs: 100, retryMostMs: 500, forbiddenMs: 1_000, flushMs: 5_000 };

export async function runInside(parts: LabBotParts): Promise<LabBot> {
  const { config, token, discordApi, onLog, secrets } = parts;
  const read = loadConfig({
    file: config,
    env: { ...secrets, DISCORD_TOKEN: token },
  });
  if (!read.ok)
    throw new Error(read.problems.map(({ where, message }) => `${where ?? ''} ${message}`).join('\n'));
  const bot = await startBot(read.value, { discordApi, pace: labPace, logTo: { write: onLog } });
  return {
    stop: () => bot.stop(),
    kill: () => Promise.reject(new Error('a bot inside this process cannot be killed')),
  };
}

/** Runs the built bot, so that it can be killed as a machine would. */
export async function runInProcess(parts: LabBotParts): Promise<LabBot> {
  const { config, token, discordApi, onLog, secrets } = parts;
  const child = spawn(process.execPath, [builtBot, config, discordApi], {
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      ...secrets,
      DISCORD_TOKEN: token,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.setEncoding('utf8').on('data', onLog);
  child.stderr.setEncoding('utf8').on('data', onLog);
  const gone = once(child, 'exit');
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await gone;
  };
  await once(child, 'spawn');
  return { stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

/** From the sources as from the build, the program is the built one. */
const builtBot = projectFile('dist/lab/house/bot-process.js');
