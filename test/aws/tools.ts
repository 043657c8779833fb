import { describe } from 'vitest';
import { hasJava } from '../../aws-local/dynamodb-local.ts';
import { hasMoto } from '../../aws-local/moto.ts';

const probes = {
  java: { isThere: hasJava, name: 'java' },
  moto: { isThere: hasMoto, name: 'moto_server' },
} as const;

export type Tool = keyof typeof probes;

/**
 * A suite that needs tools of this machine. Without them it is skipped and says so on standard error; where
 * `A2A_GATEWAY_REQUIRE_AWS_TOOLS=1` is set it fails instead.
 */
export function describeWith(tools: readonly Tool[], title: string, suite: () => void): void {
  const missing = tools.map((tool) => probes[tool]).filter(({ isThere }) => !isThere());
  if (missing.length === 0) {
    describe(title, suite);
    return;
  }
  const reason = `needs ${missing.map(({ name }) => name).join(' and ')}, missing here`;
  if (process.env.A2A_GATEWAY_REQUIRE_AWS_TOOLS === '1') throw new Error(`${title}: ${reason}`);
  process.stderr.write(`SKIPPED: ${title}: ${reason}\n`);
  describe.skip(title, suite);
}
