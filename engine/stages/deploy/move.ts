import type { ScopedService, Survey } from '../../ports.ts';
import type { Risk } from '../../types.ts';

/** A service whose last deployment put it somewhere else. */
export interface Move {
  readonly name: string;
  readonly from: { readonly host: string; readonly path: string };
  readonly to: { readonly host: string; readonly path: string };
  /** What has to go at the old place; null where it is the same project on the same host, which Compose takes along. */
  readonly left: ScopedService | null;
}

export function moveOf(item: ScopedService): Move | null {
  if (item.want !== 'present' || item.formerly === undefined) return null;
  const { name, service, formerly: from } = item;
  const to = { host: service.host, path: service.installPath };
  if (from.host === to.host && from.path === to.path) return null;
  const there = { ...service, host: from.host, installPath: from.path };
  const left: ScopedService = { want: 'absent', name, service: there, deleteVolumes: false, owned: [] };
  return { name, from, to, left: from.host === to.host ? null : left };
}

/** The removal at the old place as what it is: part of a move, undone with it. */
export function asMove({ name, from, to }: Move, found: Survey<'deploy'>): Survey<'deploy'> {
  const cause = `moves from ${from.host} to ${to.host}`;
  const risks = found.risks.filter(({ code }) => code !== 'removal');
  const stays = `${name} ${cause}: the data in its volumes and directories on ${from.host} does not move.`;
  return {
    ...found,
    steps: found.steps.map((step) => ({ ...step, id: `${step.id} on ${from.host}`, cause })),
    risks: found.steps.length === 0 ? risks : [risk(name, stays), ...risks],
    proofs: {},
  };
}

export function moveWithin({ name, from, to }: Move): Risk {
  return risk(
    name,
    `${name} moves from ${from.path} to ${to.path} on ${to.host}: what is in the old directory stays there.`,
  );
}

/** The old host cannot be asked, for example because it is gone; what runs there is out of reach. */
export function leftRunning({ name, from, to }: Move, because: string): Risk {
  return risk(
    name,
    `${name} moves from ${from.host} to ${to.host}, and what runs on ${from.host} is left as it is: ${because}`,
  );
}

function risk(service: string, message: string): Risk {
  return { code: 'moves', service, message, alwaysApprove: true };
}
