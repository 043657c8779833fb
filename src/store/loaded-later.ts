/** Nothing but asynchronous methods, as ports of the store are. */
type Asynchronous<T> = { [Name in keyof T]: (...given: never[]) => Promise<unknown> };

/**
 * A port whose adapter is loaded when one of its methods is first called: who begins with a store seldom needs all of it.
 * What keeps it from being loaded fails that call, and is tried again by the next.
 */
export function loadedLater<T extends object & Asynchronous<T>>(load: () => Promise<T>): T {
  let loading: Promise<T> | undefined;
  const loaded = () => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
  const call =
    (name: keyof T) =>
    async (...given: never[]) => {
      const port = await loaded();
      return port[name](...given);
    };
  // Every member is a method that answers a promise, so each can be one that waits first.
  return new Proxy({} as T, { get: (_, name) => (name === 'then' ? undefined : call(name as keyof T)) });
}
