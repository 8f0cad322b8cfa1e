import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { json } from './files.ts';
import { exitCodes, type CliPorts, type DiscordInvite } from './ports.ts';
import { paint } from './print.ts';
import { filled } from './repository-options.ts';
import { usageError, type Run } from './run.ts';

interface InviteOptions {
  readonly config?: string;
  readonly application?: string;
  readonly json?: boolean;
}

/** `sentinel discord invite`: the link that brings the bot into a guild. */
export function addDiscord(program: Command, ports: CliPorts, run: Run): void {
  const discord = program.command('discord').description('what Discord has to know of the bot');
  discord
    .command('invite')
    .description('print the exact permissions the bot needs, and the link that invites it with them')
    .option(
      '--config <file>',
      'the bot’s configuration (default: $SENTINEL_CONFIG, or bot.yml if it is here)',
    )
    .option('--application <id>', 'the Application ID (default: Discord is asked with the bot’s token)')
    .option('--json', 'print JSON')
    .action((options: InviteOptions) => run((signal) => invite(options, ports, signal)));
}

async function invite(options: InviteOptions, ports: CliPorts, signal: AbortSignal): Promise<number> {
  const { application = null } = options;
  if (application !== null && !/^\d{15,25}$/.test(application))
    throw usageError(
      `--application ${application} is not the id of an application: a number of about 19 digits`,
    );
  const found = await ports.readInvite({ file: configFile(options, ports), application }, signal);
  ports.out(options.json === true ? json(found) : shown(found, ports));
  return exitCodes.ok;
}

function configFile({ config }: InviteOptions, { env, directory }: CliPorts): string | null {
  const named = config ?? filled(env['SENTINEL_CONFIG']);
  if (named !== undefined) return resolve(directory, named);
  const here = join(directory, 'bot.yml');
  return existsSync(here) ? here : null;
}

function shown({ permissions, names, link, guild }: DiscordInvite, { color }: CliPorts): string {
  const where = guild === null ? 'choose the server' : 'the server of bot.yml is chosen already';
  return [
    `Permissions  ${permissions}`,
    ...names.map((name) => `  ${name}`),
    '',
    'Invite the bot (scopes bot and applications.commands)',
    `  ${paint(color, 'green', link)}`,
    '',
    'What to do next',
    `  1. Open the link as somebody who may manage the server; ${where}.`,
    '  2. Let the bot see its channel, if that is a private one.',
    '  3. Once bot.yml is complete: `sentinel doctor`, then start the bot.',
    '',
  ].join('\n');
}
