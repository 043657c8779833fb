import { afterAll, afterEach } from 'vitest';
import { endFile, endTest } from './endings.ts';

/** Before each file of tests, also where a process runs many. */

afterEach(endTest);
afterAll(endFile);
