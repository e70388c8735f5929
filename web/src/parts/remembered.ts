/** What this browser remembers between visits, beside the session. A browser that forbids storage simply remembers nothing. */

type Remembered = 'language' | 'organisation' | 'calendar.view';

export function readRemembered(name: Remembered): string | null {
  try {
    return localStorage.getItem(`cassius.${name}`);
  } catch {
    return null;
  }
}

export function remember(name: Remembered, value: string): void {
  try {
    localStorage.setItem(`cassius.${name}`, value);
  } catch {
    // Storage is full or forbidden: the choice holds for this page only.
  }
}
