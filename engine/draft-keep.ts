import type { EngineContext } from './context.ts';
import { fail, type DraftInput, type Drafted } from './drafted.ts';
import type { Request, Result } from './types.ts';

type KeepRequest = Extract<Request, { kind: 'keep' }>;

/** Makes Git say what the systems around a service have now. */
export function draftKeep(
  _context: EngineContext,
  { request }: DraftInput<KeepRequest>,
  _signal: AbortSignal,
): Promise<Result<Drafted>> {
  return Promise.resolve(fail({ code: 'unexpected', message: `Not yet: ${request.service}.` }));
}
