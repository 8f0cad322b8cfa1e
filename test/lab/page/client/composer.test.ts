import { describe, expect, it } from 'vitest';
import { checkComposer } from '../../../../lab/page/client/composer/check.ts';
import {
  leavesOf,
  parseCommandLine,
  writeCommandLine,
} from '../../../../lab/page/client/composer/command-line.ts';
import {
  decide,
  emptyComposer,
  type Composer,
  type Move,
} from '../../../../lab/page/client/composer/composer.ts';
import { offersOf, suggestQueryOf } from '../../../../lab/page/client/composer/offers.ts';

const TEXT = 3;
const leaves = leavesOf([
  {
    id: '1',
    name: 'plan',
    description: 'Shows what would change',
    options: [
      { type: TEXT, name: 'revision', description: 'A commit or tag' },
      { type: TEXT, name: 'service', description: 'Which service', required: true, autocomplete: true },
      {
        type: TEXT,
        name: 'route',
        description: 'Who does it',
        choices: [
          { name: 'Engine', value: 'engine' },
          { name: 'Pipeline', value: 'pipeline' },
        ],
      },
      { type: 4, name: 'depth', description: 'How deep', min_value: 1, max_value: 3 },
      { type: 5, name: 'force', description: 'Without asking' },
    ],
  },
  { id: '2', name: 'status', description: 'What runs', options: [] },
  {
    id: '3',
    name: 'audit',
    description: 'The record',
    options: [{ type: 1, name: 'verify', description: 'Checks the record', options: [] }],
  },
]);

const after = (...moves: readonly Move[]): Composer =>
  moves.reduce((composer, move) => decide(composer, move, leaves), emptyComposer);
const type = (text: string): Move => ({ do: 'type', text });
const offered = (composer: Composer) =>
  offersOf(composer, { leaves, answered: null }).map(({ title }) => title);

describe('a typed command line', () => {
  it('is taken apart at the names the command knows', () => {
    expect(parseCommandLine('/plan service:grafana revision:at 10:30 or so', leaves)).toMatchObject({
      leaf: { name: 'plan' },
      chips: [
        { option: 'service', value: 'grafana' },
        { option: 'revision', value: 'at 10:30 or so' },
      ],
      rest: '',
    });
  });

  it('knows sub-commands, and no command that is not there or not finished', () => {
    expect(parseCommandLine('/audit verify ', leaves)?.leaf.name).toBe('audit verify');
    expect(parseCommandLine('/plan', leaves)).toBeNull();
    expect(parseCommandLine('/format disk:all', leaves)).toBeNull();
  });

  it('is written as it can be typed again', () => {
    const line = parseCommandLine('/plan service:grafana route:engine', leaves)!;
    expect(writeCommandLine(line.leaf, line.chips)).toBe('/plan service:grafana route:engine ');
  });
});

describe('the message box', () => {
  it('offers commands behind a slash, those that begin so first', () => {
    expect(offered(after(type('/')))).toEqual(['/plan', '/status', '/audit verify']);
    expect(offered(after(type('/sta')))).toEqual(['/status']);
    expect(offered(after(type('hello')))).toEqual([]);
  });

  it('asks for the required option first, then offers the others', () => {
    const plan = after({ do: 'command', name: 'plan' });
    expect(plan.editing).toBe('service');
    const filled = decide(plan, { do: 'value', value: 'grafana', shown: 'Grafana (atlas)' }, leaves);
    expect(filled).toMatchObject({ editing: null, chips: [{ value: 'grafana', shown: 'Grafana (atlas)' }] });
    expect(offered(filled)).toEqual(['revision', 'route', 'depth', 'force']);
  });

  it('offers the choices of an option that has some', () => {
    const route = after({ do: 'command', name: 'plan' }, { do: 'option', name: 'route' });
    expect(offered(route)).toEqual(['Engine', 'Pipeline']);
    expect(offered(decide(route, type('pipe'), leaves))).toEqual(['Pipeline']);
    const force = after({ do: 'command', name: 'plan' }, { do: 'option', name: 'force' });
    expect(offered(force)).toEqual(['true', 'false']);
  });

  it('takes a whole command that is typed or pasted', () => {
    const pasted = after(type('/plan service:grafana revision:v2'));
    expect(pasted).toMatchObject({
      command: { name: 'plan' },
      chips: [{ option: 'service', value: 'grafana' }],
      editing: 'revision',
      text: 'v2',
    });
    expect(checkComposer(pasted)).toMatchObject({
      kind: 'command',
      name: 'plan',
      options: { service: 'grafana', revision: 'v2' },
    });
  });

  it('goes to another option when its name is typed behind a value', () => {
    const typed = after({ do: 'command', name: 'plan' }, type('grafana route:pipe'));
    expect(typed).toMatchObject({
      chips: [{ option: 'service', value: 'grafana' }],
      editing: 'route',
      text: 'pipe',
    });
  });

  it('asks the bot only where it can suggest something', () => {
    const place = { as: 'a', channel: 'c' };
    const service = after({ do: 'command', name: 'plan' }, type('gra'));
    expect(suggestQueryOf(service, place)).toEqual({
      ...place,
      command: 'plan',
      options: { service: 'gra' },
      focused: 'service',
    });
    expect(suggestQueryOf(after(type('/plan service:x route:')), place)).toBeNull();
  });

  it('does not show suggestions that were meant for another option', () => {
    const service = after({ do: 'command', name: 'plan' });
    const suggestions = [{ name: 'v1', value: 'v1' }];
    const answered = (option: string) => offersOf(service, { leaves, answered: { option, suggestions } });
    expect(answered('revision')).toEqual([]);
    expect(answered('service')).toHaveLength(1);
  });

  it('steps back with Escape: out of the option, then out of the command', () => {
    const option = after(type('/plan service:grafana route:'));
    const command = decide(option, { do: 'escape' }, leaves);
    expect(command).toMatchObject({ editing: null, chips: [{ option: 'service' }] });
    expect(decide(command, { do: 'escape' }, leaves)).toEqual(emptyComposer);
  });

  it('forgets everything at once for what is written for somebody', () => {
    const option = after(type('/plan service:grafana route:'));
    expect(decide(option, { do: 'clear' }, leaves)).toEqual(emptyComposer);
    const written = after(type('/plan service:grafana'), { do: 'settle' });
    expect(written).toMatchObject({ editing: null, chips: [{ option: 'service', value: 'grafana' }] });
  });

  it('takes back chip by chip with Backspace, then the command', () => {
    const back: Move = { do: 'backspace' };
    const start = after({ do: 'command', name: 'plan' }, { do: 'value', value: 'x', shown: 'x' });
    const bare = decide(start, back, leaves);
    expect(bare).toMatchObject({ command: { name: 'plan' }, chips: [], editing: null });
    expect(decide(bare, back, leaves)).toMatchObject({ command: null, text: '/plan' });
    const midway = after({ do: 'command', name: 'plan' }, type('graf'));
    expect(decide(midway, back, leaves)).toMatchObject({ text: 'graf' });
  });

  it('takes up a chip again to change it, and keeps what was being typed', () => {
    const again = after(type('/plan service:grafana revision:v2'), { do: 'edit', option: 'service' });
    expect(again).toMatchObject({
      editing: 'service',
      text: 'grafana',
      chips: [{ option: 'revision', value: 'v2' }],
    });
  });

  it('recalls the last command', () => {
    const sent = after({ do: 'sent', line: '/plan service:grafana ' });
    expect(sent).toMatchObject({ command: null, text: '' });
    expect(decide(sent, { do: 'recall' }, leaves)).toMatchObject({
      command: { name: 'plan' },
      editing: 'service',
      text: 'grafana',
    });
  });
});

describe('before it is sent', () => {
  it('a missing option is named, and the reader is led to it', () => {
    const checked = checkComposer(after(type('/plan revision:v2')));
    expect(checked).toEqual({
      kind: 'wrong',
      problem: '/plan still needs “service”: Which service.',
      option: 'service',
    });
    const led = after(type('/plan revision:v2'), { do: 'fail', problem: 'x', option: 'service' });
    expect(led).toMatchObject({
      editing: 'service',
      problem: 'x',
      chips: [{ option: 'revision', value: 'v2' }],
    });
  });

  it('values have the kind the command wants', () => {
    const check = (rest: string) => checkComposer(after(type(`/plan service:x ${rest}`)));
    expect(check('depth:2 force:true')).toMatchObject({ options: { depth: 2, force: true } });
    expect(check('route:Pipeline')).toMatchObject({ options: { route: 'pipeline' } });
    expect(check('depth:9')).toMatchObject({ problem: '“depth” must be at most 3.' });
    expect(check('depth:1.5')).toMatchObject({ problem: '“depth” must be a whole number.' });
    expect(check('force:perhaps')).toMatchObject({ problem: '“force” must be true or false.' });
    expect(check('route:bicycle')).toMatchObject({ problem: '“route” must be one of Engine, Pipeline.' });
  });

  it('text that belongs to no option is not lost silently', () => {
    expect(checkComposer(after(type('/status now')))).toMatchObject({
      problem: '/status takes no options; remove “now”.',
    });
  });

  it('a message is a message, and an unknown command is none', () => {
    expect(checkComposer(after(type(' good evening ')))).toEqual({ kind: 'message', text: 'good evening' });
    expect(checkComposer(after(type('/format')))).toMatchObject({
      problem: 'There is no command /format for you.',
    });
    expect(checkComposer(emptyComposer)).toEqual({ kind: 'nothing' });
  });
});
