import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { createAuthority } from './support/certificates.ts';
import { newFolder } from './support/process.ts';
import { listening } from './support/upstream-servers.ts';

/** Calls the given URL and prints the answer's status, or the failure's code. */
const calling = `
  import { createNodeUpstream } from './node-upstream.ts';
  const [, , url, caCertificates, ca] = process.argv;
  const rules = { allowAddresses: ['127.0.0.0/8'] };
  const up = createNodeUpstream({ rules, ca: [ca] });
  const limits = { headersTimeoutMs: 10_000, idleTimeoutMs: 10_000 };
  up.send({ method: 'GET', url: new URL(url), headers: {}, ...limits, connection: { caCertificates } }).then(
    (response) => { console.log(response.status); response.close(); },
    ({ failure }) => console.log(failure.code),
  );
`;

it("an agent's authority stands beside Node's own, here OpenSSL's", async () => {
  const folder = newFolder();
  const resolveDir = join(import.meta.dirname, '../src/upstream');
  const outfile = join(folder, 'calling.mjs');
  await build({
    stdin: { contents: calling, resolveDir, loader: 'ts' },
    ...{ outfile, bundle: true, platform: 'node', format: 'esm' },
  });
  const [started, own, other] = [
    await createAuthority('started'),
    await createAuthority('own'),
    await createAuthority('other'),
  ];
  const file = join(folder, 'started.pem');
  writeFileSync(file, started.certificate);

  async function answerOf(authority: typeof own): Promise<string> {
    const { certificate: cert, privateKey: key } = await authority.issue();
    const url = await listening(
      createServer({ cert, key }, (_, outgoing) => outgoing.end()),
      'https',
    );
    const env = { PATH: process.env.PATH, SSL_CERT_FILE: file };
    const args = ['--use-openssl-ca', outfile, url.href, own.certificate, own.certificate];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env });
    return stdout.trim();
  }

  const answers = await Promise.all([answerOf(started), answerOf(own), answerOf(other)]);
  expect(answers).toEqual(['200', '200', 'upstream_tls_failed']);
});
