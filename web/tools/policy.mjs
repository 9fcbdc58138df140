// The headers with which the site is served: the same here, in the local edge and in CloudFront (docs/adr/0036).

/** On every answer. */
export const always = { "x-content-type-options": "nosniff" };

/** On HTML beside those: the rest rules documents, and 600 bytes on each of fifteen assets are weight for nothing.
 * @param {string} uploads where files are put, beside our own origin */
export const ofDocuments = (uploads = "") => ({
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self'${uploads && ` ${uploads}`}`,
    "worker-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join("; "),
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "permissions-policy": "camera=(self), geolocation=(), microphone=()",
});
