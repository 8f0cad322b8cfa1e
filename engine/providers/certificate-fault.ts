import { checkServerIdentity, type PeerCertificate } from 'node:tls';

export interface ShownCertificate {
  readonly certificate: PeerCertificate;
  /** What the visitor asked for. */
  readonly name: string;
  readonly now: Date;
  /** What the library has against it, null when it trusts it. */
  readonly refusal: string | null;
}

/** Everything that is wrong with a certificate, in words; null when it holds. */
export function certificateFault(shown: ShownCertificate): string | null {
  const trust = shown.refusal === null ? null : (untrusted[shown.refusal] ?? null);
  const faults = [dateFault(shown), nameFault(shown), trust].filter((fault) => fault !== null);
  if (faults.length > 0) return faults.join(', and ');
  // What we have no words for is better said in the library's than not at all.
  return shown.refusal === null ? null : `it is not trusted (${shown.refusal})`;
}

function dateFault({ certificate, now }: ShownCertificate): string | null {
  const from = new Date(certificate.valid_from);
  const until = new Date(certificate.valid_to);
  if (now > until) return `it expired on ${day(until)}`;
  return now < from ? `it is not valid before ${day(from)}` : null;
}

function nameFault({ certificate, name }: ShownCertificate): string | null {
  if (checkServerIdentity(name, certificate) === undefined) return null;
  const names = namesOf(certificate);
  const shown = names.length > 3 ? [...names.slice(0, 3), '…'] : names;
  return `it is for ${shown.length === 0 ? 'no name at all' : shown.join(', ')}, not for ${name}`;
}

function namesOf({ subject, subjectaltname }: PeerCertificate): readonly string[] {
  if (subjectaltname !== undefined)
    return subjectaltname.split(', ').map((entry) => entry.replace(/^(DNS|IP Address):/, ''));
  return [subject.CN].flat().filter((name) => typeof name === 'string');
}

const untrusted: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is signed by itself only',
  SELF_SIGNED_CERT_IN_CHAIN: 'nobody we trust signed it',
  UNABLE_TO_GET_ISSUER_CERT: 'nobody we trust signed it',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'nobody we trust signed it',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'nobody we trust signed it, or the certificates between are not sent',
  CERT_REVOKED: 'it was revoked',
};

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
