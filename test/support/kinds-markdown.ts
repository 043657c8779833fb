import * as z from 'zod';
import type { CredentialKind } from '../../src/backends/credential.ts';
import type { TargetKind } from '../../src/backends/target.ts';

/** The part of `docs/backends.md` that is made of the kinds. */
export function kindsMarkdown(kinds: {
  credentials: readonly CredentialKind[];
  companions: Readonly<Record<string, CredentialKind>>;
  targets: readonly TargetKind[];
}): string {
  const companions = Object.entries(kinds.companions).map(([member, kind]) => companionSection(member, kind));
  return [
    '## Kinds of credentials\n\n`authConfig` of a registration, by its `type`.\n',
    ...kinds.credentials.map((kind) => section(`\`${kind.type}\``, kind, { authConfig: kind.example })),
    '## Beside another credential\n\nMembers of any other `authConfig`.\n',
    ...companions,
    '## Kinds of backends\n\n`backend` of a registration, by its `type`. Default: `http`.\n',
    ...kinds.targets.map((kind) => section(`\`${kind.type}\``, kind, { backend: kind.example })),
  ].join('\n');
}

/** What the kind says of itself stands where it is chosen alone. */
function companionSection(member: string, { notes: _, ...kind }: CredentialKind): string {
  const { type: __, ...example } = kind.example;
  const summary = `As \`${kind.type}\`: ${kind.summary}`;
  return section(`\`${member}\``, { ...kind, summary }, { authConfig: { type: 'none', [member]: example } });
}

interface Described {
  summary: string;
  notes?: string;
  members: z.ZodRawShape;
  secrets?: z.ZodRawShape;
}

function section(title: string, kind: Described, example: object): string {
  const rows = [...rowsOf(kind.members, false), ...rowsOf(kind.secrets ?? {}, true)];
  const table = ['| Member | Value | Default | Meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
  return [
    `### ${title}\n`,
    `${kind.summary}\n`,
    ...(rows.length === 0 ? [] : [`${table}\n`]),
    `\`\`\`json\n${JSON.stringify(example, null, 2)}\n\`\`\`\n`,
    ...(kind.notes === undefined ? [] : [`${kind.notes}\n`]),
  ].join('\n');
}

function rowsOf(shape: z.ZodRawShape, isSecret: boolean): string[] {
  const schema = z.toJSONSchema(z.strictObject(shape), { io: 'input' });
  const required = new Set(schema.required);
  return Object.entries(schema.properties ?? {}).map(([name, given]) => {
    const property = given as JsonSchema; // Of a member of ours, which is never just true or false.
    const value = isSecret ? 'secret text' : valuesOf(property);
    const standard = required.has(name) ? 'required' : defaultOf(property);
    return `| \`${name}\` | ${value} | ${standard} | ${descriptionOf(property)} |`;
  });
}

type JsonSchema = Exclude<z.core.JSONSchema.BaseSchema, boolean>;

/** What its own members mean stands with the member. */
function descriptionOf({ description = '', items, properties }: JsonSchema): string {
  const inner = properties ?? (items as JsonSchema | undefined)?.properties ?? {};
  const parts = Object.entries(inner).map(([name, one]) => `\`${name}\`: ${(one as JsonSchema).description}`);
  return [description, ...parts].join(' ').replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function valuesOf({ type, enum: choices, items, minimum, maximum }: JsonSchema): string {
  if (choices !== undefined) return choices.map((choice) => `\`${choice}\``).join(', ');
  if (type === 'integer' && minimum !== undefined) return `${minimum} to ${maximum}`;
  if (type === 'array') return `list of ${valuesOf((items ?? {}) as JsonSchema)}`;
  const names: Record<string, string> = { string: 'text', boolean: '`true`, `false`', object: 'objects' };
  return names[String(type)] ?? String(type);
}

function defaultOf({ default: standard }: JsonSchema): string {
  return standard === undefined ? 'none' : `\`${JSON.stringify(standard)}\``;
}
