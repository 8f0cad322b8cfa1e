/** A stretch of time, in milliseconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}
export interface TimeScale {
  readonly x: (moment: number) => number;
  /** Long waits in which nothing happened, drawn short. */
  readonly gaps: readonly (Span & { readonly x: number; readonly width: number })[];
  /** Moments worth a label. */
  readonly ticks: readonly { readonly x: number; readonly ms: number }[];
}

const gapWidth = 64;
const shortestGap = 60_000;
const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const steps = [
  ...[0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30].map((n) => n * second),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * minute),
  ...[1, 2, 6, 12, 24, 24 * 7].map((n) => n * hour),
];

/** Time from left to right. Where people let it wait for an hour, the minutes around it stay readable. */
export function timeScale(
  whole: Span,
  busy: readonly Span[],
  area: { readonly x: number; readonly width: number; readonly tickRoom: number },
): TimeScale {
  const idle = idleSpans(whole, busy);
  const waited = idle.reduce((sum, { from, to }) => sum + to - from, 0);
  const worked = Math.max(1, whole.to - whole.from - waited);
  const perMs = Math.max(1, area.width - idle.length * gapWidth) / worked;
  const x = (moment: number): number => {
    const at = Math.min(Math.max(moment, whole.from), whole.to);
    let along = area.x + (at - whole.from) * perMs;
    for (const { from, to } of idle) {
      const passed = Math.min(Math.max(at - from, 0), to - from);
      along += (passed / (to - from)) * gapWidth - passed * perMs;
    }
    return along;
  };
  const gaps = idle.map((gap) => ({ ...gap, x: x(gap.from), width: x(gap.to) - x(gap.from) }));
  return { x, gaps, ticks: ticksOf(whole, idle, { x, perMs, tickRoom: area.tickRoom }) };
}

/** At least a minute, and at least a quarter of everything. */
function idleSpans(whole: Span, busy: readonly Span[]): readonly Span[] {
  const least = Math.max(shortestGap, (whole.to - whole.from) / 4);
  const idle: Span[] = [];
  let free = whole.from;
  for (const { from, to } of busy.toSorted((a, b) => a.from - b.from)) {
    if (from - free >= least) idle.push({ from: free, to: from });
    free = Math.max(free, to);
  }
  if (whole.to - free >= least) idle.push({ from: free, to: whole.to });
  return idle;
}

function ticksOf(
  whole: Span,
  idle: readonly Span[],
  { x, perMs, tickRoom }: { x: (moment: number) => number; perMs: number; tickRoom: number },
): TimeScale['ticks'] {
  const step = steps.find((each) => each * perMs >= tickRoom) ?? steps.at(-1) ?? hour;
  const most = 24;
  const begins = [whole.from, ...idle.map(({ to }) => to)];
  const moments = begins.flatMap((begin, part) => {
    const end = idle[part]?.from ?? whole.to;
    const first = Math.ceil((begin - whole.from) / step) * step;
    const count = Math.min(most, Math.floor((end - whole.from - first) / step) + 1);
    return Array.from({ length: Math.max(0, count) }, (_, n) => first + n * step);
  });
  const ticks: { readonly x: number; readonly ms: number }[] = [];
  for (const ms of moments) {
    const along = x(whole.from + ms);
    if (along - (ticks.at(-1)?.x ?? -Infinity) >= tickRoom * 0.9) ticks.push({ x: along, ms });
  }
  return ticks;
}
