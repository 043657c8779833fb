import { UnauthenticatedUser, type User } from '@a2a-js/sdk/server';
import type { UserBuilder } from '@a2a-js/sdk/server/express';
import type { RequestHandler } from 'express';
import { createRemoteJWKSet, jwtVerify } from 'jose';

/** Which bearer tokens an agent takes. */
export interface TokenRequirement {
  issuer: string;
  audience: string;
  jwksUrl: string;
}

export interface TokenGate {
  /** Lets a request with a good token pass, answers 401 to all others. */
  check: RequestHandler;
  /** The token's subject as the SDK's user: tasks belong to whoever made them. */
  userBuilder: UserBuilder;
  /** What a card says of it, as ProtoJSON. */
  security: Record<string, unknown>;
}

/** Demands a bearer token as RFC 9068 describes it. Which scopes it carries is not looked at: the audience decides. */
export function createTokenGate({ issuer, audience, jwksUrl }: TokenRequirement): TokenGate {
  const keys = createRemoteJWKSet(new URL(jwksUrl));
  return {
    async check(request, response, next) {
      const token = /^Bearer ([^\s]+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
      try {
        const { payload } = await jwtVerify(token, keys, {
          issuer,
          audience,
          algorithms: ['RS256', 'ES256'],
          typ: 'at+jwt',
          requiredClaims: ['sub', 'exp'],
        });
        response.locals.subject = payload.sub;
      } catch {
        response
          .status(401)
          .set('WWW-Authenticate', 'Bearer')
          .json({ error: 'A valid bearer token is required.' });
        return;
      }
      next();
    },
    async userBuilder(request) {
      return userOf(request.res?.locals.subject);
    },
    security: {
      securitySchemes: {
        issuer: { openIdConnectSecurityScheme: { openIdConnectUrl: discoveryUrl(issuer) } },
      },
      securityRequirements: [{ schemes: { issuer: { list: [] } } }],
    },
  };
}

function userOf(subject: unknown): User {
  if (typeof subject !== 'string') return new UnauthenticatedUser();
  return { isAuthenticated: true, userName: subject };
}

function discoveryUrl(issuer: string): string {
  return `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
}
