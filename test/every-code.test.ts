import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FailureCode, failureCodes } from '../src/failure.ts';
import type { Scene } from './codes/ask.ts';
import { type Expected, expectLogged, expectNothingInside, expectTold } from './codes/check.ts';
import { provocations } from './codes/every-code.ts';
import { type Act, type Provocation, type Surface, surfaces } from './codes/provocation.ts';
import { commonScene } from './codes/scenes.ts';

/**
 * Every code of docs/errors.md, brought about in a gateway wherever a caller may meet it, and all that is then told: what
 * the document says, and nothing more.
 */

let common: Scene;

beforeAll(async () => {
  common = await commonScene();
});
afterAll(() => common.close());

/** As the table has it, without the types that differ from code to code. */
function provocationOf(code: FailureCode): Omit<Provocation<FailureCode>, 'evidence'> & Expected {
  return { ...provocations[code], code };
}

describe.each(failureCodes)('%s', (code) => {
  const { on, scene: start, ...expected } = provocationOf(code);
  const acts = surfaces.flatMap((surface): [Surface, Act][] => {
    const act = on[surface];
    return typeof act === 'string' ? [] : [[surface, act]];
  });
  let scene: Scene;

  beforeAll(async () => {
    scene = start === undefined ? common : await start();
  });
  afterAll(async () => {
    if (start !== undefined) await scene.close();
  });

  it.each(acts)('is told as documented: %s', async (surface, act) => {
    const from = scene.logged.length;
    const told = await act(scene, surface);
    if (told !== undefined) {
      expectTold(expected, told);
      expectNothingInside(scene, told);
    }
    await expectLogged(expected, scene, from);
  });

  it('is provoked wherever no reason says why it is not', () => {
    for (const surface of surfaces) {
      const reason = on[surface];
      if (typeof reason === 'string') expect(reason).toMatch(/^.{10,}$/);
    }
  });
});
