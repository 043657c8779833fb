import type { Failure, FailureCode } from '../../src/failure.ts';
import { type Cell, cells } from '../requirements/clause.ts';
import type { Scene, Told } from './ask.ts';

/** Where a caller may meet a failure: in each way to speak A2A, and on the gateway's own routes. */
export type Surface = Cell | 'own routes';
export const surfaces: readonly Surface[] = [...cells, 'own routes'];

/** Brings a failure about; undefined where nobody is left to be told of it. */
export type Act = (scene: Scene, surface: Surface) => Promise<Told | undefined>;

/** The evidence of a code, every member of it, as ErrorInfo metadata tells it; an asymmetric matcher is a text too. */
export type EvidenceOf<Code extends FailureCode> = {
  [Member in keyof MembersOf<Code>]: string;
};
type MembersOf<Code extends FailureCode> = Omit<Extract<Failure, { code: Code }>, 'code'>;

export interface Provocation<Code extends FailureCode> {
  evidence: EvidenceOf<Code>;
  /** Where the failure is met: how it is brought about there, or why it is not. */
  on: Readonly<Record<Surface, Act | string>>;
  /** Starts what the acts meet. Default: the scene most failures share. */
  scene?(): Promise<Scene>;
  /** The failure is known before the body is read, and with it the id of a JSON-RPC call. */
  isBeforeBody?: true;
}

/** What a part of the table says. */
export type Provocations<Code extends FailureCode> = { readonly [Each in Code]: Provocation<Each> };

type InCells = Readonly<Record<Cell, Act | string>>;
type CellAct = (scene: Scene, cell: Cell) => Promise<Told | undefined>;

/** In every way to speak A2A the same, but where a reason is given. */
export function everywhere(act: CellAct, but: Partial<Record<Cell, string>> = {}): InCells {
  const inCell =
    (cell: Cell): Act =>
    (scene) =>
      act(scene, cell);
  const entries = cells.map((cell) => [cell, but[cell] ?? inCell(cell)]);
  return Object.fromEntries(entries) as InCells; // Of all cells.
}

/** The same over HTTP in both bindings and versions. */
export function overHttp(act: CellAct, whyNotGrpc: string): InCells {
  return everywhere(act, { 'gRPC 1.0': whyNotGrpc, 'gRPC 0.3': whyNotGrpc });
}

/** In some cells, with one reason for the others. */
export function only(some: readonly Cell[], act: CellAct, whyNot: string): InCells {
  const others = cells.filter((cell) => !some.includes(cell)).map((cell) => [cell, whyNot]);
  return everywhere(act, Object.fromEntries(others));
}

/** In no call, for a reason. */
export function inNoCall(why: string): InCells {
  return everywhere(async () => undefined, Object.fromEntries(cells.map((cell) => [cell, why])));
}
