/** The seed of a run, printed so that a failure can be had again: `FUZZ_SEED=… npx vitest run -c vitest.long.config.ts`. */
export const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));

process.stdout.write(`FUZZ_SEED=${seed}\n`);
