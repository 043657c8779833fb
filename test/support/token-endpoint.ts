import {
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  type JWK,
  type JWTPayload,
  jwtVerify,
} from 'jose';
import { startIssuer, type TestIssuer, testAudience } from './issuer.ts';
import {
  answerJson,
  type Script,
  type ScriptedAgent,
  type SeenRequest,
  startScriptedAgent,
} from './scripted-agent.ts';

/** What a client may prove itself with. */
export interface TestClient {
  /** During a rotation there are two. */
  secrets?: string[];
  /** For `private_key_jwt`. */
  keys?: JWK[];
}

/** A token endpoint on loopback that checks all it is sent and issues tokens a resource server can verify. */
export interface TestTokenEndpoint {
  tokenUrl: string;
  /** Whose keys verify what is issued. */
  signer: TestIssuer;
  /** By client id. */
  clients: Map<string, TestClient>;
  /** Keys of those whose assertions are grants, by their name. */
  grantors: Map<string, JWK[]>;
  /** Forms since the start. */
  forms: URLSearchParams[];
  /** Tokens issued since the start. */
  issued: string[];
  /** Until when a token is good, against now; what the answer says stays an hour. Default 3 600. */
  lifetimeSeconds: number;
  /** Makes everything issued so far worthless. */
  revoke(): void;
  isRevoked(token: string): boolean;
  /** Answers this and nothing else; without one, as it should. */
  script(script?: Script): void;
  /** Holds answers back until the function answered is called. Resolves once something waits. */
  hold(): { waiting: Promise<void>; release(): void };
  close(): Promise<void>;
}

/** Audiences and scopes tokens are issued for. */
export const backendAudience = 'https://backend.test';
const allowedScopes = ['invoke', 'more'];

/** @param callers whose tokens may be exchanged */
export async function startTokenEndpoint(callers: TestIssuer): Promise<TestTokenEndpoint> {
  const [server, signer] = await Promise.all([startScriptedAgent(), startIssuer()]);
  const tokenUrl = `${server.url}/token`;
  const revoked = new Set<string>();
  const issued: string[] = [];
  const forms: URLSearchParams[] = [];
  const checks = createChecks(tokenUrl, callers);
  let tokens = 0;

  async function issue(request: SeenRequest, form: URLSearchParams): Promise<Record<string, unknown>> {
    const { subject, ...more } = await checks.granted(form, request.headers.authorization, endpoint);
    const nowSeconds = Math.floor(Date.now() / 1_000);
    const token = await signer.token({
      aud: backendAudience,
      sub: subject,
      client_id: undefined,
      scope: form.get('scope') ?? undefined,
      jti: `issued-${++tokens}`,
      exp: nowSeconds + endpoint.lifetimeSeconds,
    });
    issued.push(token);
    return { access_token: token, token_type: 'Bearer', expires_in: 3_600, ...more };
  }

  const works: Script = async (request, response, incoming) => {
    const form = new URLSearchParams(request.body);
    forms.push(form);
    try {
      answerJson(await issue(request, form))(request, response, incoming);
    } catch (error) {
      const code = error instanceof Refused ? error.message : 'invalid_grant';
      // What an endpoint says besides may quote what it was sent.
      const body = { error: code, error_description: request.body };
      answerJson(body, code === 'invalid_client' ? 401 : 400)(request, response, incoming);
    }
  };

  const endpoint: TestTokenEndpoint = {
    ...{ tokenUrl, signer, clients: new Map(), grantors: new Map(), forms, issued, lifetimeSeconds: 3_600 },
    revoke: () => issued.forEach((token) => void revoked.add(token)),
    isRevoked: (token) => revoked.has(token),
    script: (script = works) => server.script(script),
    hold: () => held(server, works),
    close: async () => void (await Promise.all([server.close(), signer.close()])),
  };
  server.script(works);
  return endpoint;
}

class Refused extends Error {}

function held(server: ScriptedAgent, works: Script): { waiting: Promise<void>; release(): void } {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const waiting = new Promise<void>((resolve) => {
    server.script(async (...call) => {
      resolve();
      await released;
      works(...call);
    });
  });
  return {
    waiting,
    release() {
      release();
      server.script(works);
    },
  };
}

interface Granted {
  subject: string;
  issued_token_type?: string;
}

function createChecks(tokenUrl: string, callers: TestIssuer) {
  const seenIds = new Set<string>();

  /** RFC 7523 §3, and no id twice. */
  async function assertion(jwt: string, name: string, keys: readonly JWK[]): Promise<JWTPayload> {
    const { payload } = await jwtVerify(jwt, createLocalJWKSet({ keys: [...keys] }), {
      ...{ issuer: name, audience: tokenUrl, typ: 'JWT', maxTokenAge: 60 },
      requiredClaims: ['sub', 'jti', 'exp', 'iat'],
    });
    const { jti = '', exp = 0, iat = 0 } = payload;
    if (seenIds.has(jti) || exp - iat > 60) throw new Refused('invalid_grant');
    seenIds.add(jti);
    return payload;
  }

  /** The client's id; a form with two proofs is refused (RFC 6749 §2.3). */
  async function client(form: URLSearchParams, authorization: string | undefined, clients: Clients) {
    const given = [authorization, form.get('client_secret'), form.get('client_assertion')];
    if (given.filter((proof) => typeof proof === 'string').length !== 1) throw new Refused('invalid_client');
    if (form.has('client_assertion')) return assertedClient(form, clients);
    const [id = '', secret = ''] =
      authorization === undefined
        ? [form.get('client_id') ?? '', form.get('client_secret') ?? '']
        : basicPair(authorization);
    if (!clients.get(id)?.secrets?.includes(secret)) throw new Refused('invalid_client');
    return id;
  }

  async function assertedClient(form: URLSearchParams, clients: Clients): Promise<string> {
    const jwt = form.get('client_assertion') ?? '';
    const id = decodeJwt(jwt).sub ?? '';
    try {
      if (form.get('client_id') !== id) throw new Refused('invalid_client');
      await assertion(jwt, id, clients.get(id)?.keys ?? []);
      return id;
    } catch {
      throw new Refused('invalid_client');
    }
  }

  /** RFC 8693 §2.1. */
  async function exchanged(form: URLSearchParams): Promise<Granted> {
    const requested = form.get('requested_token_type') ?? `${tokenType}access_token`;
    if (form.get('subject_token_type') !== `${tokenType}access_token`) throw new Refused('invalid_request');
    if (form.has('actor_token')) throw new Refused('invalid_request');
    const target = form.get('audience') ?? form.get('resource') ?? backendAudience;
    if (target !== backendAudience) throw new Refused('invalid_target');
    const { payload } = await jwtVerify(
      form.get('subject_token') ?? '',
      createLocalJWKSet({ keys: [callers.publicJwk()] }),
      { issuer: callers.issuer, audience: testAudience },
    );
    return { subject: payload.sub ?? '', issued_token_type: requested };
  }

  async function grantedBy(
    form: URLSearchParams,
    { clients, grantors }: TestTokenEndpoint,
    clientOf: ClientOf,
  ) {
    switch (form.get('grant_type')) {
      case 'client_credentials':
        return { subject: await clientOf(clients) };
      case 'urn:ietf:params:oauth:grant-type:token-exchange':
        await clientOf(clients);
        return exchanged(form);
      case 'urn:ietf:params:oauth:grant-type:jwt-bearer': {
        if (form.has('client_id') || form.has('client_assertion')) await clientOf(clients);
        const jwt = form.get('assertion') ?? '';
        const name = decodeJwt(jwt).iss ?? '';
        const { sub = '' } = await assertion(jwt, name, grantors.get(name) ?? []);
        return { subject: sub };
      }
      default:
        throw new Refused('unsupported_grant_type');
    }
  }

  return {
    async granted(
      form: URLSearchParams,
      authorization: string | undefined,
      endpoint: TestTokenEndpoint,
    ): Promise<Granted> {
      const granted = await grantedBy(form, endpoint, (clients) => client(form, authorization, clients));
      const scopes = form.get('scope')?.split(' ') ?? [];
      if (!scopes.every((scope) => allowedScopes.includes(scope))) throw new Refused('invalid_scope');
      return granted;
    },
  };
}

type Clients = TestTokenEndpoint['clients'];
type ClientOf = (clients: Clients) => Promise<string>;

const tokenType = 'urn:ietf:params:oauth:token-type:';

/** RFC 6749 §2.3.1: each part is form-encoded. */
function basicPair(authorization: string): string[] {
  const [, encoded = ''] = /^Basic (.+)$/.exec(authorization) ?? [];
  return atob(encoded)
    .split(':')
    .map((part) => new URLSearchParams(`x=${part}`).get('x') ?? '');
}

/** The protected header of an assertion as it was sent. */
export function headerOf(jwt: string | null | undefined): Record<string, unknown> {
  return { ...decodeProtectedHeader(jwt ?? '') };
}
