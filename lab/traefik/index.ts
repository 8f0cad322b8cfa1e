/** Traefik on loopback, loading a directory the way the real one does. */
export type { CertificateFault } from './certificates.ts';
export { filesOnDisk, filesOnHost } from './files.ts';
export { startTraefik, type Traefik, type TraefikOptions } from './start-traefik.ts';
