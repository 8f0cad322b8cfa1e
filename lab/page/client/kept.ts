/** Small choices of the reader, remembered in this browser. */
export type Kept = 'theme' | 'tour';

export function recall(name: Kept): string | null {
  return localStorage.getItem(`sentinel-lab-${name}`);
}

export function keep(name: Kept, value: string): void {
  localStorage.setItem(`sentinel-lab-${name}`, value);
}

/** Who this tab looks as, so that a reload stays the same person; by id or name. */
export function recallMe(): string | null {
  return sessionStorage.getItem('sentinel-lab-as');
}

export function keepMe(person: string | null): void {
  if (person === null) sessionStorage.removeItem('sentinel-lab-as');
  else sessionStorage.setItem('sentinel-lab-as', person);
}
