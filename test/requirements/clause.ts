/** How strongly a specification asks for something (RFC 2119). */
export type Level = 'MUST' | 'SHOULD' | 'MAY';

export const bindings = ['JSON-RPC', 'HTTP+JSON', 'gRPC'] as const;
export type Binding = (typeof bindings)[number];

export const versions = ['1.0', '0.3'] as const;
export type Version = (typeof versions)[number];

/** One of the ways to speak A2A. */
export type Cell = `${Binding} ${Version}`;

export const cells: readonly Cell[] = versions.flatMap((version) =>
  bindings.map((binding): Cell => `${binding} ${version}`),
);

/** A clause of a specification, as the gateway claims to keep it. */
export interface Clause {
  /** Of A2A, of 1.0 where no version is named, or of another specification. */
  section: string;
  level: Level;
  /** In our words. */
  says: string;
  /** In which it is claimed, each with each of `versions`. Absent: it is of no binding. */
  bindings?: readonly Binding[];
  /** Default: both, where there are bindings. */
  versions?: readonly Version[];
  /** Cells in which it is not claimed all the same, each with the reason. */
  except?: Readonly<Partial<Record<Cell, string>>>;
  /** Why it is not claimed at all: a reader looks for it and is told. */
  unclaimed?: string;
}

export type Clauses = Readonly<Record<string, Clause>>;

/** The cells in which a clause is claimed. */
export function claimedCells({
  bindings: of = [],
  versions: spoken = versions,
  except = {},
}: Clause): Cell[] {
  return cells.filter(
    (cell) => of.some((b) => spoken.some((v) => cell === `${b} ${v}`)) && !(cell in except),
  );
}

/** What holds for every binding in both versions. */
export const everywhere = { bindings, versions } as const;

/** What holds for every binding of 1.0. */
export const everywhereIn1 = { bindings, versions: ['1.0'] } as const;

/** What holds for the bindings over HTTP, in both versions. */
export const overHttp = { bindings: ['JSON-RPC', 'HTTP+JSON'], versions } as const;

/** What holds for the bindings over HTTP, in 1.0. */
export const overHttpIn1 = { bindings: ['JSON-RPC', 'HTTP+JSON'], versions: ['1.0'] } as const;

export const grpc = { bindings: ['gRPC'], versions } as const;
