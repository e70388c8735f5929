/** Applies a partial change to an emulator's settings; throws on a name or a type that does not exist. */
export function changeSettings(settings: object, changes: Readonly<Record<string, unknown>>): void {
  const target = settings as Record<string, unknown>;
  for (const [name, value] of Object.entries(changes)) {
    const current = target[name];
    if (current === undefined) throw new TypeError(`Could not change the settings: there is no ${name}`);
    if (typeof current !== typeof value || Array.isArray(current) !== Array.isArray(value)) {
      throw new TypeError(`Could not change the settings: ${name} is no ${typeof current}`);
    }
    target[name] = value;
  }
}
