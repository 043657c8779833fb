import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainText } from './plain-text.ts';

describe('plain text', () => {
  it.each([
    ['Invoice desk', 'Invoice desk'],
    ['Ärzte & Pfleger (EU) – 24/7, C#', 'Ärzte & Pfleger (EU) – 24/7, C#'],
    ['請求書の確認', '請求書の確認'],
    ['حجز رحلات', 'حجز رحلات'],
    ['हिन्दी सेवा', 'हिन्दी सेवा'],
    ['get_weather', 'get_weather'],
    ['Wow! Great', 'Wow! Great'],
    ['Data: clean and load', 'Data: clean and load'],
    ['👩‍🚀 Space', '👩 🚀 Space'],
  ])('keeps what people write: %j', (text, expected) => {
    expect(plainText(text, 80)).toBe(expected);
  });

  it.each([
    ['a\r\nb\u2028c\u2029d\u0085e\tf\vg', 'a b c d e f g'],
    ['\u001b[31mred\u001b[0m \u009b31m', '31mred 0m 31m'],
    ['\u202eevil\u202c \u2066x\u2069 \u200b\ufeff\u00ad', 'evil x'],
    ['\ud800x\udfff', 'x'],
    ['![x](https://evil.test/a.png?q=1)', 'x (https evil.test/a.png?q=1)'],
    ['[click](javascript:alert(1))', 'click (javascript alert(1))'],
    ['<img src=x onerror=alert(1)>', 'img src=x onerror=alert(1)'],
    ['＜script＞', 'script'],
    ['```\nrm -rf\n```', 'rm -rf'],
    ['**bold** ~~gone~~ | cell', 'bold gone cell'],
    ['www.evil.test WWW.evil.test', 'evil.test evil.test'],
    ['hTTps://evil.test', 'hTTps evil.test'],
    ['mailto:a@evil.test', 'mailto a@evil.test'],
    ['a\u0300\u0301\u0302\u0303\u0304\u0305b', 'à\u0301\u0302\u0303b'],
  ])('takes out what is more than text: %j', (text, expected) => {
    expect(plainText(text, 80)).toBe(expected);
  });

  it('is cut at whole characters', () => {
    expect(plainText('x'.repeat(80), 80)).toBe('x'.repeat(80));
    expect(plainText('x'.repeat(81), 80)).toBe(`${'x'.repeat(79)}…`);
    expect(plainText('😀'.repeat(100), 10)).toBe(`${'😀'.repeat(9)}…`);
  });

  it('is one line without markup of any text, and stays as it is the second time', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.integer({ min: 1, max: 80 }),
        (text, max) => {
          const plain = plainText(text, max);
          expect(plain).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}<>[\]{}`*|\\~^]/u);
          expect(plain).not.toMatch(/:\/\//);
          expect(Array.from(plain).length).toBeLessThanOrEqual(max);
          expect(plain).toBe(plain.trim());
          const whole = plainText(text, 10_000);
          expect(plainText(whole, 10_000)).toBe(whole);
        },
      ),
      { numRuns: 500 },
    );
  });
});
