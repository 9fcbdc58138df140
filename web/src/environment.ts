// Which portal this is. Decided when the site is built, so that every page says it without JavaScript and without a request.

declare const __PORTAL_ENVIRONMENT__: string;
declare const __PORTAL_DOMAIN__: string;
declare const __PORTAL_HELP__: string;

/** `production` only where the build was told so; everything else is a test. */
export const isProduction = __PORTAL_ENVIRONMENT__ === "production";

/** Where the mailboxes of a test environment are: an address of the portal that leads on to them. */
export const MAILBOXES = "/posta";

/** The one address of the portal, as people should read it in their browser. */
export const domain = __PORTAL_DOMAIN__;

/** Where people write to until there is a help desk in the portal. */
export const helpAddress = __PORTAL_HELP__;
