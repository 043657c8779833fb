/**
 * Where chance begins. The same for every run, so that a run that fails says something of what was changed since the last;
 * `FUZZ_SEED=$RANDOM npm run test:long` looks elsewhere.
 */
export const seed = Number(process.env.FUZZ_SEED ?? 20_260_901);

process.stdout.write(`FUZZ_SEED=${seed}\n`);
