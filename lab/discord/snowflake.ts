const EPOCH = 1_420_070_400_000n;

/** Ids as Discord makes them: the time in the upper bits, so newer means larger. */
export function createIds(now: () => number): () => string {
  let last = 0n;
  return () => {
    const next = (BigInt(now()) - EPOCH) << 22n;
    last = next > last ? next : last + 1n;
    return String(last);
  };
}
