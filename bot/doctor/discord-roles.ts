import { PermissionFlagsBits, type PermissionsString } from 'discord.js';
import { doctor } from '../../engine/index.ts';
import type { BotConfig } from '../config.ts';
import type { SeenGuild } from './discord-shapes.ts';

const { good, warning, wrong } = doctor;
const area = 'discord';

/** Whether these permissions have this one in them. */
export function has(granted: bigint, name: PermissionsString): boolean {
  const { Administrator } = PermissionFlagsBits;
  return (granted & Administrator) !== 0n || (granted & PermissionFlagsBits[name]) !== 0n;
}

/** A role nobody may mention is not called when its approval is asked for. */
export function mentions(
  home: SeenGuild,
  named: readonly string[],
  at: { readonly granted: bigint; readonly channel: string },
): readonly doctor.Finding[] {
  if (has(at.granted, 'MentionEveryone')) return [];
  return home.roles
    .filter(({ id, mentionable }) => named.includes(id) && !mentionable)
    .map(({ name }) =>
      warning(
        { area, subject: `@${name}` },
        'is not called when its approval is asked for.',
        `Allow everybody to mention the role, or give the bot the permission Mention Everyone in #${at.channel}.`,
      ),
    );
}

/** The roles bot.yml names, and whether the guild has them. */
export function roles(
  { access, approvals }: Pick<BotConfig, 'access' | 'approvals'>,
  { roles: known }: SeenGuild,
): readonly doctor.Finding[] {
  const named = [
    ...new Set([
      ...access.grants.map(({ role }) => role),
      ...[approvals.fallback, ...approvals.rules].flatMap(({ roles: list }) => list),
    ]),
  ];
  const gone = named.filter((id) => !known.some((role) => role.id === id));
  const there = known.filter(({ id }) => named.includes(id)).map(({ name }) => `@${name}`);
  return [
    ...gone.map((id) =>
      wrong(
        { area, subject: `role ${id}` },
        'is named in bot.yml, but the guild has no such role.',
        'Copy the id again (Server Settings → Roles → Copy Role ID), or remove it from bot.yml.',
      ),
    ),
    ...(there.length === 0 ? [] : [good({ area, subject: 'roles' }, `the guild has ${there.join(', ')}.`)]),
  ];
}
