/** What a text says as JSON; null where it says nothing, which no shape accepts. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
