import { createHash } from 'node:crypto';
import type { Picture } from '../render/message.ts';
import type { Svg } from './svg.ts';

/** A picture whose file is named after what it shows: the same picture is recognised where it was sent before. */
export function named(
  kind: string,
  { svg, description }: { readonly svg: Svg; readonly description: string },
): Picture {
  const digest = createHash('sha256').update(svg).digest('hex').slice(0, 10);
  return { name: `${kind}-${digest}.png`, description, svg };
}
