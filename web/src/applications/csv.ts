// A list as a CSV file that spreadsheets of Italian computers open: semicolons, a byte order mark, nothing that runs.

function cell(value: string): string {
  // A spreadsheet takes these for a formula; a name must never be one.
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[";\n\r]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** The text of the file. */
export function csv(rows: readonly (readonly string[])[]): string {
  return `\ufeff${rows.map((row) => row.map(cell).join(";")).join("\r\n")}\r\n`;
}
