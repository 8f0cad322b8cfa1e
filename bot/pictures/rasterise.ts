import { createRequire } from 'node:module';
import type { Svg } from './svg.ts';

const resolve = createRequire(import.meta.url).resolve;
const fonts = ['DejaVuSans', 'DejaVuSans-Bold'];

/** Drawn off the event loop. The library is loaded with the first picture, so that nothing else pays for it. */
export async function rasterise(svg: Svg): Promise<Uint8Array> {
  const { renderAsync } = await import('@resvg/resvg-js');
  const drawn = await renderAsync(svg, {
    font: {
      loadSystemFonts: false,
      fontFiles: fonts.map((font) => resolve(`dejavu-fonts-ttf/ttf/${font}.ttf`)),
      defaultFontFamily: 'DejaVu Sans',
    },
    logLevel: 'off',
  });
  return drawn.asPng();
}
