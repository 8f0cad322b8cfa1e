import { describe, expect, test } from 'vitest';
import type { Owned, ScopedService } from '../../../engine/ports.ts';
import { hostLine, parseCname, parseHostLine } from '../../../engine/providers/pihole/host-line.ts';
import { decideRecords } from '../../../engine/stages/dns/decide.ts';
import { dns } from '../../../engine/stages/dns/index.ts';
import { makeStep } from '../../../engine/stages/dns/words.ts';
import type { DnsEntry } from '../../../engine/system-ports/dns.ts';
import type { RecordState, StepOf } from '../../../engine/types.ts';
import { service } from '../fixtures.ts';

const provider = { name: 'Pi-hole at 192.168.90.53', entryFor: hostLine };
const name = 'grafana.home.lan';
const line = (address: string, of = name) => `${address} ${of}`;
const state = (...addresses: readonly string[]): RecordState => ({
  name,
  addresses,
  entries: addresses.map((address) => line(address)),
});

function owning(after: RecordState | null, system = provider.name): Owned {
  return [
    {
      id: '1 dns grafana',
      stage: 'dns',
      service: 'grafana',
      system,
      target: (after ?? state('x')).name,
      cause: 'no record',
      changes: [],
      before: null,
      after,
    },
  ];
}
function wanting(
  address: string | null,
  more: { owned?: Owned; of?: string; record?: string } = {},
): ScopedService {
  const { owned = [], of = 'grafana', record = name } = more;
  const definition = service(of, { record: address === null ? null : { name: record, address } });
  return { want: 'present', name: of, service: definition, owned };
}
const gone = (owned: Owned): ScopedService => ({
  want: 'absent',
  name: 'grafana',
  service: service('grafana', { record: { name, address: '192.168.40.20' } }),
  deleteVolumes: false,
  owned,
});
const decide = (services: readonly ScopedService[], lines: readonly string[]) =>
  decideRecords(services, { provider, entries: lines.flatMap(parseHostLine) });
const marked = (address: string, of: string, at = name): DnsEntry => ({
  name: at,
  address,
  text: `${at} ${address} by ${of}`,
  service: of,
});

describe('a record that is wanted', () => {
  test('is made where there is none', () => {
    expect(decide([wanting('192.168.40.20')], ['192.168.40.1 router'])).toEqual({
      risks: [],
      proofs: {},
      steps: [
        {
          id: `dns grafana ${name}`,
          stage: 'dns',
          service: 'grafana',
          system: provider.name,
          target: name,
          cause: 'no record',
          changes: [{ what: `record ${name}`, before: null, after: '192.168.40.20' }],
          before: null,
          after: state('192.168.40.20'),
        },
      ],
    });
  });

  test.each([
    ['as we write it', line('192.168.40.20'), '192.168.40.20'],
    ['in capitals, with a dot and blanks', '192.168.40.20 \t Grafana.Home.LAN.', '192.168.40.20'],
    ['in a line of several names', `192.168.40.20 other ${name} # by hand`, '192.168.40.20'],
    ['as a long IPv6 address', `FD00:0:0:0:0:0:0:20 ${name}`, 'fd00::20'],
  ])('needs nothing when it is there %s', (_, text, address) => {
    expect(decide([wanting(address)], [text])).toEqual({
      steps: [],
      risks: [],
      proofs: { grafana: [`the record ${name} → ${address} is there`] },
    });
  });

  test('moves from where an earlier deployment of ours left it', () => {
    const owned = owning(state('192.168.40.20'));
    const { steps } = decide([wanting('192.168.40.21', { owned })], [line('192.168.40.20')]);
    expect(steps).toMatchObject([
      {
        cause: 'answers 192.168.40.20, want 192.168.40.21',
        before: state('192.168.40.20'),
        after: state('192.168.40.21'),
      },
    ]);
  });

  test('moves back when somebody changed what was ours', () => {
    const owned = owning(state('192.168.40.20'));
    const { steps } = decide([wanting('192.168.40.20', { owned })], ['192.168.40.99 Grafana.home.lan']);
    expect(steps).toMatchObject([
      {
        before: {
          name,
          addresses: ['192.168.40.99'],
          entries: ['192.168.40.99 Grafana.home.lan'],
        },
        after: state('192.168.40.20'),
      },
    ]);
  });

  test('is made again when it was ours and is gone', () => {
    const { steps } = decide([wanting('192.168.40.20', { owned: owning(state('192.168.40.20')) })], []);
    expect(steps).toMatchObject([{ cause: 'the record is gone', before: null }]);
  });

  test('is finished when a deployment stopped half-way, and what is right stays', () => {
    const owned = owning(state('192.168.40.20'));
    const { steps } = decide(
      [wanting('192.168.40.21', { owned })],
      [line('192.168.40.20'), line('192.168.40.21')],
    );
    expect(steps).toMatchObject([
      { before: state('192.168.40.20', '192.168.40.21'), after: state('192.168.40.21') },
    ]);
  });

  test('moves from one service to another in one plan, and is not taken away', () => {
    const before = wanting('192.168.40.20', {
      record: 'old.home.lan',
      owned: owning(state('192.168.40.20')),
    });
    const taker = wanting('192.168.40.30', { of: 'wiki' });
    const { steps, risks } = decide([before, taker], [line('192.168.40.20'), '192.168.40.20 old.home.lan']);
    expect(risks).toEqual([]);
    expect(steps).toMatchObject([{ service: 'wiki', target: name, after: state('192.168.40.30') }]);
  });
});

describe('somebody else’s record in the place', () => {
  test.each([
    ['was never ours', []],
    ['was left by us on another server', owning(state('192.168.40.20'), 'Pi-hole at 192.168.90.99')],
    ['stands where ours was taken away again', owning(null)],
  ])('is a conflict and stays when it %s', (_, owned) => {
    const { steps, risks } = decide([wanting('192.168.40.20', { owned })], [line('192.168.40.99')]);
    expect(steps).toEqual([]);
    expect(risks).toMatchObject([{ code: 'conflict', service: 'grafana', alwaysApprove: false }]);
    expect(risks[0]?.message).toContain(`“${line('192.168.40.99')}”`);
  });

  test('is a conflict too beside a right one, as the name would have two addresses', () => {
    const lines = [line('192.168.40.20'), line('192.168.40.99')];
    for (const owned of [[], owning(state('192.168.40.20'))])
      expect(decide([wanting('192.168.40.20', { owned })], lines)).toMatchObject({
        steps: [],
        risks: [{ code: 'conflict' }],
      });
  });

  test('is a conflict when the name is an alias', () => {
    const entries = parseCname(`${name},router.home.lan`);
    const owned = owning(state('192.168.40.20'));
    expect(decideRecords([wanting('192.168.40.20', { owned })], { provider, entries })).toMatchObject({
      steps: [],
      risks: [{ code: 'conflict' }],
    });
  });

  test('a line that holds other names too is never taken apart, even where we left it', () => {
    const text = `192.168.40.20 ${name} printer`;
    const owned = owning({ name, addresses: ['192.168.40.20'], entries: [text] });
    for (const scoped of [wanting('192.168.40.21', { owned }), gone(owned)])
      expect(decide([scoped], [text])).toMatchObject({ steps: [], risks: [{ code: 'conflict' }] });
  });
});

describe('a record that is right by somebody else’s hand', () => {
  const owned = owning(state('192.168.40.20'));

  test('is noted where it was ours, so that it stays ours', () => {
    expect(decide([wanting('192.168.40.99', { owned })], [line('192.168.40.99')]).steps).toMatchObject([
      { before: state('192.168.40.99'), after: state('192.168.40.99'), changes: [] },
    ]);
  });

  test('and is left in peace where it was not', () => {
    const { steps, proofs } = decide([wanting('192.168.40.99')], [line('192.168.40.99')]);
    expect(steps).toEqual([]);
    expect(proofs['grafana']).toEqual([`the record ${name} → 192.168.40.99 is there`]);
  });
});

describe('a name that goes from one service to another', () => {
  const left = { system: provider.name, after: state('192.168.40.20') };
  const entries = parseHostLine(line('192.168.40.20'));
  const wiki = wanting('192.168.40.20', { of: 'wiki' });

  test('is noted for the one that wants it now', () => {
    expect(decideRecords([wiki], { provider, entries, elsewhere: [left] }).steps).toMatchObject([
      { service: 'wiki', changes: [], after: state('192.168.40.20') },
    ]);
  });

  test('may be changed by it, as it is ours', () => {
    const moved = wanting('192.168.40.21', { of: 'wiki' });
    expect(decideRecords([moved], { provider, entries, elsewhere: [left] })).toMatchObject({
      steps: [{ service: 'wiki', before: state('192.168.40.20'), after: { addresses: ['192.168.40.21'] } }],
      risks: [],
    });
  });

  test('stays with the other while that one wants it', () => {
    const found = { provider, entries, elsewhere: [left], claimed: new Set([name]) };
    expect(decideRecords([wanting('192.168.40.21', { of: 'wiki' })], found)).toMatchObject({
      steps: [],
      risks: [{ code: 'conflict' }],
    });
  });
});

test('a name below somebody’s wildcard is a conflict, as its record would never be heard', () => {
  const entries = [marked('10.0.0.1', 'nobody', '*.home.lan')].map((entry) => ({ ...entry, service: null }));
  const { steps, risks } = decideRecords([wanting('192.168.40.20')], { provider, entries });
  expect(steps).toEqual([]);
  expect(risks).toMatchObject([{ code: 'conflict' }]);
});

describe('a record that is no longer wanted', () => {
  const owned = owning(state('192.168.40.20'));

  test.each([
    ['the service goes', gone(owned)],
    ['the service wants none any more', wanting(null, { owned })],
  ])('is taken away when %s', (_, scoped) => {
    expect(decide([scoped], [line('192.168.40.20')])).toMatchObject({
      steps: [{ target: name, before: state('192.168.40.20'), after: null }],
      risks: [],
    });
  });

  test('stays when another service of the fleet wants the name by now', () => {
    const entries = parseHostLine(line('192.168.40.20'));
    const found = { provider, entries, claimed: new Set([name]) };
    expect(decideRecords([gone(owned)], found)).toMatchObject({ steps: [], risks: [] });
  });

  test('is taken away when the service has another name now, beside the new one', () => {
    const { steps } = decide(
      [wanting('192.168.40.20', { owned, record: 'graphs.home.lan' })],
      [line('192.168.40.20')],
    );
    expect(steps).toMatchObject([
      { target: 'graphs.home.lan', before: null },
      { target: name, after: null },
    ]);
  });

  test.each([
    ['somebody changed it', [line('192.168.40.99')]],
    ['somebody added to it', [line('192.168.40.20'), line('192.168.40.99')]],
  ])('stays when %s, and the plan says so', (_, lines) => {
    expect(decide([gone(owned)], lines)).toMatchObject({ steps: [], risks: [{ code: 'conflict' }] });
  });

  test('needs nothing when it is gone, or was never ours', () => {
    expect(decide([gone(owned)], [])).toEqual({ steps: [], risks: [], proofs: {} });
    expect(decide([gone([])], [line('192.168.40.20')])).toEqual({ steps: [], risks: [], proofs: {} });
  });
});

describe('on a server that keeps marks', () => {
  test('what carries the mark of a service of the plan is ours, without any record of our own', () => {
    const found = { provider, entries: [marked('192.168.40.20', 'grafana')] };
    expect(decideRecords([wanting('192.168.40.21')], found)).toMatchObject({
      steps: [{ before: { addresses: ['192.168.40.20'] }, after: { addresses: ['192.168.40.21'] } }],
    });
    expect(decideRecords([gone([])], found)).toMatchObject({ steps: [{ after: null }] });
  });

  test('what carries the mark of somebody else is a conflict', () => {
    const found = { provider, entries: [marked('192.168.40.20', 'wiki')] };
    expect(decideRecords([wanting('192.168.40.21')], found)).toMatchObject({
      steps: [],
      risks: [{ code: 'conflict' }],
    });
    expect(decideRecords([gone([])], found)).toMatchObject({ steps: [], risks: [] });
  });
});

describe('keeping what is there', () => {
  const step = (before: RecordState | null, after: RecordState | null): StepOf<'dns'> =>
    makeStep('grafana', provider.name, { before, after, known: true });
  const adopted = (before: RecordState | null, after: RecordState | null) =>
    dns.adopt?.(step(before, after), service('grafana'));

  test('another address goes into the definition', () => {
    expect(adopted(state('192.168.40.99'), state('192.168.40.20'))).toEqual([
      { path: ['dns', 'ip'], value: '192.168.40.99' },
    ]);
  });

  test('a record that is gone is switched off', () => {
    expect(adopted(null, state('192.168.40.20'))).toEqual([{ path: ['dns', 'enabled'], value: false }]);
  });

  test('several addresses, and names Git does not know, cannot be written down', () => {
    expect(adopted(state('192.168.40.98', '192.168.40.99'), state('192.168.40.20'))).toBeNull();
    expect(adopted(state('192.168.40.20'), null)).toBeNull();
  });
});
