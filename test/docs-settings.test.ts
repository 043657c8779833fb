import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type SettingRow, settingRows } from '../src/config-environment.ts';
import { settingsSchema } from '../src/config-schema.ts';

const file = join(import.meta.dirname, '../docs/settings.md');

/** `npx vitest run test/docs-settings.test.ts -u` writes the file anew. */
it('docs/settings.md has every setting as the schema has it', async () => {
  await expect(document()).toMatchFileSnapshot(file);
});

const introduction = `# Settings

\`a2a-gateway serve --config gateway.yaml\` reads a YAML file. Every setting is an environment variable too, which wins
over the file; a list is written there with commas or as JSON. An unknown, missing, wrong or contradictory setting stops
the start, with a line for each. \`a2a-gateway dev\` reads no file, and the same variables but for what it fixes: the public URL,
the agents' path, the issuers, the hosts it listens on, the rules on what may be called and what is for tests.
`;

const issuers = `## issuers

Each issuer of the list has these members, and needs \`audiences\` or \`clientIds\`.
`;

function document(): string {
  const rows = settingRows(settingsSchema);
  const groups = new Set(rows.map(groupOf));
  const tables = [...groups].map((group) => {
    const table = tableOf(rows.filter((row) => groupOf(row) === group));
    return group === '' ? table : `## ${group}\n\n${table}`;
  });
  const ofIssuer = settingRows(settingsSchema.shape.issuers.element);
  return [introduction, ...tables, issuers, tableOf(ofIssuer, false)].join('\n');
}

function groupOf({ path }: SettingRow): string {
  return path.length > 1 ? (path[0] ?? '') : '';
}

function tableOf(rows: readonly SettingRow[], hasVariables = true): string {
  const columns = ['Setting', ...(hasVariables ? ['Variable'] : []), 'Value', 'Default', 'Meaning'];
  const lines = rows.map((row) => [
    `\`${row.path.join('.')}\``,
    ...(hasVariables ? [`\`${row.variable}\``] : []),
    valuesOf(row),
    defaultOf(row),
    row.schema.description ?? '',
  ]);
  return [columns, columns.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

function valuesOf({ schema }: SettingRow): string {
  const { type = 'text', enum: choices, minimum, maximum } = schema;
  if (choices !== undefined) return choices.map((choice) => `\`${choice}\``).join(', ');
  if (type === 'integer' || type === 'number') return `${minimum} to ${maximum}`;
  const names: Record<string, string> = { string: 'text', boolean: '`true`, `false`', array: 'list' };
  return names[type] ?? type;
}

function defaultOf({ schema, required }: SettingRow): string {
  if (required) return 'required';
  return schema.default === undefined ? 'none' : `\`${JSON.stringify(schema.default)}\``;
}
