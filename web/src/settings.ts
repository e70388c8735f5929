/** What this browser remembers between visits. A browser that forbids storage simply remembers nothing. */

type Setting = 'language' | 'organisation';

export function readSetting(name: Setting): string | null {
  try {
    return localStorage.getItem(`cassius.${name}`);
  } catch {
    return null;
  }
}

export function writeSetting(name: Setting, value: string): void {
  try {
    localStorage.setItem(`cassius.${name}`, value);
  } catch {
    // Storage is full or forbidden: the choice holds for this page only.
  }
}
