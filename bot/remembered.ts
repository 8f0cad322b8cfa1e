import type { Memory, ReleaseChoice } from '../commands/index.ts';
import type { Clock, Engine, Release } from '../engine/index.ts';
import { short, took } from './render/text.ts';

const freshMs = 15_000;
/** Autocomplete must be answered within three seconds of the key. */
const patienceMs = 2_000;

/** What autocomplete reads. Releases live on hosts, so they are asked for in the background and remembered. */
export function createMemory(engine: Engine, clock: Clock, stopping: AbortSignal): Memory {
  const known = new Map<string, { readonly at: number; readonly releases: readonly Release[] }>();
  const asking = new Map<string, Promise<void>>();

  async function ask(key: string, service: string, environment: string | undefined): Promise<void> {
    const found = await engine.releases(service, environment, stopping);
    if (found.ok) known.set(key, { at: clock.now().getTime(), releases: found.value });
  }

  return {
    engine,
    async releases(service, environment) {
      if (!engine.services().some(({ name }) => name === service)) return [];
      const key = `${environment ?? ''} ${service}`;
      const old = known.get(key);
      const now = clock.now().getTime();
      if (!old || now - old.at > freshMs) {
        const asked = asking.get(key) ?? ask(key, service, environment).finally(() => asking.delete(key));
        asking.set(key, asked);
        const quietly = asked.catch(() => undefined);
        const giveUp = new AbortController();
        if (!old) await Promise.race([quietly, clock.wait(patienceMs, giveUp.signal).catch(() => undefined)]);
        giveUp.abort();
      }
      return (known.get(key)?.releases ?? []).map((release) => choiceOf(release, now));
    },
  };
}

function choiceOf({ id, revision, createdAt, images, verifiedAt }: Release, now: number): ReleaseChoice {
  const [image] = Object.values(images);
  const parts = [
    image?.reference.split('/').at(-1) ?? id,
    `${took(now - Date.parse(createdAt))} ago`,
    revision === null ? '' : short(revision),
    verifiedAt === null ? 'not verified' : 'verified',
  ];
  return { id, label: parts.filter((part) => part !== '').join(' · ') };
}
