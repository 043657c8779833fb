import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { synthesise } from '../infra/synthesis.ts';
import { variants } from '../infra/variants.ts';

/** Findings that are not followed, each with its reason. */
const acknowledged: Readonly<Record<string, string>> = {
  W3005: 'The CDK writes dependencies down that a reference implies already.',
};

const isThere = spawnSync('cfn-lint', ['--version']).status === 0;
const isRequired = process.env.A2A_GATEWAY_REQUIRE_AWS_TOOLS === '1';
if (!isThere && !isRequired) process.stderr.write('cfn-lint is not installed: templates are not linted\n');

interface Finding {
  Rule: { Id: string };
  Message: string;
  Location: { Path: unknown[] };
}

function lint(file: string): string[] {
  const { stdout, stderr, error } = spawnSync(
    'cfn-lint',
    ['--format', 'json', '--regions', 'eu-central-1', '--', file],
    {
      encoding: 'utf8',
    },
  );
  if (error !== undefined) throw error;
  if (stdout === '') throw new Error(`cfn-lint said nothing: ${stderr}`);
  const findings = JSON.parse(stdout) as Finding[];
  return findings
    .filter(({ Rule }) => acknowledged[Rule.Id] === undefined)
    .map(({ Rule, Message, Location }) => `${Rule.Id} ${Message} at ${Location.Path.join('/')}`);
}

describe.skipIf(!isThere && !isRequired)('cfn-lint', () => {
  it.each(Object.entries(variants))('finds nothing in %s', { timeout: 120_000 }, (_, given) => {
    expect(lint(synthesise(given).templateFile)).toEqual([]);
  });
});
