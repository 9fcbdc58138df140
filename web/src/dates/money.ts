// Amounts of money: read from what people type, shown as «1.234,56 €». Amounts are whole cents.

/** «1.234,56 €» */
export function euro(cents: number): string {
  const sign = cents < 0 ? "-" : "";
  const digits = String(Math.abs(Math.trunc(cents))).padStart(3, "0");
  const whole = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ".");
  return `${sign}${whole},${digits.slice(-2)} €`;
}

/**
 * Cents of a typed amount; null where it is none. Comma and dot are both taken: the last of them, before one or two digits,
 * separates cents; dots or spaces before groups of three separate thousands.
 */
export function cents(typed: string): number | null {
  const text = typed.replace(/[\s\u00a0€]/g, "");
  const [, whole = "", fraction = ""] = /^([\d.,]*?)(?:[.,](\d{1,2}))?$/.exec(text) ?? [];
  if (!/^\d+$|^\d{1,3}([.,]\d{3})+$/.test(whole)) return null;
  const value = Number(whole.replace(/[.,]/g, "")) * 100 + Number(fraction.padEnd(2, "0"));
  return Number.isSafeInteger(value) ? value : null;
}
