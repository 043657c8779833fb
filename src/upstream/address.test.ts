import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressRefusal, nameRefusal, parseCidr } from './address.ts';

const refused = {
  'address:loopback': ['127.0.0.1', '127.255.255.254', '::1'],
  'address:private': [
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    'fc00::1',
    'fdff::1',
    'fec0::1',
  ],
  'address:link-local': ['169.254.0.1', '169.254.255.255', 'fe80::1', 'febf::1'],
  'address:shared': ['100.64.0.1', '100.127.255.255'],
  'address:unspecified': ['0.0.0.0', '0.1.2.3', '::'],
  'address:broadcast': ['255.255.255.255'],
  'address:multicast': ['224.0.0.1', '239.255.255.255', 'ff02::1', 'ff0e::1'],
  'address:metadata': [
    '169.254.169.254',
    '169.254.169.253',
    '169.254.170.2',
    '169.254.170.23',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    'fd00:ec2::254',
    'fd00:ec2::23',
    'fd20:ce::254',
  ],
  'address:embedded-ipv4': [
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:8.8.8.8',
    '::ffff:0:8.8.8.8',
    '::127.0.0.1',
    '::7f00:1',
    '::808:808',
    '64:ff9b::808:808',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::1',
    '2002:7f00:1::',
    '2002:808:808::1',
    '2001::1',
    '2001:0:4136:e378:8000:63bf:3fff:fdd2',
    '2606:4700::5efe:a00:1',
    '2606:4700::200:5efe:a00:1',
  ],
  'address:reserved': [
    '192.0.0.1',
    '192.0.2.1',
    '192.88.99.1',
    '198.18.0.1',
    '198.19.255.255',
    '198.51.100.1',
    '203.0.113.1',
    '240.0.0.1',
    '254.255.255.255',
    '100::1',
    '2001:2::1',
    '2001:10::1',
    '2001:20::1',
    '2001:db8::1',
    '3fff::1',
    '5f00::1',
    '1000::1',
    '4000::1',
    'fe00::1',
  ],
  'address:malformed': [
    '',
    'localhost',
    '127.1',
    '0177.0.0.1',
    '0x7f.0.0.1',
    '2130706433',
    ' 8.8.8.8',
    '8.8.8.8.',
    '[2606:4700::1]',
    'fe80::1%eth0',
    '2606:4700::1%1',
  ],
};

describe('addressRefusal', () => {
  for (const [rule, addresses] of Object.entries(refused)) {
    it.each(addresses)(`answers ${rule} to %s`, (address) => {
      expect(addressRefusal(address)).toBe(rule);
    });
  }

  it.each([
    '8.8.8.8',
    '1.1.1.1',
    '100.63.255.255',
    '100.128.0.1',
    '172.32.0.1',
    '198.20.0.1',
    '223.255.255.254',
  ])('lets the public address %s pass', (address) => expect(addressRefusal(address)).toBeUndefined());

  it.each(['2606:4700::1', '2a00:1450::1', '2001:4860::8888', '2600:1f18::1'])(
    'lets the public address %s pass',
    (address) => expect(addressRefusal(address)).toBeUndefined(),
  );

  it('refuses every IPv6 address outside 2000::/3', () => {
    const outside = fc.ipV6().filter((address) => !/^[23][0-9a-f]{3}:/i.test(address));
    fc.assert(fc.property(outside, (address) => addressRefusal(address) !== undefined));
  });

  it('answers to any text at all', () => {
    const text = fc.oneof(fc.string(), fc.ipV4(), fc.ipV4Extended(), fc.ipV6());
    fc.assert(fc.property(text, (address) => /^address:/.test(addressRefusal(address) ?? 'address:')));
  });
});

describe('an allowed network', () => {
  const refusal = (address: string, ...allowed: string[]) => addressRefusal(address, allowed.map(parseCidr));

  it('lifts the refusal of its addresses and of no others', () => {
    expect(refusal('127.0.0.1', '127.0.0.0/8', '::1/128')).toBeUndefined();
    expect(refusal('::1', '127.0.0.0/8', '::1/128')).toBeUndefined();
    expect(refusal('10.1.2.3', '10.1.0.0/16')).toBeUndefined();
    expect(refusal('10.2.2.3', '10.1.0.0/16')).toBe('address:private');
  });

  it.each([
    ['169.254.169.254', '169.254.0.0/16', '169.254.169.254/32'],
    ['100.100.100.200', '100.64.0.0/10', '100.100.100.200/32'],
    ['168.63.129.16', '0.0.0.0/0', '168.63.129.16/32'],
    ['fd00:ec2::254', 'fd00::/8', 'fd00:ec2::254/128'],
  ])('lifts metadata address %s not by %s, only by %s', (address, wide, single) => {
    expect(refusal(address, wide)).toBe('address:metadata');
    expect(refusal(address, single)).toBeUndefined();
  });

  it('never lifts an address with an IPv4 address inside', () => {
    expect(refusal('::ffff:127.0.0.1', '127.0.0.0/8', '::/0')).toBe('address:embedded-ipv4');
    expect(refusal('64:ff9b::7f00:1', '127.0.0.0/8', '::/0')).toBe('address:embedded-ipv4');
  });

  it('never refuses what was allowed before', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.ipV4(), fc.nat(32), (address, network, bits) => {
        const before = addressRefusal(address);
        const after = refusal(address, `${network}/${bits}`);
        return after === undefined || after === before;
      }),
    );
  });

  it.each(['10/8', '10.0.0.0', '10.0.0.0/33', '::1/129', 'fe80::%1/10', 'all', '', '012.0.0.0/8'])(
    'cannot be written as "%s"',
    (text) => expect(() => parseCidr(text)).toThrow(TypeError),
  );
});

describe('nameRefusal', () => {
  it.each(['agent.example', 'localhost.example', 'mylocalhost', 'a'])('lets %s pass', (name) => {
    expect(nameRefusal(name)).toBeUndefined();
  });

  it.each(['localhost', 'a.localhost', 'a.b.localhost'])('takes %s for loopback', (name) => {
    expect(nameRefusal(name)).toBe('address:loopback');
    expect(nameRefusal(name, [parseCidr('127.0.0.0/8')])).toBeUndefined();
  });

  it.each(['', 'localhost.', '127.0.0.1.', '.example', 'a..example'])('takes %j for no name', (name) => {
    expect(nameRefusal(name)).toBe('address:malformed');
  });
});
