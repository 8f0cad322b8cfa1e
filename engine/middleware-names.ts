/** Whether two names mean one middleware: inside file configuration `auth` and `auth@file` are the same. */
export function sameMiddleware(one: string, other: string): boolean {
  return bare(one) === bare(other);
}

const bare = (name: string): string => name.replace(/@file$/, '');
