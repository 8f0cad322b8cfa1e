import type { WorldHost } from '../world.ts';

/** Writes a file on a host without SSH, as its owner would. */
export async function writeOn(host: WorldHost, path: string, content: string): Promise<void> {
  const folder = path.slice(0, path.lastIndexOf('/'));
  const base64 = Buffer.from(content).toString('base64');
  const { exitCode, stderr } = await host.exec(
    `mkdir -p '${folder}' && printf %s '${base64}' | base64 -d > '${path}'`,
  );
  if (exitCode !== 0) throw new Error(`${host.name}: ${path} could not be written: ${stderr}`);
}
