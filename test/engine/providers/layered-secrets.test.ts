import { describe, expect, test } from 'vitest';
import { ProblemError, toProblem } from '../../../engine/problems.ts';
import type { Clock } from '../../../engine/ports.ts';
import { createLayeredSecrets, type KeptElsewhere } from '../../../engine/providers/layered-secrets.ts';
import { createSecrets, type SecretsOptions } from '../../../engine/providers/secrets.ts';
import { quietLog } from '../../../lab/quiet-log.ts';

const idle = (): AbortSignal => new AbortController().signal;

/** A place that keeps values by environment and counts how often it is asked. */
function open(options: Partial<SecretsOptions> = {}) {
  const kept: Record<string, Partial<KeptElsewhere>> = {};
  const at = { now: 0 };
  const state = { asked: 0, away: null as Error | null, kept, at };
  const clock: Clock = { now: () => new Date(at.now), wait: () => Promise.resolve() };
  const base = createSecrets({ env: {}, directory: null, ...options });
  const layered = createLayeredSecrets({
    ...{ base, place: 'GitLab', clock, log: quietLog },
    read(environment) {
      state.asked += 1;
      if (state.away !== null) return Promise.reject(state.away);
      return Promise.resolve({ values: {}, unreadable: [], masked: [], ...kept[environment] });
    },
  });
  const problem = (work: () => unknown) => {
    try {
      return work();
    } catch (error) {
      return toProblem(error);
    }
  };
  return { ...state, state, base, layered, problem, read: (name: string) => layered.read(name, idle()) };
}

describe('secrets kept elsewhere', () => {
  test('are those of the environment, behind our own', async () => {
    const { kept, read } = open({ env: { OWN: 'of our own' } });
    kept['production'] = { values: { OWN: 'of the place', DB: 'live-db-1' } };
    kept['staging'] = { values: { DB: 'next-db-1' } };
    const live = await read('production');
    expect([live.resolve('OWN'), live.resolve('DB')]).toEqual(['of our own', 'live-db-1']);
    expect((await read('staging')).resolve('DB')).toBe('next-db-1');
    for (const name of ['toString', 'constructor', '__proto__', '../DB']) expect(live.has(name)).toBe(false);
  });

  test('are read once for many callers, and again after a few seconds; what was answered stays', async () => {
    const { state, kept, at, read } = open();
    kept['production'] = { values: { DB: 'first-1' } };
    const [first] = await Promise.all([read('production'), read('production'), read('production')]);
    expect(state.asked).toBe(1);
    kept['production'] = { values: { DB: 'second-2' } };
    at.now = 4_000;
    expect((await read('production')).resolve('DB')).toBe('first-1');
    at.now = 6_000;
    expect((await read('production')).resolve('DB')).toBe('second-2');
    expect(first.resolve('DB')).toBe('first-1');
    expect(state.asked).toBe(2);
  });

  test('count as they were last known while the place is away', async () => {
    const { state, kept, at, read, problem } = open();
    kept['production'] = { values: { DB: 'first-1' } };
    await read('production');
    state.away = new ProblemError({ code: 'forge-unreachable', message: 'GitLab did not answer.' });
    at.now = 60_000;
    expect((await read('production')).resolve('DB')).toBe('first-1');
    const staging = await read('staging');
    expect(problem(() => staging.resolve('DB'))).toMatchObject({
      code: 'secret-missing',
      hint: expect.stringMatching(/could not be asked.*GitLab did not answer/) as string,
    });
    state.away = null;
    kept['staging'] = { values: { DB: 'next-1' } };
    expect((await read('staging')).resolve('DB')).toBe('next-1');
  });

  test('that the place tells nobody are named as such', async () => {
    const { kept, read, problem } = open();
    kept['production'] = { values: {}, unreadable: ['DB'] };
    const secrets = await read('production');
    expect(problem(() => secrets.resolve('DB'))).toMatchObject({
      hint: expect.stringContaining('hidden') as string,
    });
    expect(problem(() => secrets.resolve('X'))).toMatchObject({
      hint: expect.stringContaining('Add it to GitLab for the environment production') as string,
    });
  });

  test('never give out a name of Sentinel’s own, and go only where they are bound to', async () => {
    const { kept, read, problem } = open({ withheld: ['TOKEN'], sendTo: { DNS: ['https://dns.home.lan'] } });
    kept['production'] = { values: { TOKEN: 'stolen-1', DNS: 'password-1', HOOK: 'https://evil.example/x' } };
    const secrets = await read('production');
    expect(secrets.has('TOKEN')).toBe(false);
    expect(problem(() => secrets.resolve('TOKEN'))).toMatchObject({ code: 'secret-missing' });
    expect(secrets.resolveFor('DNS', 'https://dns.home.lan')).toBe('password-1');
    expect(problem(() => secrets.resolveFor('DNS', 'https://evil.example'))).toMatchObject({
      code: 'system-refused',
    });
    expect(problem(() => secrets.resolveAddress('HOOK'))).toMatchObject({ code: 'system-refused' });
  });

  test('of every environment are replaced in texts, before they are used and after they were rotated', async () => {
    const { kept, at, base, read } = open();
    kept['production'] = { values: { DB: 's3cret-one', PLACE: 'production' } };
    kept['staging'] = { values: { DB: 's3cret-two' } };
    const live = await read('production');
    await read('staging');
    kept['production'] = { values: { DB: 's3cret-three' } };
    at.now = 10_000;
    await read('production');
    expect(base.redact('s3cret-one s3cret-two s3cret-three')).toBe('[secret DB] [secret DB] [secret DB]');
    // A plain word is no secret until somebody uses it as one.
    expect(base.redact('to production')).toBe('to production');
    kept['staging'] = { values: { WORD: 'swordfish' }, masked: ['WORD'] };
    await read('staging');
    expect(base.redact('a swordfish')).toBe('a [secret WORD]');
    live.resolve('PLACE');
    expect(base.redact('to production')).toBe('to [secret PLACE]');
  });

  test('as they were read last serve adapters that live longer', async () => {
    const { kept, at, layered, read, problem } = open();
    const lasting = layered.lastRead('production');
    expect(problem(() => lasting.resolve('DB'))).toMatchObject({ code: 'secret-missing' });
    kept['production'] = { values: { DB: 'first-1' } };
    await read('production');
    expect(lasting.resolve('DB')).toBe('first-1');
    kept['production'] = { values: { DB: 'second-2' } };
    at.now = 10_000;
    await read('production');
    expect(lasting.resolve('DB')).toBe('second-2');
  });
});
