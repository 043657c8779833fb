/** A process that makes and changes agents like the one it is given until it is killed; a line for each that is done. */
import { writeSync } from 'node:fs';
import type { Agent } from '../../src/registry/agent.ts';
import { storeOn } from './tables.ts';

const [endpoint = '', tableName = '', given = ''] = process.argv.slice(2);
const { agents } = storeOn(endpoint, tableName);
const like = JSON.parse(given) as Agent; // As the test beside this file writes it.
for (let n = 0; ; n++) {
  // Every fifth has a document in parts.
  const agent = { ...like, agentId: `a${n}`, ...(n % 5 === 4 && { statusReason: 'ä'.repeat(400_000) }) };
  await agents.create(agent);
  await agents.replace({ ...agent, revision: 2, tags: ['kept', 'second'] }, 1);
  // One write call a line, so that a line is out before the next write begins.
  writeSync(1, `${agent.agentId}\n`);
}
