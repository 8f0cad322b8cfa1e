import type { Container } from './container.ts';

/** A duration in Docker's words: `Less than a second`, `5 minutes`, `About an hour`. */
export function durationInWords(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds < 60) return `${seconds} seconds`;
  const minutes = Math.floor(seconds / 60);
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.floor(minutes / 60 + 0.5);
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  return `${Math.floor(hours / 24)} days`;
}

/** How long ago, without the `ago`. */
export const ageOf = (date: Date) => durationInWords(Date.now() - date.getTime());

/** The `Status` column: `Up 3 seconds (healthy)`, `Exited (3) 2 seconds ago`. */
export function statusOf(container: Container): string {
  const { status, health, exitCode, startedAt, finishedAt } = container;
  if (status === 'created') return 'Created';
  const ago = `${ageOf(finishedAt ?? new Date())} ago`;
  if (status === 'restarting') return `Restarting (${exitCode}) ${ago}`;
  if (status !== 'running') return `Exited (${exitCode}) ${ago}`;
  const up = `Up ${ageOf(startedAt ?? new Date())}`;
  if (!health) return up;
  return `${up} (${health.status === 'starting' ? 'health: starting' : health.status})`;
}

/** Docker's `2026-11-21 03:45:32 +0000 UTC`. */
export const timestamp = (date: Date) => `${date.toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`;
