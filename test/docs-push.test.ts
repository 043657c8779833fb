import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { isGenuine } from '../examples/verify-webhook.ts';
import { notificationHeaders } from '../src/push/notification.ts';

const root = join(import.meta.dirname, '..');

it('docs/push.md shows the example as it is compiled', () => {
  const example = readFileSync(join(root, 'examples/verify-webhook.ts'), 'utf8');
  expect(readFileSync(join(root, 'docs/push.md'), 'utf8')).toContain(`\`\`\`ts\n${example}\`\`\``);
});

it('the example takes what the gateway signs, and nothing else', async () => {
  const body = '{"task":{"id":"ü"}}';
  const signed = async (atMs = Date.now()) =>
    new Headers(
      await notificationHeaders(
        { url: 'https://receiver.example/', token: 'secret' },
        { deliveryId: 'd', contentType: 'application/a2a+json', body },
        atMs,
      ),
    );
  const headers = await signed();
  expect(isGenuine(headers, body, 'secret')).toBe(true);
  expect(isGenuine(headers, `${body} `, 'secret')).toBe(false);
  expect(isGenuine(headers, body, 'Secret')).toBe(false);
  expect(isGenuine(await signed(Date.now() - 600_000), body, 'secret')).toBe(false);
  for (const name of ['webhook-id', 'webhook-timestamp', 'webhook-signature']) {
    const without = new Headers(headers);
    without.delete(name);
    expect(isGenuine(without, body, 'secret')).toBe(false);
  }
});
