import { createSecureContext, type SecureContext } from 'node:tls';
import { generate } from 'selfsigned';

/** What is wrong with the certificate of a name. */
export type CertificateFault = 'expired' | 'other-name' | 'foreign';
export interface Certificates {
  /** PEM text of the authority clients have to trust. */
  readonly ca: string;
  /** `trusted` names get a certificate of the authority; all others Traefik's own default one. */
  contextFor(name: string, trusted: boolean, fault: CertificateFault | undefined): Promise<SecureContext>;
}

const day = 24 * 60 * 60 * 1000;
const elliptic = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const;

/** An authority made for this run, and certificates it signs as they are asked for. */
export async function createCertificates(): Promise<Certificates> {
  const authority = await generate([{ name: 'commonName', value: 'Lab authority' }], {
    ...elliptic,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const made = new Map<string, Promise<SecureContext>>();
  return {
    ca: authority.cert,
    contextFor(name, trusted, fault) {
      const key = `${name} ${String(trusted)} ${fault ?? ''}`;
      const known = made.get(key) ?? make(name, trusted && fault !== 'foreign', fault);
      made.set(key, known);
      return known;
    },
  };

  async function make(
    name: string,
    signed: boolean,
    fault: CertificateFault | undefined,
  ): Promise<SecureContext> {
    const common = signed ? name : 'TRAEFIK DEFAULT CERT';
    const covered = fault === 'other-name' ? `other.${name}` : signed ? name : 'default.traefik.lab';
    const from = fault === 'expired' ? Date.now() - 60 * day : Date.now() - day;
    const leaf = await generate([{ name: 'commonName', value: common }], {
      ...elliptic,
      notBeforeDate: new Date(from),
      notAfterDate: new Date(from + 30 * day),
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: covered }] }],
      ...(signed ? { ca: { key: authority.private, cert: authority.cert } } : {}),
    });
    return createSecureContext({ key: leaf.private, cert: leaf.cert });
  }
}
