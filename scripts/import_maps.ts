/** The import maps of the functions: one content for all, with the versions of package.json. */
import { join } from 'node:path';

/** By path, as they should be. */
export async function importMaps(root: string): Promise<Readonly<Record<string, string>>> {
  const { dependencies } = JSON.parse(await Deno.readTextFile(join(root, 'package.json'))) as {
    dependencies: Record<string, string>;
  };
  const functions = join(root, 'supabase', 'functions');
  const paths = [...Deno.readDirSync(functions)]
    .filter(({ name, isDirectory }) => isDirectory && !name.startsWith('_'))
    .map(({ name }) => join(functions, name, 'deno.json')).sort();
  const map = JSON.parse(await Deno.readTextFile(paths[0]!)) as { imports: Record<string, string> };
  for (const name of Object.keys(map.imports)) {
    const [, whole, part = ''] = /^((?:@[^/]+\/)?[^/]+)(\/.+)?$/.exec(name)!;
    map.imports[name] = `npm:${whole}@${dependencies[whole!]}${part}`;
  }
  const text = `${JSON.stringify(map, null, 2)}\n`;
  return Object.fromEntries(paths.map((path) => [path, text]));
}
