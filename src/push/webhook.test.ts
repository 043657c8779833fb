import { describe, expect, it } from 'vitest';
import { parseWebhook } from './webhook.ts';

const url = 'https://receiver.example/hook?of=me';

describe('parseWebhook', () => {
  it('reads what a caller sets, and leaves out what it does not know', () => {
    const config = {
      ...{ id: 'mine', taskId: 't', url, token: 'to ken' },
      authentication: { scheme: 'Bearer', credentials: 'abc.def~', more: 1 },
    };
    const { url: address, token } = config;
    const authentication = { scheme: 'Bearer', credentials: 'abc.def~' };
    expect(parseWebhook(config)).toEqual({ ok: true, value: { url: address, token, authentication } });
  });

  it('takes no text and null for nothing, as 0.3 and ProtoJSON send it', () => {
    const config = { url, token: '', authentication: { scheme: '', credentials: null } };
    expect(parseWebhook(config)).toEqual({ ok: true, value: { url, authentication: {} } });
    expect(parseWebhook({ url, token: null, authentication: null })).toEqual({ ok: true, value: { url } });
  });

  it('keeps all the schemes 0.3 lists', () => {
    const authentication = { scheme: 'Bearer', schemes: ['Bearer', 'Basic'], credentials: 'x' };
    expect(parseWebhook({ url, authentication })).toEqual({ ok: true, value: { url, authentication } });
  });

  it.each([
    ['url', undefined],
    ['url', []],
    ['url', {}],
    ['url', { url: '' }],
    ['url', { url: '/relative' }],
    ['url', { url: `https://receiver.example/${'a'.repeat(2_048)}` }],
    ['token', { url, token: 'a\r\nX-Admin: 1' }],
    ['token', { url, token: 'a\0' }],
    ['token', { url, token: ' a' }],
    ['token', { url, token: 'ü' }],
    ['token', { url, token: 7 }],
    ['token', { url, token: 'a'.repeat(4_097) }],
    ['authentication', { url, authentication: 'Bearer x' }],
    ['authentication.scheme', { url, authentication: { credentials: 'x' } }],
    ['authentication.scheme', { url, authentication: { scheme: 'Bearer x', credentials: 'x' } }],
    ['authentication.scheme', { url, authentication: { scheme: 'Bearer\n', credentials: 'x' } }],
    ['authentication.scheme', { url, authentication: { scheme: 'a'.repeat(129), credentials: 'x' } }],
    ['authentication.credentials', { url, authentication: { scheme: 'Bearer', credentials: 'a\nb' } }],
    ['authentication.schemes', { url, authentication: { scheme: 'Bearer', schemes: ['Bearer', 'b c'] } }],
  ])('refuses %s of %j', (rule, config) => {
    expect(parseWebhook(config)).toEqual({ ok: false, failure: { code: 'webhook_refused', rule } });
  });
});
