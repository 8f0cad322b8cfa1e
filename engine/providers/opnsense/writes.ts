import { defaultOf, isSame, nameOf, type Fields, type HostRecord } from './host-record.ts';
import { ProblemError } from '../../problems.ts';

/** What has to be there and what must not. */
export interface Goal {
  readonly add: readonly HostRecord[];
  readonly remove: readonly HostRecord[];
}
/** One request. */
export type Write =
  | { readonly kind: 'delete'; readonly record: HostRecord }
  /** Under its own identifier; over what is there under it. */
  | { readonly kind: 'set'; readonly record: HostRecord; readonly over: HostRecord | null }
  /** Its own identifier belongs to something else: the server chooses one. */
  | { readonly kind: 'add'; readonly record: HostRecord };

/** What is left to write for a goal; nothing when it is reached. Pure. */
export function writesFor(goal: Goal, there: readonly HostRecord[]): readonly Write[] {
  refuseForeignChange(goal, there);
  const surplus = there.filter((row) => includes(goal.remove, row) && !includes(goal.add, row));
  const written = goal.add
    .filter((wanted) => !includes(there, wanted))
    .map((record): Write => {
      const over = there.find(({ uuid }) => uuid === record.uuid) ?? null;
      const free = over === null || surplus.includes(over) || isSwitchedOff(over, record);
      return free ? { kind: 'set', record, over } : { kind: 'add', record };
    });
  const replaced = written.flatMap((write) => (write.kind === 'set' && write.over ? [write.over] : []));
  const gone = surplus.filter((row) => !replaced.includes(row));
  // What is new first: when it is refused, nothing has been taken away yet.
  return [...written, ...gone.map((record): Write => ({ kind: 'delete', record }))];
}

/** What leads back to where things were before these writes. Pure. */
export function undoOf(writes: readonly Write[]): Goal {
  return {
    remove: writes.flatMap((write) => (write.kind === 'delete' ? [] : [write.record])),
    add: writes.flatMap((write) => {
      if (write.kind === 'delete') return [write.record];
      return write.kind === 'set' && write.over ? [write.over] : [];
    }),
  };
}

/** Every field of what is there gets a value, so that nothing of it shines through. */
export function fieldsOf(write: Exclude<Write, { kind: 'delete' }>): Fields {
  const there = write.kind === 'set' && write.over ? Object.keys(write.over.fields) : [];
  return {
    ...Object.fromEntries(there.map((field) => [field, defaultOf(field)] as const)),
    ...write.record.fields,
  };
}

function includes(records: readonly HostRecord[], wanted: HostRecord): boolean {
  return records.some((record) => isSame(record, wanted));
}

/** The same record, only that a person switched it off. */
function isSwitchedOff(there: HostRecord, wanted: HostRecord): boolean {
  return isSame({ ...there, fields: { ...there.fields, enabled: '1' } }, wanted);
}

/** Taking away what somebody changed since would take away what nobody agreed to. */
function refuseForeignChange({ add, remove }: Goal, there: readonly HostRecord[]): void {
  const changed = remove
    .filter((record) => !includes(there, record))
    .flatMap(({ uuid }) => there.filter((row) => row.uuid === uuid && !includes(add, row)))
    .find((row) => !includes(remove, row));
  if (changed === undefined) return;
  throw new ProblemError({
    code: 'conflict',
    message: `The host override ${nameOf(changed)} was changed by somebody else in the meantime; it was left alone.`,
    hint: 'Plan again to see what it is now.',
  });
}
