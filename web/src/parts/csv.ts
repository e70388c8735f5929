/** A table that spreadsheets open: UTF-8 with its mark, quoted where needed. */

import type { Language } from '../words/i18n.ts';

/**
 * A cell that begins like a formula would be run as one when the file is opened. Both separators are quoted: a program that
 * expects the other one would find the beginning of a cell after it.
 */
function cell(value: string): string {
  const safe = /^[=+\-@\t\r\n＝＋－＠]/.test(value) ? `'${value}` : value;
  return /[;,"\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** @param separator a semicolon where the comma parts decimals */
export function csvOf(rows: ReadonlyArray<readonly string[]>, separator: ';' | ','): string {
  return `\uFEFF${rows.map((row) => row.map(cell).join(separator)).join('\r\n')}\r\n`;
}

/** Hands the browser a file in the form that a spreadsheet in the reader's language opens. */
export function downloadCsv(name: string, rows: ReadonlyArray<readonly string[]>, language: Language): void {
  const text = csvOf(rows, language === 'fr' ? ';' : ',');
  const address = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser reads it after this turn.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
