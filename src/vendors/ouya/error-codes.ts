/** One of the server's error codes, with its status and its use. */
export interface ErrorCode {
  code: number
  status: number
  message: string
  summary: string
  /** Outcome of a refusal with this code. */
  outcome: string
}

/**
 * The server's error codes by the names of the vendor's javadoc. Only the statuses of 2001, 2005 and 2006 were recorded; 401 for 1000,
 * 404 for 2002 and 400 for all others are our choice, because the original client treats all statuses between 2xx and 5xx alike.
 * Messages are our choice except those of 2001, 2005 and 2006.
 */
export const errorCodes = {
  'invalid-token': entry(1000, 401, 'Invalid token', 'token missing or unknown', 'unauthenticated'),
  'required-parameter-not-provided': entry(1001, 400, 'Required parameter not provided', 'a parameter is missing or unreadable', 'invalid'),
  'invalid-authentication-data': entry(2001, 400, 'Invalid authentication data', 'wrong user name or password'),
  'invalid-developer-uuid': entry(2002, 404, 'Invalid developer UUID', 'unknown developer'),
  'invalid-product-id': entry(2003, 400, 'Invalid product id', 'product is not of that developer'),
  'payment-declined': entry(2004, 400, 'Payment declined', 'payment refused'),
  'invalid-app-uuid': entry(2005, 404, 'Unknown application', 'unknown package'),
  'field-validations-failed': entry(2006, 400, 'Validation errors occurred', 'a form does not validate; data says which fields'),
  'invalid-console-id': entry(2007, 400, 'Invalid console id', 'not a console id'),
  'console-already-registered': entry(2008, 400, 'Console already registered', 'sent by faults only'),
  'not-developer': entry(2009, 400, 'Not a developer', 'sent by faults only'),
  'email-not-confirmed': entry(2010, 400, 'E-mail not confirmed', 'sent by faults only'),
  'insufficient-credit': entry(2011, 400, 'Insufficient credit', 'wallet too low'),
  'invalid-category': entry(2012, 400, 'Invalid category', 'sent by faults only'),
  'credit-card-submission-failed': entry(2013, 400, 'Credit card submission failed', 'sent by faults only'),
  'no-payment-method': entry(2014, 400, 'No payment method', 'wallet too low and no card'),
  'duplicate-purchase': entry(2015, 400, 'Duplicate purchase', 'the uuid of the purchase was used before'),
  'purchase-already-in-progress': entry(2016, 400, 'Purchase already in progress', 'sent by faults only'),
  'credit-card-not-found': entry(2019, 400, 'Credit card not found', 'sent by faults only'),
  'no-credit-card': entry(2020, 400, 'No credit card', 'sent by faults only'),
  'credit-card-expired': entry(2021, 400, 'Credit card expired', 'sent by faults only'),
  'entitlement-already-purchased': entry(2023, 400, 'Entitlement already purchased', 'owned already'),
  'credit-card-needs-zip': entry(2025, 400, 'Credit card needs ZIP code', 'sent by faults only'),
  'credit-card-missing-or-expired': entry(2027, 400, 'Credit card missing or expired', 'sent by faults only'),
  'voucher-not-found': entry(2028, 400, 'Voucher not found', 'unknown or used voucher'),
  'wallet-switch': entry(2030, 400, 'Wallet switch', 'sent by faults only'),
  'voucher-mismatch': entry(2032, 400, 'Voucher mismatch', 'the voucher is for another product or game'),
  'launcher-out-of-date': entry(2039, 400, 'Launcher out of date', 'sent by faults only'),
  'mod-not-found': entry(2041, 400, 'Mod not found', 'sent by faults only'),
  'flag-already-submitted': entry(2045, 400, 'Flag already submitted', 'sent by faults only'),
  'server-retry': entry(2046, 400, 'Please retry', 'sent by faults only'),
  'new-keys-please': entry(9000, 400, 'New keys please', 'gamer key unknown, or it does not fit'),
}

export type ErrorName = keyof typeof errorCodes

/** Returns an error code by its name. */
export function errorCode(name: ErrorName): ErrorCode {
  const found = errorCodes[name]
  return { ...found, outcome: found.outcome ?? name }
}

function entry(code: number, status: number, message: string, summary: string, outcome?: string) {
  return { code, status, message, summary, outcome }
}
