import { describe, expect, it } from 'vitest';
import { lookUpKnownKeys, normaliseKey } from '../../../../engine/providers/ssh/known-hosts.ts';

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIcsejx1p3P/9LjkkQCW05sHRb3qQgZXLmMcVQRvCKcx';
const other = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBmEVgj6DzwFVtp/gSGVAF+vlFBhIFrtQu7ghFTqjh2F';
const trusted = (text: string, address = 'media.lan', port = 22) =>
  lookUpKnownKeys(text, address, port).trusted;

/** Made by `ssh-keygen -H` of OpenSSH 9.2. */
const hashedNames = [
  ['|1|/uXecX3RRaOSAFBip728pl07Riw=|5J+t8OMRHNhcd/bitdjmDSZsrIU=', 'media.lan', 22],
  ['|1|YuJjITThC6OT6Nh4D2sQL4x85Jg=|cDlzgmK+zeaItJizTcTPpTA6lYE=', 'media.lan', 2222],
] as const;

describe('a known_hosts file', () => {
  it('knows plain names and addresses, also in a list and whatever their case', () => {
    expect(trusted(`media.lan,10.0.0.5 ${key} comment`)).toEqual([key]);
    expect(trusted(`media.lan,10.0.0.5 ${key}`, '10.0.0.5')).toEqual([key]);
    expect(trusted(`Media.LAN ${key}`, 'MEDIA.lan')).toEqual([key]);
    expect(trusted(`media.lan ${key}`, 'edge.lan')).toEqual([]);
  });

  it('knows other ports only in brackets', () => {
    expect(trusted(`[media.lan]:2222 ${key}`, 'media.lan', 2222)).toEqual([key]);
    expect(trusted(`media.lan ${key}`, 'media.lan', 2222)).toEqual([]);
    expect(trusted(`[media.lan]:2222 ${key}`, 'media.lan', 22)).toEqual([]);
  });

  it('knows wildcards and negations, and a dot is only a dot', () => {
    expect(trusted(`*.lan ${key}`)).toEqual([key]);
    expect(trusted(`medi?.lan ${key}`)).toEqual([key]);
    expect(trusted(`*.lan,!media.lan ${key}`)).toEqual([]);
    expect(trusted(`media.lan ${key}`, 'mediaxlan')).toEqual([]);
  });

  it('knows names that ssh-keygen -H has hashed', () => {
    for (const [name, address, port] of hashedNames) {
      expect(trusted(`${name} ${key}`, address, port)).toEqual([key]);
      expect(trusted(`${name} ${key}`, 'edge.lan', port)).toEqual([]);
    }
  });

  it('tells revoked keys and leaves certificate authorities out', () => {
    const text = `media.lan ${key}\n@revoked * ${other}\n@cert-authority *.lan ${other}\n`;
    expect(lookUpKnownKeys(text, 'media.lan', 22)).toEqual({ trusted: [key], revoked: [other] });
  });

  it('may hold comments, blank lines and rubbish', () => {
    expect(
      trusted(
        `# media.lan\n\n   \nmedia.lan\nmedia.lan ssh-ed25519\nmedia.lan ssh-ed25519 !!!\n\r\nmedia.lan ${key}\r\n`,
      ),
    ).toEqual([key]);
  });
});

describe('normaliseKey', () => {
  it('keeps type and key', () => {
    expect(normaliseKey(`  ${key}   root@media `)).toBe(key);
    expect(normaliseKey('ssh-ed25519')).toBeNull();
  });
});
