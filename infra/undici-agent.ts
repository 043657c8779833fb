import errors from 'undici/lib/core/errors.js';
import Agent from 'undici/lib/dispatcher/agent.js';

/**
 * Stands in for undici in the bundles: what the gateway uses of it. Its index is CommonJS, which cannot be shaken, and half
 * of it is a `fetch`, caches, WebSockets and mocks.
 */
export { Agent, errors };
