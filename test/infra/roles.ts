import type { Synthesis } from './synthesis.ts';

export interface Statement {
  Effect: string;
  Action: string | string[];
  Resource: unknown;
  Condition?: Record<string, Record<string, unknown>>;
}

export interface Role {
  id: string;
  statements: Statement[];
  managed: unknown;
}

/** Roles with all their statements. */
export function rolesOf({ all }: Synthesis): Role[] {
  const policies = Object.values(all('AWS::IAM::Policy')).map(({ Properties }) => Properties);
  return Object.entries(all('AWS::IAM::Role')).map(([id, { Properties }]) => ({
    id,
    statements: [
      ...policies.filter(({ Roles }) => Roles.some(({ Ref }: { Ref: string }) => Ref === id)),
      ...(Properties.Policies ?? []),
    ].flatMap(({ PolicyDocument }) => PolicyDocument.Statement as Statement[]),
    managed: Properties.ManagedPolicyArns,
  }));
}

export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}
