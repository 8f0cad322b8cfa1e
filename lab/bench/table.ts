/** One measured job beside bare `docker compose` on the host, and beside one `ssh` or `scp` a step. */
export interface Row {
  readonly job: string;
  readonly ms: number;
  /** The same job by bare docker compose in the same run. */
  readonly base: number;
  /** The same job by a script with a new connection a step; null where it was not measured. */
  readonly perStep: number | null;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

export function printTable(rows: readonly Row[]): void {
  console.log('job                                      engine   bare compose   ratio   per-step script');
  for (const { job, ms, base, perStep } of rows) {
    const old = perStep === null ? '—' : `${(perStep / ms).toFixed(1)} × slower`;
    console.log(
      `${job.padEnd(38)}${seconds(ms)}   ${seconds(base)}      ${(ms / base).toFixed(2).padStart(6)}   ${old}`,
    );
  }
  console.log('\nRatios count; absolute times hold for this machine and this run only.');
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`.padStart(9);
