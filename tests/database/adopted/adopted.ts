/** A folder of migrations as a practice app with tables of its own has it: its own, the sync's without the host's, and its mapping. */
import { join } from 'node:path';
import { migrationFiles } from '../../../local/database.ts';

const MIGRATIONS = join(import.meta.dirname!, '..', '..', '..', 'supabase', 'migrations');

/** Names of the sync's own migrations: what is left when the host's are left out. */
export async function syncMigrations(): Promise<Array<{ version: string; name: string; path: string }>> {
  return (await migrationFiles(MIGRATIONS)).filter(({ name }) => !name.startsWith('host_'));
}

/** `mapping`: the file that adopts. The caller removes the folder. */
export async function adoptedProject(
  mapping = join(import.meta.dirname!, 'mapping.sql'),
): Promise<string> {
  const directory = await Deno.makeTempDir({ prefix: 'cassius-adopted-' });
  const migrations = join(directory, 'migrations');
  await Deno.mkdir(migrations);
  await Deno.copyFile(join(import.meta.dirname!, 'clinic.sql'), join(migrations, '20260101000000_clinic.sql'));
  for (const { version, name, path } of await syncMigrations()) {
    await Deno.copyFile(path, join(migrations, `${version}_${name}.sql`));
  }
  await Deno.copyFile(mapping, join(migrations, '20261121005500_adopt.sql'));
  return directory;
}
