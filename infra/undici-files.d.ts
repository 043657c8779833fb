/** Files of undici that its own types know by its index alone. */
declare module 'undici/lib/dispatcher/agent.js' {
  import { Agent } from 'undici';

  export = Agent;
}

declare module 'undici/lib/core/errors.js' {
  import { errors } from 'undici';

  export = errors;
}
