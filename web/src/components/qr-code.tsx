// A text as a QR code, drawn as one path so that no style is needed.

import { encode } from "uqr";

interface Props {
  text: string;
  label: string;
}

/** The code, with the quiet border that readers need. */
export function QrCode({ text, label }: Props) {
  const { data, size } = encode(text, { ecc: "L", border: 4 });
  const path = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : []))).join("");
  return (
    <svg viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shape-rendering="crispEdges">
      <path d={path} />
    </svg>
  );
}
