import * as z from 'zod';
import { type GivenAuth, partsOf } from './auth-config.ts';
import type { CredentialKind } from './credential.ts';
import { companionKinds, credentialKinds } from './kinds.ts';

/** How a secret is given: by itself, or by the name of where it is. */
export interface SecretsGiven {
  /** The member that stands for a secret of this name. */
  member(name: string): string;
  /** Its schema, made of the secret's own. */
  schema(secret: z.ZodType): z.ZodType;
}

const asThemselves: SecretsGiven = {
  member: (name) => name,
  schema: (secret) => secret.meta({ writeOnly: true }),
};

/** Credentials for a backend as a registration gives them: one shape a kind, made of the list of kinds. */
export function authSchema(given: SecretsGiven = asThemselves): z.ZodType<GivenAuth> {
  const companions = Object.fromEntries(
    Object.entries(companionKinds).map(([member, kind]) => [
      member,
      checked(z.strictObject({ ...kind.members, ...secretsShape(kind, given) }), kind, given)
        .optional()
        .describe(kind.summary),
    ]),
  );
  const shapes = credentialKinds.map((kind: CredentialKind) => {
    const shape = { type: z.literal(kind.type), ...kind.members, ...secretsShape(kind, given) };
    const others = Object.entries(companions).filter(
      ([member]) => companionKinds[member]?.type !== kind.type,
    );
    const whole = z.strictObject({ ...shape, ...Object.fromEntries(others) });
    return withDistinctHeaders(checked(whole, kind, given)).describe(kind.summary);
  });
  const [first, ...rest] = shapes;
  if (first === undefined) throw new TypeError('no kinds of credentials');
  // Each is an object with its own literal `type`, which the types of a list made at run time do not show.
  return z.discriminatedUnion('type', [first, ...rest] as [z.ZodObject<{ type: z.ZodLiteral<string> }>]);
}

function secretsShape({ secrets }: CredentialKind, given: SecretsGiven): z.ZodRawShape {
  const entries = Object.entries(secrets as Record<string, z.ZodType>);
  return Object.fromEntries(entries.map(([name, schema]) => [given.member(name), given.schema(schema)]));
}

/** With what a kind says of its members together. */
function checked<Schema extends z.ZodObject>(
  schema: Schema,
  kind: CredentialKind,
  given: SecretsGiven,
): Schema {
  return schema.check((context) => {
    const value = { ...context.value } as Record<string, unknown>;
    for (const name of Object.keys(kind.secrets)) value[name] = value[given.member(name)];
    const found = kind.problemWith?.(value);
    if (found === undefined) return;
    const { member, problem } = found;
    // What stands behind a name is judged by whoever reads it.
    const isNamed = member in kind.secrets && given.member(member) !== member;
    if (isNamed && value[member] !== undefined) return;
    const path = [member in kind.secrets ? given.member(member) : member];
    context.issues.push({ code: 'custom', input: context.value, path, message: problem });
  });
}

/** Of two parts that choose the same header one would not be presented: the companion is refused. */
function withDistinctHeaders<Schema extends z.ZodObject>(schema: Schema): Schema {
  return schema.check((context) => {
    const chosen = new Map<string, string>();
    // Its kind has just parsed it. Companions come first.
    for (const { prefix, kind, members } of partsOf(context.value as GivenAuth)) {
      const header = kind.headerOf?.(members)?.toLowerCase() ?? '';
      const companion = chosen.get(header)?.slice(0, -1);
      if (header !== '') chosen.set(header, prefix);
      if (companion === undefined) continue;
      const problem = { input: context.value, path: [companion], message: 'has the header of another' };
      context.issues.push({ code: 'custom', ...problem });
    }
  });
}
