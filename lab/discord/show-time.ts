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

export interface Reading {
  readonly now: number;
  /** The reader's own unless told. */
  readonly timeZone?: string;
}

/** Whether there is such a moment: not what somebody wrote is one, and time ends somewhere. */
export function isMoment(at: number): boolean {
  return !Number.isNaN(new Date(at).getTime());
}

/** A moment in one of Discord's styles; `R` is relative to now. */
export function showTime(at: number, style: string, { now, timeZone }: Reading): string {
  if (style === 'R') return relativeTime(at, now);
  const how = STYLES[style] ?? { dateStyle: 'long', timeStyle: 'short' };
  return new Intl.DateTimeFormat('en-GB', timeZone === undefined ? how : { ...how, timeZone }).format(at);
}

function relativeTime(at: number, now: number): string {
  const seconds = Math.round((at - now) / 1000);
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ['second', 1];
  return relative.format(Math.trunc(seconds / size), unit);
}
