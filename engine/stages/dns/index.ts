import type { DefinitionEdit, Stage } from '../../ports.ts';
import type { StepOf } from '../../types.ts';
import { ensureRecords } from './ensure.ts';
import { surveyRecords } from './survey.ts';

/** Keeps the address records of services on the DNS server. */
export const dns: Stage<'dns'> = {
  name: 'dns',
  // Who knows the address still gets there.
  onFailure: () => 'degrade',
  survey: surveyRecords,
  ensure: ensureRecords,
  adopt,
};

function adopt({ before, after }: StepOf<'dns'>): readonly DefinitionEdit[] | null {
  // A name Git does not know any more belongs to no section of the definition.
  if (after === null) return null;
  if (before === null) return [{ path: ['dns', 'enabled'], value: false }];
  const [address, ...more] = before.addresses;
  return address === undefined || more.length > 0 ? null : [{ path: ['dns', 'ip'], value: address }];
}
