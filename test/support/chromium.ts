/** The browser of the tests. */
export const chromiumPath = process.env['COINSLOT_CHROMIUM'] ?? '/usr/bin/chromium'

/** Command line options under which it runs without a screen and sends no background requests. */
export const quietChromium: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
