/** How long one question to the forge or to Git may take. */
const callMs = 60_000;

/** Ends a call when following ends, and when it takes too long. */
export function callSignal({ detached }: { readonly detached: AbortController }): AbortSignal {
  return AbortSignal.any([detached.signal, AbortSignal.timeout(callMs)]);
}
