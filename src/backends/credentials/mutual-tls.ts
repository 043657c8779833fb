import { certificates } from '../certificates.ts';
import { credentialKind, type MemberProblem } from '../credential.ts';
import { credentialUnavailable } from '../credential-unavailable.ts';
import { pemText } from '../limits.ts';
import { parsePem } from '../pem.ts';
import { notAfterMs } from '../x509-validity.ts';

const keyLabels: ReadonlySet<string> = new Set(['PRIVATE KEY', 'EC PRIVATE KEY', 'RSA PRIVATE KEY']);

/** As short as one can be that is read; a real one is ten times as long. */
const shortCertificate = 'MCkwJwIBATAAMAAwHhcNMjYwMTAxMDAwMDAwWhcNMjcwMTAxMDAwMDAwWg==';

/** A client certificate in TLS (RFC 8446 §4.4.2). */
export const mutualTls = credentialKind({
  type: 'mutual_tls',
  summary: 'A client certificate in the TLS handshake (RFC 8446 §4.4.2).',
  notes: `Connections that present a certificate are used for its agent alone. Plain HTTP has no handshake: a call to an
\`http:\` address fails with \`credential_unavailable\`. A server whose own certificate is of a private authority
needs \`caCertificates\` beside. That the key fits the certificate shows at the first call.`,
  example: {
    type: 'mutual_tls',
    certificate: `-----BEGIN CERTIFICATE-----\n${shortCertificate}\n-----END CERTIFICATE-----\n`,
    privateKey: '-----BEGIN PRIVATE KEY-----\nMIGHAgEA\n-----END PRIVATE KEY-----\n',
  },
  members: {
    certificate: certificates.describe(
      'The certificate in PEM, and after it those that lead to its authority.',
    ),
  },
  secrets: { privateKey: pemText.describe('Its private key in PEM, not encrypted.') },
  problemWith: ({ privateKey }) => keyProblem(privateKey),
  open: () => ({
    apply(request, { members, secrets }, refused) {
      if (refused !== undefined) return undefined;
      // Sent without the handshake the call would reach whoever answers, authenticated to by nothing.
      if (request.url.protocol !== 'https:')
        throw credentialUnavailable('key', new Error('a client certificate needs https'));
      const clientCertificate = { certificate: members.certificate, privateKey: secrets.privateKey };
      return { ...request, connection: { ...request.connection, clientCertificate } };
    },
    expiresAtMs({ members }) {
      const times = (parsePem(members.certificate) ?? []).flatMap(({ bytes }) => notAfterMs(bytes) ?? []);
      return times.length === 0 ? undefined : Math.min(...times);
    },
  }),
});

function keyProblem(text: string): MemberProblem | undefined {
  const [first, ...others] = parsePem(text) ?? [];
  if (first !== undefined && others.length === 0 && keyLabels.has(first.label)) return undefined;
  return { member: 'privateKey', problem: 'must be one private key in PEM, not encrypted, and nothing else' };
}
