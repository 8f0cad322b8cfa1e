import { kinds } from '../gallery/index.ts';
import type { Shot } from './shot.ts';

const wide = 580;
const phone = 390;

/** Kinds that are also shown in the light and on a phone. */
const alsoLight: readonly string[] = ['plan-risks', 'outcome-rolled-back'];
const alsoOnPhone: readonly string[] = ['request-pending', 'running'];

const shot = (name: string, ending: string, rest: Pick<Shot, 'theme' | 'width'>): Shot => ({
  ...{ file: `messages/${name}${ending}.png`, path: '/gallery.html', selector: `#${name}`, ...rest },
});

/** Every kind of message in the dark, and some of them otherwise. */
export const messageShots: readonly Shot[] = kinds.flatMap(({ name }) => [
  shot(name, '', { theme: 'dark', width: wide }),
  ...(alsoLight.includes(name) ? [shot(name, '-light', { theme: 'light', width: wide })] : []),
  ...(alsoOnPhone.includes(name) ? [shot(name, '-phone', { theme: 'dark', width: phone })] : []),
]);
