import { describe, expect, test } from 'vitest';
import { adoptedEdits } from '../../engine/draft-keep.ts';
import { once, systemsOf } from '../../engine/observe-systems.ts';
import type { Owned, ScopedService, Stage, Survey } from '../../engine/ports.ts';
import type { SideSurvey } from '../../engine/survey-systems.ts';
import type { Problem, RecordState, Risk, Service, SideStage, StepOf } from '../../engine/index.ts';
import { service } from './fixtures.ts';

const record = { name: 'app.home.lan', address: '10.0.0.2' };
const named: Service = service('app', { record });
const state = (address: string): RecordState => ({
  ...{ name: record.name, addresses: [address], entries: [`${address} ${record.name}`] },
});
const present = (of: Service, owned: Owned = []): ScopedService => ({
  ...{ want: 'present', name: of.name, service: of, owned },
});
const absent = (owned: Owned = []): ScopedService => ({
  ...{ want: 'absent', name: 'app', service: named, deleteVolumes: false, owned },
});

function dnsStep(before: string | null, after: string | null, of = 'app'): StepOf<'dns'> {
  return {
    ...{ id: `dns ${of}`, stage: 'dns', service: of, system: 'Pi-hole', target: record.name },
    cause: 'it differs',
    changes: [{ what: 'address', before, after }],
    before: before === null ? null : state(before),
    after: after === null ? null : state(after),
  };
}
const empty: Survey<SideStage> = { steps: [], risks: [], proofs: {}, diff: '', problems: [] };

/** A stage as far as a comparison needs it; what has an address can be kept. */
function survey(name: SideStage, found: Partial<Survey<SideStage>> = {}): SideSurvey {
  const stage: Stage<SideStage> = {
    name,
    onFailure: () => 'degrade',
    survey: () => Promise.resolve(empty),
    ensure: () => Promise.resolve(),
    adopt: ({ stage: of, before }) =>
      of === 'dns' && before !== null ? [{ path: ['dns', 'ip'], value: before.addresses[0] ?? null }] : null,
  };
  return { stage, survey: { ...empty, ...found } };
}
const risk = (change: Partial<Risk> = {}): Risk => ({
  ...{ code: 'conflict', service: 'app', message: 'app.home.lan belongs to somebody else' },
  ...{ alwaysApprove: false, ...change },
});
const unreachable: Problem = { code: 'system-unreachable', message: 'Pi-hole does not answer.' };

describe('what a system has for a service', () => {
  test('is good where nothing differs, and is not told where nothing is wanted', () => {
    expect(systemsOf(present(named), [survey('traefik'), survey('dns'), survey('glance')])).toEqual([
      { stage: 'dns', light: { state: 'good', text: 'matches Git' }, drift: [] },
    ]);
    expect(systemsOf(present(service('app')), [survey('dns')])).toEqual([]);
  });

  test.each([
    ['missing', null, '10.0.0.2', 'missing', false],
    ['different', '10.0.0.9', '10.0.0.2', 'differs', true],
    ['extra', '10.0.0.9', null, 'left over', true],
  ] as const)(
    'that is %s is drift, with what Put back would change',
    (kind, before, after, text, adoptable) => {
      const [found] = systemsOf(present(named), [survey('dns', { steps: [dnsStep(before, after)] })]);
      expect(found).toEqual({
        stage: 'dns',
        light: { state: 'bad', text },
        drift: [{ kind, target: record.name, changes: [{ what: 'address', before, after }], adoptable }],
      });
    },
  );

  test('is another service’s drift nowhere else', () => {
    const other = survey('dns', {
      steps: [dnsStep(null, '10.0.0.2', 'other')],
      risks: [risk({ service: 'other' })],
    });
    expect(systemsOf(present(named), [other])).toMatchObject([{ light: { state: 'good' }, drift: [] }]);
  });

  test('is unknown where the system could not be asked, for those who want something there', () => {
    const lost = survey('dns', { problems: [unreachable] });
    expect(systemsOf(present(named), [lost])).toEqual([
      { stage: 'dns', light: { state: 'unknown', text: 'could not be asked' }, drift: [] },
    ]);
    expect(systemsOf(present(service('app')), [lost])).toEqual([]);
    expect(systemsOf(present(service('app'), [dnsStep(null, '10.0.0.2')]), [lost])).toHaveLength(1);
    expect(once([unreachable, { ...unreachable }])).toEqual([unreachable]);
  });

  test('is bad, in the words of the conflict, where somebody else’s thing is in the way', () => {
    expect(systemsOf(present(named), [survey('dns', { risks: [risk()] })])).toEqual([
      { stage: 'dns', light: { state: 'bad', text: 'app.home.lan belongs to somebody else' }, drift: [] },
    ]);
  });

  test('is bad where Git asks for something of a system there is not, and only then', () => {
    const risks = [
      risk({ code: 'system-missing', message: 'no DNS' }),
      risk({ code: 'latest-tag', service: 'b' }),
    ];
    expect(systemsOf(present(named), [survey('dns', { risks })])).toMatchObject([
      { light: { text: 'no DNS' } },
    ]);
    const harmless = survey('dns', { risks: [risk({ code: 'latest-tag' })] });
    expect(systemsOf(present(named), [harmless])).toMatchObject([{ light: { state: 'good' } }]);
  });

  test('of a service that left Git is told only as long as something is left', () => {
    const left = survey('dns', { steps: [dnsStep('10.0.0.2', null)] });
    expect(systemsOf(absent(), [left])).toMatchObject([{ light: { text: 'left over' } }]);
    expect(systemsOf(absent([dnsStep(null, '10.0.0.2')]), [survey('dns')])).toEqual([]);
    expect(systemsOf(absent(), [survey('dns')])).toEqual([]);
  });
});

describe('keeping what is there', () => {
  test('writes what every stage can say of this service, each value once', () => {
    const surveys = [
      survey('dns', {
        steps: [dnsStep('10.0.0.9', '10.0.0.2'), dnsStep('10.0.0.7', '10.0.0.2', 'other')],
      }),
      survey('glance', { steps: [] }),
    ];
    expect(adoptedEdits(named, surveys)).toEqual([{ path: ['dns', 'ip'], value: '10.0.0.9' }]);
  });

  test('writes nothing where nothing can be said', () => {
    expect(adoptedEdits(named, [survey('dns', { steps: [dnsStep(null, '10.0.0.2')] })])).toEqual([]);
  });
});
