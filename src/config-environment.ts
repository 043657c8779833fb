import * as z from 'zod';

export interface SettingRow {
  path: readonly string[];
  /** `A2A_GATEWAY_…` */
  variable: string;
  schema: JsonSchema;
  required: boolean;
}

interface JsonSchema {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: readonly unknown[];
  minimum?: number;
  maximum?: number;
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  required?: readonly string[];
}

const variablePrefix = 'A2A_GATEWAY_';

/** Every setting that has a value of its own, in the schema's order. */
export function settingRows(schema: z.ZodType): SettingRow[] {
  return rowsOf(z.toJSONSchema(schema, { io: 'input' }) as JsonSchema, []); // The part of JSON Schema that is read.
}

function rowsOf(schema: JsonSchema, path: readonly string[]): SettingRow[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
    const memberPath = [...path, name];
    if (member.properties !== undefined) return rowsOf(member, memberPath);
    const required = schema.required?.includes(name) ?? false;
    return [{ path: memberPath, variable: variableOf(memberPath), schema: member, required }];
  });
}

function variableOf(path: readonly string[]): string {
  return (
    variablePrefix +
    path.map((name) => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()).join('_')
  );
}

/**
 * Puts the environment's settings into `settings`; answers a line for each variable that is no setting.
 * `PORT` stands for the listening port, as platforms that run containers set it.
 */
export function applyEnvironment(
  settings: Record<string, unknown>,
  environment: Readonly<Record<string, string | undefined>>,
  schema: z.ZodType,
): string[] {
  const rows = new Map(settingRows(schema).map((row) => [row.variable, row]));
  const problems: string[] = [];
  const named = Object.entries({ [`${variablePrefix}LISTEN_PORT`]: environment.PORT, ...environment });
  for (const [name, text] of named) {
    if (!name.startsWith(variablePrefix) || text === undefined) continue;
    const row = rows.get(name);
    if (row === undefined) problems.push(`unknown setting: ${name}`);
    else setAt(settings, row.path, typedValue(text, row.schema));
  }
  return problems;
}

function setAt(settings: unknown, path: readonly string[], value: unknown): void {
  if (typeof settings !== 'object' || settings === null) return; // No group; the schema refuses it by name.
  const [name = '', ...rest] = path;
  const group = settings as Record<string, unknown>; // The schema judges what stands there.
  if (rest.length === 0) {
    group[name] = value;
    return;
  }
  group[name] ??= {};
  setAt(group[name], rest, value);
}

/** A variable's text as the setting's type; what does not fit is left for the schema to refuse. */
function typedValue(text: string, schema: JsonSchema): unknown {
  switch (schema.type) {
    case 'integer':
    case 'number':
      return text.trim() === '' ? text : Number(text);
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'array':
      return text.trimStart().startsWith('[') ? jsonOr(text) : listOf(text, schema.items ?? {});
    default:
      return text;
  }
}

/** Numbers where the list is of numbers; what is none is left for the schema to refuse. */
function listOf(text: string, items: JsonSchema): unknown[] {
  return text.split(',').map((item) => typedValue(item.trim(), items));
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
