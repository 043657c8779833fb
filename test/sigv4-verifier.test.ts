import { describe, expect, it } from 'vitest';
import { type Verifying, verifySigV4 } from './support/sigv4-verifier.ts';

/** The verifier of the tests, held against requests AWS has published with their signatures. */

const suite: Verifying = {
  keys: { AKIDEXAMPLE: { secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' } },
  region: 'us-east-1',
  service: 'service',
  nowMs: Date.UTC(2015, 7, 30, 12, 36),
};
const s3: Verifying = {
  keys: { AKIAIOSFODNN7EXAMPLE: { secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' } },
  region: 'us-east-1',
  service: 's3',
  nowMs: Date.UTC(2013, 4, 24),
};
const emptyHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

interface Vector {
  title: string;
  options: Verifying;
  method: string;
  target: string;
  headers: Record<string, string>;
  body?: string;
  signature: string;
}

const atSuite = { host: 'example.amazonaws.com', 'x-amz-date': '20150830T123600Z' };

const vectors: readonly Vector[] = [
  {
    title: 'get-vanilla of the test suite',
    options: suite,
    method: 'GET',
    target: '/',
    headers: atSuite,
    signature: '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  },
  {
    title: 'post-vanilla of the test suite',
    options: suite,
    method: 'POST',
    target: '/',
    headers: atSuite,
    signature: '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  },
  {
    title: 'get-vanilla-query-order-key-case of the test suite',
    options: suite,
    method: 'GET',
    target: '/?Param2=value2&Param1=value1',
    headers: atSuite,
    signature: 'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  },
  {
    title: 'ListUsers of the IAM User Guide',
    options: { ...suite, service: 'iam' },
    method: 'GET',
    target: '/?Action=ListUsers&Version=2010-05-08',
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      host: 'iam.amazonaws.com',
      'x-amz-date': '20150830T123600Z',
    },
    signature: '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
  },
  {
    title: 'GET Object of the S3 API Reference',
    options: s3,
    method: 'GET',
    target: '/test.txt',
    headers: {
      host: 'examplebucket.s3.amazonaws.com',
      range: 'bytes=0-9',
      'x-amz-content-sha256': emptyHash,
      'x-amz-date': '20130524T000000Z',
    },
    signature: 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  },
  {
    title: 'PUT Object of the S3 API Reference',
    options: s3,
    method: 'PUT',
    target: '/test%24file.text',
    headers: {
      date: 'Fri, 24 May 2013 00:00:00 GMT',
      host: 'examplebucket.s3.amazonaws.com',
      'x-amz-content-sha256': '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
      'x-amz-date': '20130524T000000Z',
      'x-amz-storage-class': 'REDUCED_REDUNDANCY',
    },
    body: 'Welcome to Amazon S3.',
    signature: '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  },
];

function verdictOf({ options, method, target, headers, body = '', signature }: Vector): string {
  const [accessKeyId] = Object.keys(options.keys);
  const date = headers['x-amz-date']?.slice(0, 8);
  const scope = `${date}/${options.region}/${options.service}/aws4_request`;
  const names = Object.keys(headers).sort().join(';');
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  const rawHeaders = Object.entries({ ...headers, authorization }).flat();
  return verifySigV4({ method, target, rawHeaders, body: Buffer.from(body) }, options);
}

describe('the verifier', () => {
  it.each(vectors)('accepts $title', (vector) => {
    expect(verdictOf(vector)).toBe('valid');
  });

  it.each(vectors)('refuses another signature for $title', (vector) => {
    expect(verdictOf({ ...vector, signature: vector.signature.replace(/^./, '0').replace(/.$/, '0') })).toBe(
      'signature',
    );
  });
});
