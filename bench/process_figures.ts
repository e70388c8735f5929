/** What Linux tells of a function's process in /proc. Null where the system does not tell. */

/** Kernel ticks a second, as /proc counts CPU on every Linux that matters. */
const TICKS = 100;

/** CPU of the main thread since the process began, which is what the platform's limit counts; milliseconds. */
export function mainThreadCpuMs(pid: number | undefined): number | null {
  try {
    const fields = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/stat`).split(') ')[1]!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 1000 / TICKS;
  } catch {
    return null;
  }
}

/** `VmRSS` (now) or `VmHWM` (the highest since `forgetPeak`); MB. */
export async function memoryMb(pid: number | undefined, field: 'VmRSS' | 'VmHWM'): Promise<number | null> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`).catch(() => '');
  const [, kilobytes] = new RegExp(`${field}:\\s+(\\d+) kB`).exec(status) ?? [];
  return kilobytes === undefined ? null : Number(kilobytes) / 1024;
}

export const forgetPeak = (pid: number | undefined) =>
  Deno.writeTextFile(`/proc/${pid}/clear_refs`, '5').catch(() => {});
