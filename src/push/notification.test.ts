import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { notificationHeaders } from './notification.ts';

const url = 'https://receiver.example/';
const notification = {
  deliveryId: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  contentType: 'application/a2a+json',
  body: '{"test": 2432232314}',
};
const nowMs = 1_614_265_330_999;
const always = {
  'content-type': 'application/a2a+json',
  'webhook-id': notification.deliveryId,
  'webhook-timestamp': '1614265330',
};

it('a receiver gets what the caller configured', async () => {
  const authentication = { scheme: 'Basic', credentials: 'dTpw' };
  const headers = await notificationHeaders({ url, token: 't', authentication }, notification, nowMs);
  expect(headers).toEqual({
    ...always,
    authorization: 'Basic dTpw',
    'x-a2a-notification-token': 't',
    'webhook-signature': expect.stringMatching(/^v1,[A-Za-z0-9+/]{43}=$/),
  });
});

it('nothing is signed, and nothing proved, where the caller gave nothing', async () => {
  expect(await notificationHeaders({ url }, notification, nowMs)).toEqual(always);
  const authentication = { scheme: 'Bearer' };
  expect(await notificationHeaders({ url, authentication }, notification, nowMs)).toEqual(always);
});

it('the signature is that of Standard Webhooks, with the example of its libraries', async () => {
  const token = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const headers = await notificationHeaders({ url, token }, notification, nowMs);
  expect(headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});

it.each([
  ['a token', { token: 'se cret' }, 'se cret'],
  ['credentials', { authentication: { scheme: 'Bearer', credentials: 'abc' } }, 'abc'],
  [
    'a token, though there are credentials',
    { token: 'whsec_', authentication: { scheme: 'Bearer', credentials: 'abc' } },
    'whsec_',
  ],
  ['what only looks like a secret of Standard Webhooks', { token: 'whsec_%' }, 'whsec_%'],
])('%s signs as it is', async (_, webhook, key) => {
  const body = '{"ü":"\u{1f600}"}';
  const headers = await notificationHeaders({ url, ...webhook }, { ...notification, body }, nowMs);
  const text = `${notification.deliveryId}.1614265330.${body}`;
  const expected = createHmac('sha256', key).update(text).digest('base64');
  expect(headers['webhook-signature']).toBe(`v1,${expected}`);
});
