import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { PlanFile } from '../schema/index.ts';

export function sha256(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex');
}

/** sha256 over the canonical JSON (RFC 8785) of all a person agrees to. `diff`, `downtime` and proofs only illustrate it. */
export function planDigest({
  repository,
  environment,
  revision,
  services,
  steps,
  risks,
}: Pick<PlanFile, 'repository' | 'environment' | 'revision' | 'services' | 'steps' | 'risks'>): string {
  // A proof tells how long containers have been up, which is another text every minute.
  const agreed = services.map((service) => ({ ...service, proof: [] }));
  return sha256(canonicalize({ repository, environment, revision, services: agreed, steps, risks }) ?? '');
}
