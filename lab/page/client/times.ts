import { showTime } from '../../discord/show-time.ts';

/** When a message was written, as it stands beside the name: the time today, else with the day. */
export function showClock(at: number, now: number): string {
  const time = showTime(at, 't', { now });
  const day = new Date(at).toDateString();
  if (day === new Date(now).toDateString()) return `Today at ${time}`;
  if (day === new Date(now - 86_400_000).toDateString()) return `Yesterday at ${time}`;
  return `${showTime(at, 'd', { now })} ${time}`;
}
