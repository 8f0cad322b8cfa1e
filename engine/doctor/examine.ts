import { toProblem } from '../problems.ts';
import { areaNames, troubled, type Area, type Finding } from './finding.ts';

/** One question, or a few to the same machine or server. Only reads. */
export interface Check {
  readonly area: Area;
  readonly subject: string;
  readonly look: (signal: AbortSignal) => Promise<readonly Finding[]>;
  /** Default 10,000. */
  readonly limitMs?: number;
}
/** Everything that is to be looked at. */
export interface Examination {
  readonly checks: readonly Check[];
  /** What could not be known before the first ones were made. */
  readonly more: () => readonly Check[];
  readonly redact: (text: string) => string;
  close(): Promise<void>;
}

const usualLimitMs = 10_000;
const withoutDefinitions: readonly Area[] = ['program', 'discord'];

/** Makes all checks at the same time, each with its own limit; the order of the answers is always the same. */
export async function examine(
  { checks, more, redact }: Examination,
  { only, signal }: { readonly only: readonly Area[]; readonly signal: AbortSignal },
): Promise<readonly Finding[]> {
  const wanted = ({ area }: { readonly area: Area }): boolean => only.length === 0 || only.includes(area);
  const round = (all: readonly Check[]): Promise<readonly (readonly Finding[])[]> =>
    Promise.all(all.map((check) => answerOf(check, signal)));
  // Definitions tell what machines and systems there are, so they are read for those, too.
  const reads = only.length === 0 || only.some((area) => !withoutDefinitions.includes(area));
  const isRead = ({ area }: Check): boolean => area === 'configuration';
  const first = await round(checks.filter((check) => wanted(check) || (reads && isRead(check))));
  const second = await round(more().filter(wanted));
  const asked = [...first, ...second].flat().filter(wanted);
  // Nothing was asked for that could be looked at: then the configuration tells why.
  const found = asked.length > 0 ? asked : (await round(checks.filter(isRead))).flat();
  return areaNames
    .flatMap((area) => found.filter((finding) => finding.area === area))
    .map((finding) => ({
      ...finding,
      says: redact(finding.says),
      mend: finding.mend === null ? null : redact(finding.mend),
    }));
}

/** What a check found, at the latest when its limit is over. */
export async function answerOf(check: Check, signal: AbortSignal): Promise<readonly Finding[]> {
  const { area, subject, look, limitMs = usualLimitMs } = check;
  const cut = AbortSignal.timeout(limitMs);
  const limit = AbortSignal.any([signal, cut]);
  // Not everything that is asked listens to a signal, and one that does not must not hold the others.
  const late = new Promise<never>((_, reject) => {
    limit.addEventListener('abort', () => reject(new DOMException('cut short', 'AbortError')), {
      once: true,
    });
  });
  try {
    return await Promise.race([look(limit), late]);
  } catch (error) {
    signal.throwIfAborted();
    const tooLate = {
      code: 'timed-out' as const,
      message: `no answer within ${limitMs / 1000} s.`,
      hint: 'Check that it runs and that nothing on the way holds it up, then ask again.',
    };
    return [troubled({ area, subject }, cut.aborted ? tooLate : toProblem(error))];
  }
}
