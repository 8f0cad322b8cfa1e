import type { Actor } from '../../types.ts';
import { oneLine } from '../../notify/one-line.ts';
import type { ChangePlace } from './change-place.ts';

/** The person in GitLab where one is known for an actor; else the name, and an address nobody has. */
export function authorOf(
  { people }: Pick<ChangePlace, 'people'>,
  actor: Actor,
): { readonly authorName: string; readonly authorEmail: string } {
  const person = people(actor.id);
  if (person !== null) return { authorName: oneLine(person.name), authorEmail: oneLine(person.email) };
  return {
    authorName: oneLine(actor.name.replace(/[<>]+/g, ' ')) || actor.id,
    // `.invalid` is reserved: nobody's address by accident
    authorEmail: `${actor.id.replace(/[^\w.-]+/g, '.')}@sentinel.invalid`,
  };
}
