import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const root = new URL('../../../', import.meta.url);
const functions = readdirSync(new URL('supabase/functions/', root), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !entry.name.startsWith('_')).map(({ name }) => name);
const read = (path: string) => JSON.parse(readFileSync(new URL(path, root), 'utf8'));
const { dependencies } = read('package.json') as { dependencies: Record<string, string> };

describe('import maps', () => {
  // The map of the function that is deployed rules all that it imports, the shared code too.
  test.each(functions)('%s resolves the shared code as every other function does', (name) => {
    expect(read(`supabase/functions/${name}/deno.json`)).toEqual(read('supabase/functions/google-connect/deno.json'));
  });

  test('name exactly the versions that package.json names', () => {
    const { imports } = read('supabase/functions/google-connect/deno.json') as { imports: Record<string, string> };
    for (const [name, target] of Object.entries(imports)) {
      const [, whole, part = ''] = /^((?:@[^/]+\/)?[^/]+)(\/.+)?$/.exec(name)!;
      expect(target).toBe(`npm:${whole}@${dependencies[whole!]}${part}`);
    }
  });
});
