const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
];
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always' });

const STYLES: Readonly<Record<string, Intl.DateTimeFormatOptions>> = {
  t: { timeStyle: 'short' },
  T: { timeStyle: 'medium' },
  d: { dateStyle: 'short' },
  D: { dateStyle: 'long' },
  f: { dateStyle: 'long', timeStyle: 'short' },
  F: { dateStyle: 'full', timeStyle: 'short' },
};

/** A moment in one of Discord's styles; `R` is relative to now. */
export function showTime(at: number, style: string, now: number): string {
  if (style === 'R') return relativeTime(at, now);
  return new Intl.DateTimeFormat('en-GB', STYLES[style] ?? { dateStyle: 'long', timeStyle: 'short' }).format(
    at,
  );
}

function relativeTime(at: number, now: number): string {
  const seconds = Math.round((at - now) / 1000);
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ['second', 1];
  return relative.format(Math.trunc(seconds / size), unit);
}

/** When a message was written, as it stands beside the name: the time today, else with the day. */
export function showClock(at: number, now: number): string {
  const time = showTime(at, 't', now);
  const day = new Date(at).toDateString();
  if (day === new Date(now).toDateString()) return `Today at ${time}`;
  if (day === new Date(now - 86_400_000).toDateString()) return `Yesterday at ${time}`;
  return `${showTime(at, 'd', now)} ${time}`;
}
