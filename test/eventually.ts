type Found<T> = Exclude<T, null | undefined | false>;

/** Looks again until there is something; for states that announce themselves to nobody. The one wait of all tests. */
export async function eventually<T>(
  look: () => T | Promise<T>,
  what = 'what the test waits for',
  within = 60_000,
): Promise<Found<T>> {
  const deadline = Date.now() + within;
  for (;;) {
    const found = await look();
    if (isThere(found)) return found;
    if (Date.now() > deadline) throw new Error(`waited ${within} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

function isThere<T>(found: T): found is Found<T> {
  return found !== null && found !== undefined && found !== false;
}
