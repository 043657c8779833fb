import { describe, expect, it } from 'vitest';
import { parseArn, serviceOrigin } from './arn.ts';

describe('an ARN', () => {
  it.each([
    ['arn:aws:lambda:eu-west-1:123456789012:function:f', 'https://lambda.eu-west-1.amazonaws.com'],
    ['arn:aws-cn:lambda:cn-north-1:123456789012:function:f', 'https://lambda.cn-north-1.amazonaws.com.cn'],
    [
      'arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:f',
      'https://lambda.us-gov-west-1.amazonaws.com',
    ],
  ])('says where a service is: %s', (text, origin) => {
    const arn = parseArn(text);
    expect(arn && serviceOrigin('lambda', arn)).toBe(origin);
  });

  it.each([
    '',
    'arn:aws:lambda:eu-west-1:123456789012',
    'arn:aws-iso:lambda:us-iso-east-1:123456789012:function:f',
    'arn:constructor:lambda:eu-west-1:123456789012:function:f',
    'arn:aws:lambda::123456789012:function:f',
    'arn:aws:lambda:eu-west-1:12345678901:function:f',
    // Would be another host, or another path.
    'arn:aws:lambda:evil.example#:123456789012:function:f',
    'arn:aws:lambda:eu-west-1.evil.example/:123456789012:function:f',
    'arn:aws:lambda:169-254-169-254:123456789012:function:f',
    'arn:aws:lambda:eu-west-1:123456789012:function:f/../g?x',
    'arn:aws:lambda:eu-west-1:123456789012:function:f\n',
    ' arn:aws:lambda:eu-west-1:123456789012:function:f',
  ])('is refused: %j', (text) => {
    expect(parseArn(text)).toBeUndefined();
  });
});
