const units: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** `1h 30m`, `90 minutes`, `2 days and 3 hours`, in milliseconds. */
export function milliseconds(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]*)/gi)];
  return parts.reduce(
    (sum, [, count, unit = '']) => sum + Number(count) * (units[unit.slice(0, 1).toLowerCase()] ?? 1000),
    0,
  );
}
