import { describe, expect, it } from 'vitest';
import { type Client, clientProblem, proofOf } from './client-authentication.ts';

const sign = () => Promise.resolve('signed');
const client = { version: 'v', tokenUrl: 'https://idp.example/token', clientId: 'me' };
const connection = {
  caCertificates: 'ca',
  clientCertificate: { certificate: 'certificate', privateKey: 'key' },
};

describe('the members of a client', () => {
  const [clientSecret, privateKey, algorithm] = ['s', 'k', 'RS256'];
  it.each<[Partial<Client>, string | undefined]>([
    [{ clientSecret }, undefined],
    [{}, 'clientSecret'],
    [{ clientSecret, privateKey }, 'privateKey'],
    [{ clientAuthentication: 'client_secret_post' }, 'clientSecret'],
    [{ clientAuthentication: 'client_secret_post', clientSecret }, undefined],
    [{ clientAuthentication: 'private_key_jwt', clientSecret }, 'clientSecret'],
    [{ clientAuthentication: 'private_key_jwt' }, 'privateKey'],
    [{ clientAuthentication: 'private_key_jwt', privateKey }, 'algorithm'],
    [{ clientAuthentication: 'private_key_jwt', privateKey, algorithm }, undefined],
    [{ clientAuthentication: 'tls_client_auth' }, 'useMutualTls'],
    [{ clientAuthentication: 'tls_client_auth', useMutualTls: true }, undefined],
    [{ clientAuthentication: 'tls_client_auth', useMutualTls: true, clientSecret }, 'clientSecret'],
  ])('%j: what is wrong is %s', (given, member) => {
    expect(clientProblem(given)?.member).toBe(member);
  });

  it('need a key where the kind signs, whatever the method', () => {
    const signs = { signs: true };
    expect(clientProblem({ clientAuthentication: 'none' }, signs)?.member).toBe('privateKey');
    const given = { privateKey, algorithm, clientSecret };
    expect(clientProblem(given, signs)).toBeUndefined();
    expect(clientProblem({ ...given, clientAuthentication: 'none' }, signs)?.member).toBe('clientSecret');
  });
});

describe('the connection of an agent', () => {
  it.each([undefined, false])('does not go to its token endpoint unless it is told to: %s', async (given) => {
    const proof = await proofOf({ ...client, clientSecret: 's', useMutualTls: given }, connection, sign);
    expect(proof.connection).toBeUndefined();
  });

  it('goes there where it is told to', async () => {
    const proof = await proofOf(
      { ...client, clientAuthentication: 'tls_client_auth', useMutualTls: true },
      connection,
      sign,
    );
    expect(proof).toEqual({ headers: {}, form: { client_id: 'me' }, connection });
  });

  it('proves nothing without a certificate', async () => {
    const failure = { code: 'credential_unavailable', problem: 'key' };
    const lacking = { ...client, clientAuthentication: 'tls_client_auth' as const };
    await expect(proofOf({ ...lacking, useMutualTls: true }, {}, sign)).rejects.toMatchObject({ failure });
    await expect(proofOf(lacking, connection, sign)).rejects.toMatchObject({ failure });
  });
});

describe('a client', () => {
  it('without the secret of its method has no credential', async () => {
    await expect(proofOf(client, undefined, sign)).rejects.toMatchObject({
      failure: { code: 'credential_unavailable', problem: 'secret' },
    });
  });
});
