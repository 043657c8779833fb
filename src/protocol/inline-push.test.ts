import { describe, expect, it } from 'vitest';
import { withInlinePush } from './inline-push.ts';

const config = '{"url":"https://gw.test/push/p"}';

describe('withInlinePush', () => {
  it.each([
    [
      { version: '1.0', binding: 'JSONRPC', within: 'params.' },
      '{ "params" : {"configuration":{"historyLength":1.0,"taskPushNotificationConfig" : {"url":"{\\"}"} , "x":1e2}},"id":9007199254740993}',
      `{ "params" : {"configuration":{"historyLength":1.0,"taskPushNotificationConfig" : ${config} , "x":1e2}},"id":9007199254740993}`,
    ],
    [
      { version: '1.0', binding: 'HTTP+JSON', within: '' },
      '{"configuration":{"taskPushNotificationConfig":{"url":"u"}},"pushNotificationConfig":1}',
      `{"configuration":{"taskPushNotificationConfig":${config}},"pushNotificationConfig":1}`,
    ],
    [
      { version: '0.3', binding: 'JSONRPC', within: 'params.' },
      '{"params":{"configuration":{"pushNotificationConfig":{"url":"u"}}}}',
      `{"params":{"configuration":{"pushNotificationConfig":${config}}}}`,
    ],
    [
      { version: '0.3', binding: 'HTTP+JSON', within: '' },
      '{"configuration":{"push_notification":{"url":"u"}}}',
      `{"configuration":{"push_notification":${config}}}`,
    ],
  ] as const)('puts it where %j has its own, and touches nothing else', (place, text, expected) => {
    expect(withInlinePush(text, config, place)).toBe(expected);
  });

  it('leaves a text alone that has none', () => {
    const text = '{"params":{"configuration":{"historyLength":1}}}';
    expect(withInlinePush(text, config, { version: '1.0', binding: 'JSONRPC', within: 'params.' })).toBe(
      text,
    );
  });
});
