/** A list that counts how often its elements are read: how much work it makes, whatever the machine. */
export function counted<T>(elements: readonly T[]): { list: readonly T[]; reads: () => number } {
  let reads = 0;
  const list = new Proxy(elements, {
    get(target, key, receiver) {
      if (typeof key === "string" && /^\d+$/.test(key)) reads += 1;
      const value: unknown = Reflect.get(target, key, receiver);
      return value;
    },
  });
  return { list, reads: () => reads };
}
