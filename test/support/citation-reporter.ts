import { relative } from 'node:path';
import type { Reporter, TestCase, Vitest, VitestPluginContext } from 'vitest/node';
import { type Cell, claimedCells } from '../requirements/clause.ts';
import { type RequirementId, requirementIds, requirementOf } from '../requirements.ts';
import { citationsInText } from './citations.ts';

const judged = new WeakSet<Vitest>();

/** Adds {@link citationReporter} to whatever reporters a run has, once, whichever of its projects has the plugin. */
export const citationPlugin = {
  name: 'citations',
  configureVitest({ vitest }: VitestPluginContext): void {
    if (!judged.has(vitest)) vitest.config.reporters.push(citationReporter(vitest));
    judged.add(vitest);
  },
};

/**
 * Fails a run whose tests say that they show a clause and then are skipped, or do not reach a cell it is claimed in.
 * Judges only clauses all of whose citing files were in the run, so that one file can be run by itself, and nothing
 * where tests were chosen by title.
 */
function citationReporter(vitest: Vitest): Reporter {
  return {
    async onTestRunEnd(modules, _errors, reason) {
      if (reason === 'interrupted' || vitest.config.testNamePattern !== undefined) return;
      const files = new Set(modules.map(({ moduleId }) => relative(vitest.config.root, moduleId)));
      const passed = modules.flatMap(({ children }) => [...children.allTests('passed')]);
      const isWhole = modules.length === (await vitest.globTestSpecifications()).length;
      const missing = clausesToShow(files, isWhole).flatMap((id) => missingOf(id, passed));
      if (missing.length === 0) return;
      vitest.logger.error(['Cited as shown, and not shown by a test that passed:', ...missing].join('\n  '));
      process.exitCode = 1;
    },
  };
}

function clausesToShow(run: ReadonlySet<string>, isWhole: boolean): RequirementId[] {
  const citations = citationsInText();
  // What is no test itself is run by some test that imports it.
  const wasRun = (file: string) => (file.endsWith('.test.ts') ? run.has(file) : isWhole);
  return requirementIds.filter((id) => {
    const citing = citations.filter(({ ids }) => ids.includes(id));
    return citing.length > 0 && citing.every(({ file }) => wasRun(file));
  });
}

function missingOf(id: RequirementId, passed: readonly TestCase[]): string[] {
  const shown = passed.map((test) => test.meta()[`shows ${id}`]).filter((cells) => cells !== undefined);
  if (shown.length === 0) return [id];
  const reached = new Set<Cell>(shown.flat());
  const unreached = claimedCells(requirementOf(id)).filter((cell) => !reached.has(cell));
  return unreached.map((cell) => `${id} in ${cell}`);
}
