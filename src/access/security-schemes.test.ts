import { expect, it } from 'vitest';
import type { IssuerConfig } from './issuer-config.ts';
import { cardSecurity } from './security-schemes.ts';

const issuer: IssuerConfig = {
  ...{ issuer: 'https://issuer.test', audiences: ['a'], clientIds: [], algorithms: ['RS256'] },
  ...{ scopeClaims: ['scope'], scopePrefix: 'api/', allowScopes: [], allowGroups: [], clockSkewSeconds: 0 },
};
const metadata = new Map([
  [issuer.issuer, { jwksUrl: 'https://issuer.test/keys', tokenUrl: 'https://issuer.test/token' }],
]);

it('publishes scopes as the issuer spells them, and no group or client', () => {
  const security = cardSecurity([issuer], metadata, ['group:admins', 'demo', 'client:app', 'group:p:x']);
  expect(security.securityRequirements).toEqual([{ schemes: { gateway: { list: ['api/demo'] } } }]);
  const { gateway } = security.securitySchemes;
  expect(gateway).toMatchObject({
    oauth2SecurityScheme: { flows: { clientCredentials: { scopes: { 'api/demo': 'Calls this agent' } } } },
  });
  expect(JSON.stringify(security)).not.toMatch(/group|client:/);
});

it('asks for any token where a group or client alone is granted', () => {
  const security = cardSecurity([issuer], metadata, ['group:admins', 'client:app']);
  expect(security.securityRequirements).toEqual([{ schemes: { gateway: {} } }]);
});

it('asks an issuer for none that it may not grant', () => {
  const own = { ...issuer, scopePrefix: '' };
  const partner = { ...issuer, issuer: 'https://partner.test', allowScopes: ['demo'] };
  const security = cardSecurity([own, partner], metadata, ['staff', 'demo']);
  expect(security.securityRequirements).toEqual([
    { schemes: { gateway: { list: ['staff'] } } },
    { schemes: { gateway: { list: ['demo'] } } },
    { schemes: { gateway2: { list: ['api/demo'] } } },
  ]);
  const { securitySchemes, securityRequirements } = cardSecurity([own, partner], metadata, ['staff']);
  expect(Object.keys(securitySchemes)).toEqual(['gateway']);
  expect(securityRequirements).toEqual([{ schemes: { gateway: { list: ['staff'] } } }]);
});
