import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import sirv from 'sirv';
import type { GalleryView } from '../view.ts';

export interface Served {
  readonly origin: string;
  close(): Promise<void>;
}

/** The built client on loopback, with a gallery for it to draw. */
export async function serve(folder: string, gallery: GalleryView): Promise<Served> {
  const files = sirv(folder, { etag: true });
  const server = createServer((request, response) => {
    if (new URL(request.url ?? '/', 'http://localhost').pathname === '/gallery.json')
      response.setHeader('content-type', 'application/json').end(JSON.stringify(gallery));
    else files(request, response, () => void response.writeHead(404).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
