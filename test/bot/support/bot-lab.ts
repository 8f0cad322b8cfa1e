import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { runBot, type RunningBot } from '../../../bot/bot.ts';
import type { HookSecrets } from '../../../bot/gitlab/hook.ts';
import { createLog } from '../../../bot/log.ts';
import type { Pace } from '../../../bot/story/teller.ts';
import { openStore, type OpenStore } from '../../../data/index.ts';
import type { Access } from '../../../engine/index.ts';
import { createClock } from '../../../engine/providers/clock.ts';
import {
  startDiscord,
  type DiscordLab,
  type DiscordOptions,
  type LabMessage,
  type Person,
} from '../../../lab/discord/index.ts';
import { scriptedEngine, type ScriptedEngine } from './scripted-engine.ts';

export const quick: Pace = { editMs: 20, retryMs: 20, retryMostMs: 100, forbiddenMs: 100, flushMs: 300 };

/** The real bot and the real discord.js against Discord on loopback. */
export interface BotLab {
  readonly discord: DiscordLab;
  readonly channel: string;
  readonly file: string;
  readonly lines: string[];
  /** May deploy. */
  readonly ada: Person;
  /** May approve. */
  readonly ben: Person;
  /** May nothing. */
  readonly eve: Person;
  start(discord?: { readonly guild?: string; readonly channel?: string }): Promise<Running>;
  /** What a stopped bot left behind. */
  openStore(): OpenStore;
  /** The card in the notifications channel whose title has these words, as soon as it is there. */
  card(words: string): Promise<LabMessage>;
}
export interface Running {
  readonly bot: RunningBot;
  readonly engine: ScriptedEngine;
  readonly store: OpenStore;
  /** Ends without telling or closing anything in order, as far as one process can. */
  die(): Promise<void>;
}

export interface BotLabOptions extends DiscordOptions {
  readonly pace?: Pace;
  readonly watchtower?: { readonly token: string };
  readonly metrics?: { readonly token: string };
  readonly gitlab?: HookSecrets;
  readonly lookMs?: number;
}

export async function botLab(options: BotLabOptions = {}): Promise<BotLab> {
  const discord = await startDiscord({
    ...{ roles: ['deployers', 'approvers'], channels: ['deployments'] },
    ...options,
  });
  const folder = mkdtempSync(join(tmpdir(), 'sentinel-bot-'));
  onTestFinished(async () => {
    rmSync(folder, { recursive: true, force: true });
    await discord.close();
  });
  const file = join(folder, 'sentinel.db');
  const lines: string[] = [];
  const channel = discord.channel('deployments').id;
  const access: Access = {
    grants: [
      {
        ...{ role: discord.role('deployers').id, environments: [] },
        capabilities: ['view', 'deploy', 'rollback'],
      },
      { role: discord.role('approvers').id, capabilities: ['view', 'approve'], environments: [] },
    ],
  };
  const clock = createClock();

  async function start(at: Parameters<BotLab['start']>[0] = {}): Promise<Running> {
    const log = createLog({
      ...{ level: 'debug', redact: (line) => line },
      to: { write: (line) => void lines.push(line) },
    });
    const store = openStore({ file, clock, log });
    const engine = scriptedEngine(store, clock, access);
    const crash = new AbortController();
    const bot = await runBot({
      ...{ engine, store, access, clock, log, shutdownMs: 100, signal: crash.signal },
      discord: { token: discord.token, guild: discord.state.guild.id, channel, api: discord.api, ...at },
      health: { host: '127.0.0.1', port: 0 },
      pace: options.pace ?? quick,
      watchtower: options.watchtower ?? null,
      metrics: options.metrics ?? null,
      ...{ gitlab: options.gitlab ?? null, lookMs: options.lookMs ?? null },
    });
    onTestFinished(() => bot.stop());
    return { bot, engine, store, die: () => bot.stop() };
  }

  return {
    ...{ discord, channel, file, lines, start },
    openStore: () => openStore({ file, clock, log: createLog({ level: 'error', redact: (line) => line }) }),
    ada: discord.user('Ada', { roles: ['deployers'] }),
    ben: discord.user('Ben', { roles: ['approvers'] }),
    eve: discord.user('Eve'),
    card: (words) =>
      discord.waitFor(
        () =>
          [...discord.state.messages.values()].find(
            ({ channelId, embeds, visibleTo }) =>
              channelId === channel && visibleTo === null && embeds[0]?.title?.includes(words),
          ),
        { what: `a card with “${words}”` },
      ),
  };
}

export function titleOf(message: LabMessage): string {
  return message.embeds[0]?.title ?? '';
}

export function labelsOf(message: LabMessage): readonly string[] {
  return message.components.flatMap((row) => (row.components ?? []).flatMap(({ label }) => label ?? []));
}
