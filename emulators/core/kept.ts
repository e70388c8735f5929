/** What of an emulator outlives a restart: what each part hands over, as a value that `structuredClone` takes. */
export interface Kept<Value> {
  kept(): Value;
  /** Only on a part that is new: what it has already stays, unless the value has it too. */
  recall(value: Value): void;
}

export function addAll<Key, Value>(to: Map<Key, Value>, from: ReadonlyMap<Key, Value>): void {
  for (const [key, value] of from) to.set(key, value);
}
